"""Builds what the tests need, once at a time: several pytest workers may ask for the same."""
import fcntl
import functools
import subprocess

import pytest
from autograder.machine import KIT

from catalogue import MODULE, SANITIZED, Program


@functools.cache
def make(*arguments) -> str:
    """Runs `make`; returns what it said if it failed, else nothing."""
    (KIT / "build").mkdir(exist_ok=True)
    with open(KIT / "build/.lock-tests", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ran = subprocess.run(
            ["make", "-s", *arguments], cwd=KIT, capture_output=True, text=True, timeout=900
        )
    return "" if ran.returncode == 0 else f"make {' '.join(arguments)}: {ran.stdout}{ran.stderr}"


def build(program: Program) -> str:
    """Builds what `program` consists of. Returns why it could not be built, or nothing."""
    if program.needs_module:
        return module()
    return compiled() if program.language == "cpp" else ""


def compiled() -> str:
    """The C++ servers, all of them."""
    flavour = ("SANITIZE=1",) if SANITIZED else ()
    return make("-C", "support/async/cpp", *flavour)


def module() -> str:
    """The Python module, in the flavour that is tested."""
    flavour = ("SANITIZE=1",) if SANITIZED else ()
    failure = make("bindings", *flavour)
    if not failure and not list(MODULE.glob("asynclab/*_servers*.so")):
        failure = f"`make bindings` left no asynclab/_servers in {MODULE.relative_to(KIT)}"
    return failure


def ready(program: Program) -> Program:
    """Skips the test if this machine cannot run `program`; fails it if it cannot be built."""
    if reason := program.missing():
        pytest.skip(reason)
    if failure := build(program):
        pytest.fail(failure, pytrace=False)
    return program
