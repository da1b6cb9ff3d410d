"""Shared by the tests of the load generator: the generator, built, and echo servers of this process."""
import fcntl
import json
import pathlib
import subprocess
import sys

import pytest

KIT = pathlib.Path(__file__).resolve().parents[4]
LOAD = KIT / "build/load/load"
sys.path[:0] = [str(pathlib.Path(__file__).parent)]

from echo_servers import Server  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def built():
    (KIT / "build").mkdir(exist_ok=True)
    with open(KIT / "build/.lock-tests", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ran = subprocess.run(["make", "-s", "load"], cwd=KIT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr


class Ran:
    """One run of the generator: its exit status, its events, its result, what it complained about."""

    def __init__(self, *arguments):
        words = [str(LOAD), *map(str, arguments)]
        ran = subprocess.run(words, capture_output=True, text=True, timeout=120)
        self.status, self.output, self.complaint = ran.returncode, ran.stdout, ran.stderr
        lines = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
        self.events = {line["event"]: line for line in lines}
        self.result = self.events.get("result")


@pytest.fixture
def load():
    """Runs the generator with these arguments."""
    return Ran


@pytest.fixture
def serve():
    """Starts a server that treats each piece it receives as `echo(piece, connection)` says."""
    started = []

    def start(*arguments, **options) -> Server:
        started.append(Server(*arguments, **options))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture(params=["epoll", "uring"])
def engine(request, serve, load):
    """Each engine that this machine has."""
    if request.param == "uring":
        tried = load("--port", serve().port, "--messages", 1, "--engine", "uring")
        if tried.result is None:
            pytest.skip(tried.complaint.strip())
    return request.param
