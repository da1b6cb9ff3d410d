"""The given code of support/async: its GoogleTest suites are compiled with sanitizers and run."""
import subprocess

import pytest
from autograder import machine
from autograder.machine import KIT

SUITES = sorted((KIT / "support/async/tests").glob("*.cpp"))


@pytest.mark.parametrize("suite", SUITES, ids=lambda path: path.stem)
def test_suite(suite):
    if "uring" in suite.read_text() and (machine.liburing() < (2, 3) or machine.io_uring()):
        pytest.skip(machine.io_uring() or "liburing 2.3 or later is needed")
    subprocess.run(
        [
            "make",
            "-s",
            "compile",
            f"SOURCE={suite.parent}",
            f"OUT={KIT}/build/support",
            "LAB_NAME=tests",
            f"WANTED={KIT}/build/support/gtest/tests/{suite.stem}",
        ],
        cwd=KIT,
        check=True,
    )
    made = KIT / "build/support/gtest/tests" / suite.stem
    ran = subprocess.run(
        [str(made), "--gtest_color=no"], capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
