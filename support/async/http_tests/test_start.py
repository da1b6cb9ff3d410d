"""A server may be told to go as soon as it has said that it listens."""
import os

import pytest

from autograder.machine import KIT
from building import make
from serving import FLAVOUR

LIMIT = 50  # seconds


@pytest.mark.parametrize(
    "program", ["06-state-machine/http_server", "07-regular-files/file_server"]
)
@pytest.mark.parametrize("number", ["SIGTERM", "SIGINT"])
def test_a_signal_the_moment_it_listens_ends_it_politely(run, root, program, number):
    """strace sends the signal within the write() of the line, before that call returns."""
    if failure := make("build", "FROM=solutions", f"LAB={program[:2]}"):
        pytest.fail(failure, pytrace=False)
    server = KIT / f"build/solutions/{FLAVOUR}" / program
    inject = ["-e", "trace=write", "-e", f"inject=write:signal={number}:when=1"]
    leaks = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}  # which needs ptrace() for itself
    words = ["strace", "-o", "/dev/null", *inject, server, "0", "--root", root]
    ended = run(*words, limit=LIMIT, env=leaks)
    assert ended.stdout.startswith("listening on") and ended.returncode == 0, ended
