"""A server may be told to go as soon as it has said that it listens."""
import os

import pytest

from serving import FILE_SERVER, PROGRAM


@pytest.mark.parametrize("program", [PROGRAM, FILE_SERVER], ids=lambda program: program.name)
@pytest.mark.parametrize("number", ["SIGTERM", "SIGINT"])
def test_a_signal_the_moment_it_listens_ends_it_politely(built, run, tmp_path, program, number):
    """strace sends the signal within the write() of the line, before that call returns."""
    said = tmp_path / "said"
    inject = ["-P", said, "-e", "trace=write", "-e", f"inject=write:signal={number}:when=1"]
    words = ["strace", "-o", "/dev/null", *inject, program, "0", "--root", tmp_path]
    leaks = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}  # which needs ptrace() for itself
    with said.open("wb") as out:
        ended = run(*words, env=leaks, capture_output=False, stdout=out)
    assert said.read_text().startswith("listening on") and ended.returncode == 0, ended
