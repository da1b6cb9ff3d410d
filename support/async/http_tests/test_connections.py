"""Bare sockets: pipelining, half-close, readers that are slow but honest, a server that is told to go."""
import os
import signal
import time

import pytest

from serving import read_to_end

REQUEST = b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n"
LAST = b"GET /%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def bodies(replies: bytes) -> list[bytes]:
    """The bodies of replies that all tell their length."""
    found = []
    while replies:
        head, _, rest = replies.partition(b"\r\n\r\n")
        size = int(head.lower().partition(b"content-length: ")[2].split()[0])
        found.append(rest[:size])
        replies = rest[size:]
    return found


@pytest.mark.parametrize("end", ["close", "half-close"])
@pytest.mark.parametrize(
    "name, count", [(b"small.bin", 500), (b"large.bin", 40), (b"missing", 500)]
)
def test_pipelined_requests_are_answered_in_order(server, root, name, count, end):
    wanted = [(root / "small.bin").read_bytes(), (root / "large.bin").read_bytes()]
    names = [b"small.bin" if i % 7 == 0 else name for i in range(count)]
    with server.connect() as client:
        client.sendall(b"".join(REQUEST % each for each in names[:-1]))
        client.sendall((LAST if end == "close" else REQUEST) % names[-1])
        if end == "half-close":
            client.shutdown(1)
        found = bodies(read_to_end(client))
    by_name = dict(zip((b"small.bin", b"large.bin", b"missing"), (*wanted, b"404 Not Found\n")))
    assert found == [by_name[each] for each in names]


def test_requests_behind_an_upload_are_answered(server, root):
    data = os.urandom(40_000)
    head = b"PUT /upload/behind HTTP/1.1\r\nHost: x\r\nContent-Length: 40000\r\n\r\n"
    with server.connect() as client:
        client.sendall(head + data + REQUEST % b"upload/behind" + LAST % b"small.bin")
        replies = read_to_end(client)
    assert replies.split()[1] in (b"201", b"204") and replies.count(b"HTTP/1.1 200") == 2
    assert data in replies and replies.endswith((root / "small.bin").read_bytes())


def test_a_slow_reader_that_reads_on_is_kept(server, root):
    """200 kB/s: the kernel holds megabytes for it, so for seconds the server can send nothing."""
    received = bytearray()
    with server.connect(receive_buffer=1 << 16) as client:
        client.sendall(LAST % b"huge.bin")
        began = time.monotonic()
        while (passed := time.monotonic() - began) < 5:  # the server's patience is 3 s
            if len(received) < 200_000 * passed:
                received += client.recv(10_000)
            else:
                time.sleep(0.01)
        received += read_to_end(client)
    body = received.partition(b"\r\n\r\n")[2]
    assert body == (root / "huge.bin").read_bytes(), f"{len(body)} of 12000000 bytes, then its end"


@pytest.mark.parametrize(
    "piece, status", [pytest.param(1, b"408", id="bytes"), pytest.param(600, b"201", id="pieces")]
)
def test_an_upload_has_to_get_on(server, root, piece, status):
    """A kilobyte in three seconds is enough, a byte now and then is not."""
    size = 10 * piece if status == b"201" else 10_000
    with server.connect() as client:
        client.sendall(b"PUT /upload/%b HTTP/1.1\r\nHost: x\r\n" % status)
        client.sendall(b"Content-Length: %d\r\n\r\n" % size)
        client.settimeout(0.5)
        received = b""
        for _ in range(20):
            try:
                client.sendall(b"x" * piece)
                received = client.recv(4096)
                break
            except TimeoutError:  # nothing has come
                pass
    assert received.split()[1:2] == [status]


def test_who_waits_to_be_accepted_is_answered_before_the_end(server, root):
    """SIGTERM while a hundred connections wait in the listener's queue: none of them is reset."""
    os.kill(server.box.root, signal.SIGSTOP)
    clients = [server.connect() for _ in range(100)]
    for client in clients:
        client.sendall(REQUEST % b"small.bin")
    os.kill(server.box.root, signal.SIGTERM)
    os.kill(server.box.root, signal.SIGCONT)
    answered = 0
    for client in clients:
        with client:
            try:
                answered += bodies(read_to_end(client)) == [(root / "small.bin").read_bytes()]
            except ConnectionResetError:
                pass
    assert answered == 100


def test_who_asks_and_goes_does_not_take_the_server_along(server, root):
    """The reset comes between two parts of a file: sendfile() has no MSG_NOSIGNAL."""
    os.kill(server.box.root, signal.SIGSTOP)
    for _ in range(5):
        with server.connect() as client:
            client.sendall(REQUEST % b"huge.bin")
    os.kill(server.box.root, signal.SIGCONT)
    assert server.get("/small.bin") == (root / "small.bin").read_bytes()
