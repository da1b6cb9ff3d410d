"""The peers of peers.toml, built and started as the bench does it: from the kit's root."""
import contextlib
import os
import pathlib
import shlex
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass

import pytest
from autograder.labs import tomllib
from autograder.port import Port

PEERS = pathlib.Path(__file__).resolve().parents[1]
KIT = PEERS.parents[3]
ENTRIES = tomllib.loads((PEERS / "peers.toml").read_text())["peer"]
PATIENCE = 20  # seconds


def of_kind(kind: str):
    """For pytest.mark.parametrize: the entries of peers.toml of that kind."""
    return [pytest.param(entry, id=entry["name"]) for entry in ENTRIES if entry["kind"] == kind]


@dataclass
class Running:
    process: subprocess.Popen
    port: int

    def connect(self) -> socket.socket:
        client = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return client


def lacking(entry: dict) -> list[str]:
    """Its packages that are not here."""
    asked = ["dpkg-query", "-W", "-f", "${Status}"]
    say = lambda package: subprocess.run([*asked, package], capture_output=True, text=True).stdout
    return [package for package in entry["packages"] if "ok installed" not in say(package)]


@contextlib.contextmanager
def running(entry: dict, root=""):
    """Skips the test when its packages are not here."""
    if packages := lacking(entry):
        pytest.skip("not here: apt-get install " + " ".join(packages))
    if target := entry.get("build"):
        subprocess.run(["make", "-s", target], cwd=KIT, check=True)
    claim = Port(Open)
    values = {"{port}": str(claim.number), "{root}": str(root)}
    command = [values.get(word, word) for word in shlex.split(entry["command"])]
    process = subprocess.Popen(command, cwd=KIT, start_new_session=True)
    try:
        peer = Running(process, claim.number)
        until_it_listens(peer)
        yield peer
        assert process.poll() is None, f"it ended by itself, with {process.returncode}"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for left in (KIT / "build/bench/peers/run").glob(f"*-{claim.number}"):
            shutil.rmtree(left)
        claim.release()


class Open:
    """No network of its own: Port then finds a free port."""

    network = False


def until_it_listens(peer: Running):
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return peer.connect().close()
        except ConnectionRefusedError:
            assert peer.process.poll() is None, "it ended before it listened"
            assert time.monotonic() < deadline, "it does not listen"
            time.sleep(0.005)
