"""Every echo server that ours are measured against: the right bytes, and none waits for an ACK."""
import contextlib
import ctypes
import errno
import os
import random
import select
import socket
import struct
from concurrent.futures import ThreadPoolExecutor

import pytest
from peers_running import PATIENCE, of_kind, running

RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close() resets, socket(7)
PIDFD_GETFD = 438  # of x86-64 and arm64, pidfd_getfd(2)


@pytest.fixture(scope="module", params=of_kind("echo"))
def peer(request):
    with running(request.param) as started:
        yield started


def echoed(client: socket.socket, data: bytes) -> bytes:
    """Sends it all, as fast as it goes, and receives as many bytes meanwhile."""
    sent, back = 0, bytearray()
    client.setblocking(False)
    while len(back) < len(data):
        wanted = [client] if sent < len(data) else []
        readable, writable, _ = select.select([client], wanted, [], PATIENCE)
        assert readable or writable, f"{len(back)} of {len(data)} bytes came, then nothing"
        if writable:
            sent += client.send(data[sent:])
        if readable:
            got = client.recv(65536)
            assert got, f"closed after {len(back)} of {len(data)} bytes"
            back += got
    return bytes(back)


def exchanged(peer, seed: int, sizes) -> bool:
    chance = random.Random(seed)
    with peer.connect() as client:
        for size in sizes:
            data = chance.randbytes(size)
            if echoed(client, data) != data:
                return False
    return True


@pytest.mark.parametrize(
    "sizes",
    [
        pytest.param([1] * 20, id="1 B"),
        pytest.param([65536] * 5, id="64 KiB"),
        pytest.param([1_000_000], id="many messages at once"),
    ],
)
def test_three_clients_get_back_what_they_send(peer, sizes):
    with ThreadPoolExecutor(3) as clients:
        assert all(clients.map(lambda seed: exchanged(peer, seed, sizes), range(3)))


def test_it_survives_clients_that_reset(peer):
    for sent in (b"", b"x", bytes(1_000_000)):
        client = peer.connect()
        client.setblocking(False)
        if sent:
            client.send(sent)  # what fits
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        client.close()
        assert exchanged(peer, 1, [1, 65536])


def test_three_hundred_clients_at_once(peer):
    """More than the buffers of a ring that is shared by all."""
    clients = [peer.connect() for _ in range(300)]
    data = random.Random(2).randbytes(3000)
    for client in clients:
        client.sendall(data)
    assert all(client.recv(3000, socket.MSG_WAITALL) == data for client in clients)
    for client in clients:
        client.close()


def test_tcp_nodelay_is_set(peer):
    with peer.connect() as client:
        assert echoed(client, b"x") == b"x"  # so the server has it
        ours = server_side(peer.process.pid, client.getsockname())
        assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
        ours.close()


def server_side(pid: int, client: tuple) -> socket.socket:
    """A duplicate of the socket that `pid` has for that client."""
    process = os.pidfd_open(pid)
    try:
        for number in map(int, os.listdir(f"/proc/{pid}/fd")):
            with contextlib.suppress(OSError):  # closed by now, or it listens
                if not os.readlink(f"/proc/{pid}/fd/{number}").startswith("socket:"):
                    continue
                copy = socket.socket(fileno=getfd(process, number))
                if copy.family == socket.AF_INET and copy.getpeername() == client:
                    return copy
    finally:
        os.close(process)
    raise AssertionError("it has no socket for this client")


def getfd(process: int, number: int) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    copy = libc.syscall(PIDFD_GETFD, process, number, 0)
    if copy < 0 and ctypes.get_errno() == errno.EPERM:
        pytest.skip("pidfd_getfd is not allowed here")
    if copy < 0:
        raise OSError(ctypes.get_errno(), "pidfd_getfd")
    return copy
