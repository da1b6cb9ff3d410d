"""Shared by the kit's tests. The package lies one folder up; nothing here sleeps or uses a fixed
port."""
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from autograder.machine import KIT, raise_descriptor_limit  # noqa: E402

raise_descriptor_limit()


@pytest.fixture
def lab_command():
    """Runs grader/lab as a user would; returns the finished process."""

    def run(*arguments, **options):
        return subprocess.run(
            [str(KIT / "grader/lab"), *arguments],
            capture_output=True,
            text=True,
            timeout=240,
            cwd=options.pop("cwd", KIT),
            **options
        )

    return run
