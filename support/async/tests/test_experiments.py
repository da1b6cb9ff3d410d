"""The experiments of the handouts: each prints its table, and its facts hold. No time is judged."""
import json
import pathlib
import subprocess

import pytest
from autograder.machine import KIT

from building import make

PROGRAMS = KIT / "build/experiments"
NAMES = sorted(path.stem for path in (KIT / "support/async/experiments").glob("*.cpp"))
LIMIT = 300  # seconds of wall time, far beyond what one takes on a busy machine


def run(*command) -> subprocess.CompletedProcess:
    return subprocess.run(command, cwd=KIT, capture_output=True, text=True, timeout=LIMIT)


def built(name) -> pathlib.Path:
    failure = make(f"build/experiments/{name}")
    assert not failure, failure
    return PROGRAMS / name


@pytest.fixture
def measured(tmp_path):
    """Runs an experiment; gives its rows by name, in order, and its notes."""

    def measure(name):
        file = tmp_path / "measured.json"
        ran = run(built(name), "--json", file)
        assert (ran.returncode, ran.stderr) == (0, "")
        result = json.loads(file.read_text())
        lines = ran.stdout.splitlines()
        assert len(lines) == 1 + len(result["rows"]) + len(result["notes"])
        for line, row in zip(lines[1:], result["rows"]):
            assert line.startswith(row["name"]) and len(row) > 3
        return result["rows"], result["notes"]

    return measure


@pytest.mark.parametrize("name", NAMES)
def test_wrong_usage(name):
    program = built(name)
    for words in (["--json"], ["--nonsense"], ["--json", "a", "b"]):
        ran = run(program, *words)
        said = f"usage: {program} [--json FILE]\n"
        assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", said)


def test_a_full_disk_is_told():
    ran = run(built("backlog"), "--json", "/dev/full")
    assert (ran.returncode, ran.stderr) == (1, "error: /dev/full cannot be written\n")


def test_make_runs_an_experiment_by_its_name(tmp_path):
    file = tmp_path / "measured.json"
    ran = run("make", "--no-print-directory", "experiment", "NAME=backlog", f"ARGS=--json {file}")
    assert ran.returncode == 0 and ran.stdout.startswith("listen()"), ran
    assert json.loads(file.read_text())["rows"]
    ran = run("make", "experiment", "NAME=nonsense")
    assert ran.returncode != 0 and "herd" in ran.stderr, ran


def test_a_file_that_cannot_be_written_is_an_error(tmp_path):
    ran = run(built("backlog"), "--json", tmp_path / "missing" / "file")
    assert ran.returncode == 1 and "cannot be written" in ran.stderr


def test_thread_memory(measured):
    """The stacks are address space, and hardly any of it is memory."""
    rows, notes = measured("thread_memory")
    assert len(rows) == 6
    for row in rows:
        threads, stacks = int(row["name"]), int(row["name"]) * row["stack KiB"] / 1024
        assert row["VmSize MiB"] > stacks
        assert row["VmRSS MiB"] < row["VmSize MiB"]
        assert threads in (1, 1000, 5000) or notes
    assert {row["stack KiB"] for row in rows[3:]} == {64}
    assert rows[1]["VmRSS MiB"] > rows[0]["VmRSS MiB"]


def test_creation(measured):
    """Every median is there; page tables grow by an entry of 8 bytes for a page of 4 KiB at least."""
    rows, notes = measured("creation")
    assert len(rows) + len(notes) == 3
    for row in rows:
        assert row["fork + wait us"] > 0 and row["thread create + join us"] > 0
    for row in rows[1:2]:
        assert row["VmPTE KiB"] - rows[0]["VmPTE KiB"] >= 2048 * 0.9
    for note in notes:
        assert "left out" in note


def test_herd(measured):
    """Every client is accepted, once; whom an event wakes is a matter of how one waits."""
    rows, _ = measured("herd")
    way = {row["name"]: row for row in rows}
    assert [row["accepted"] for row in rows] == [300] * 5
    for name in ("accept()", "SO_REUSEPORT"):
        assert way[name]["in vain/client"] == 0
    for row in rows:
        assert row["returns/client"] >= 1 and row["switches/client"] >= 0.9
        assert 100 / 8 <= row["busiest, %"] + 0.5 and row["busiest, %"] <= 100
    assert way["epoll_wait()"]["switches/client"] > 2 * way["EPOLLEXCLUSIVE"]["switches/client"]


def test_backlog(measured):
    """listen(backlog) admits one more than the backlog, or than net.core.somaxconn."""
    rows, _ = measured("backlog")
    somaxconn = int(pathlib.Path("/proc/sys/net/core/somaxconn").read_text())
    assert [row["name"] for row in rows] == ["0", "1", "5", "10", "128"]
    for row in rows:
        limit = min(int(row["name"]), somaxconn)
        assert row["limit (Send-Q)"] == limit
        assert row["connected"] == row["waiting (Recv-Q)"] == limit + 1
        assert row["the next one, ms"] > 0
