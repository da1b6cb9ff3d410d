"""Makes the package and what it stands on importable; and what several tests make up."""
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from places import BENCH, KIT  # noqa: E402

sys.path[:0] = [str(BENCH), str(BENCH.parent / "compare"), str(KIT / "grader")]

from benchmark.arena import Arena  # noqa: E402
from comparison.process import become_subreaper  # noqa: E402


@pytest.fixture(scope="session")
def arena():
    """In the open: the test's own process must stay in the network that it is in."""
    become_subreaper()
    return Arena(namespaces=False)
