"""Makes the package and what it stands on importable; and what several tests make up."""
import pathlib
import sys

import pytest

BENCH = pathlib.Path(__file__).resolve().parents[1]
KIT = BENCH.parents[2]
sys.path[:0] = [str(BENCH), str(BENCH.parent / "compare"), str(KIT / "grader")]

from benchmark.arena import Arena  # noqa: E402
from comparison.process import become_subreaper  # noqa: E402


@pytest.fixture(scope="session")
def arena():
    """In the open: the test's own process must stay in the network that it is in."""
    become_subreaper()
    return Arena(namespaces=False)
