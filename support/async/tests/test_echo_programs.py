"""The echo servers in Python, one for each way of waiting, and the client that shows the difference."""
import contextlib
import os
import subprocess
import threading

import pytest
from autograder.box import Box
from autograder.isolation import LEVELS

from catalogue import PYTHON, SANITIZED, SCRIPTS
from peer import LIMIT, Peer
from running import sockets, wait_until

pytestmark = pytest.mark.skipif(SANITIZED, reason="no native code of the kit is in them")
BLOCKING = "echo_blocking.py"
SIDE_BY_SIDE = ("echo_threads.py", "echo_select.py", "echo_asyncio.py")
ECHOES = (BLOCKING, *SIDE_BY_SIDE)


@contextlib.contextmanager
def echo(name):
    """A running echo server; gives its port, which it tells in its first line."""
    with Box([PYTHON, str(SCRIPTS / name), "0"], chosen=LEVELS[-1]) as box:
        told = box.stdout
        with told.changed:
            told.changed.wait_for(lambda: told.closed or b"\n" in told.text, LIMIT)
        assert "listening on 127.0.0.1:" in str(told), str(box.stderr)
        yield int(str(told).rsplit(":", 1)[1])
        assert not box.exited() and "Traceback" not in str(box.stderr), str(box.stderr)


def exchange(port, data: bytes) -> bytes:
    """Sends all, and reads at the same time; what came back."""
    with Peer(port) as client:
        sender = threading.Thread(target=lambda: (client.send(data), client.half_close()))
        sender.start()
        try:
            return client.read_to_end()
        finally:
            sender.join(LIMIT)


def message_client(port, **options):
    words = [str(SCRIPTS / "message_client.py"), str(port), "--interval", "0.01", "--count", "3"]
    return subprocess.Popen(
        [PYTHON, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


@pytest.mark.parametrize("name", ECHOES)
def test_every_byte_comes_back(name):
    data = os.urandom(1_000_000)
    with echo(name) as port:
        assert exchange(port, data) == data
        Peer(port).reset()
        client = Peer(port)
        client.send(b"x" * 1000)
        client.reset()
        assert exchange(port, b"\0\xff\n") == b"\0\xff\n"


@pytest.mark.parametrize("name", SIDE_BY_SIDE)
def test_the_second_client_is_served_beside_the_first(name):
    with echo(name) as port, Peer(port) as first, Peer(port) as second:
        for client in (second, first, second):
            client.send(b"hello")
            assert client.socket.recv(100) == b"hello"
        assert not first.readable()


def test_the_second_client_of_the_blocking_server_waits_for_the_first():
    """It is shown by message_client.py: nothing, and then all in one lump."""
    with echo(BLOCKING) as port, Peer(port) as first:
        first.send(b"first")
        assert first.socket.recv(100) == b"first"
        with message_client(port) as second:
            assert wait_until(lambda: any(s.unread >= 15 for s in sockets(port)))
            first.send(b"again")
            assert first.socket.recv(100) == b"again"
            first.half_close()
            output, errors = second.communicate(timeout=LIMIT)
    assert second.returncode == 0 and errors == ""
    assert [line.split("s  ")[1] for line in output.splitlines()] == ["hello" * 3]


@pytest.mark.parametrize("name", ECHOES)
def test_the_message_client_shows_all_that_comes_back(name):
    with echo(name) as port, message_client(port) as client:
        output, errors = client.communicate(timeout=LIMIT)
    assert client.returncode == 0 and errors == ""
    assert "".join(line.split("s  ")[1] for line in output.splitlines()) == "hello" * 3


def test_the_message_client_says_what_went_wrong():
    with echo(BLOCKING) as port:
        pass
    with message_client(port) as client:
        output, errors = client.communicate(timeout=LIMIT)
    assert (client.returncode, output) == (1, "")
    assert "Connection refused" in errors and "Traceback" not in errors


@pytest.mark.parametrize("name", ECHOES)
def test_wrong_usage_and_a_port_in_use(name):
    def run(*words):
        command = [PYTHON, str(SCRIPTS / name), *map(str, words)]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
        return ran.returncode, ran.stdout, ran.stderr

    with echo(name) as port:
        said = f"error: bind: Address already in use (port {port})\n"
        assert run(port) == (1, "", said)
    assert run("x") == (2, "", f"usage: {name} [PORT]\n")
