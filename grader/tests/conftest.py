"""Shared by the kit's tests. The package lies one folder up; nothing here sleeps or uses a fixed
port."""
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from autograder.machine import KIT, raise_descriptor_limit  # noqa: E402

raise_descriptor_limit()


LONG = {"test_references", "test_mutants", "test_right", "test_class_batch", "test_hostile"}


def pytest_collection_modifyitems(items):
    """Spreads the long tests among the short ones: pytest-xdist hands out a sixteenth at a time, and
    whoever got all the long ones would keep the others waiting."""
    long = [item for item in items if item.path.stem in LONG]
    short = [item for item in items if item.path.stem not in LONG]
    if long:
        part = -(-len(short) // len(long))
        items[:] = []
        for at, item in enumerate(long):
            items += [item, *short[at * part : (at + 1) * part]]
        items += short[len(long) * part :]


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
