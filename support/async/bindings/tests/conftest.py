"""The module under test: what ASYNCLAB_PYTHONPATH names, else it is built here by `make bindings`.

Tests wait for events, never for time to pass; every port is the kernel's choice.
"""
import os
import pathlib
import subprocess
import sys

import pytest

from clients import PATIENCE

from autograder.machine import KIT


@pytest.fixture(scope="session")
def pythonpath() -> str:
    """The directory in which the package asynclab lies."""
    if given := os.environ.get("ASYNCLAB_PYTHONPATH"):
        return str(KIT / given)
    subprocess.run(["make", "bindings"], cwd=KIT, check=True, stdout=subprocess.DEVNULL)
    return str(KIT / "build/solutions/python")


@pytest.fixture(scope="session")
def asynclab(pythonpath):
    sys.path.insert(0, pythonpath)
    import asynclab

    return asynclab


@pytest.fixture
def run(pythonpath):
    """Runs a program that uses the module in an interpreter of its own; returns it, ended."""

    def run_program(text, *arguments, **options):
        return subprocess.run(
            [sys.executable, "-c", text, *arguments],
            env=os.environ | {"PYTHONPATH": pythonpath},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            **options,
        )

    return run_program
