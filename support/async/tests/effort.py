"""Keeps a server computing for a while: how large a number that takes, on this machine, in this build."""
import contextlib
import functools
import os

from building import build
from catalogue import Program
from running import Running, wait_until

GOLDEN = 1.618  # fibonacci(n + 1) takes so many times as long as fibonacci(n)


def long_request(program: Program, seconds: float) -> bytes:
    """A request that keeps `program` computing for `seconds` of CPU; it needs --limit 92."""
    n, took = measured(program.synchronous())
    while took < seconds:
        n, took = n + 1, took * GOLDEN
    return str(n).encode()


@functools.cache
def measured(sync: Program) -> tuple[int, float]:
    """A number, and the seconds of CPU that a synchronous server needs for it: its one thread stays
    alive, so that the kernel can tell."""
    assert not build(sync)
    with Running(sync, "--limit", "92", "--quiet") as server:
        cost(server, 1), cost(server, 1)  # what a first request costs beside
        n, least = 18, cost(server, 1)
        while (took := cost(server, n) - least) < 0.02:
            n += 3
        return n, took


def cost(server, n) -> float:
    """Seconds of CPU for one request."""
    before = server.ran()
    server.ask(str(n).encode())
    server.rest(calm=0.02)
    return server.ran() - before


def warm_up(server):
    """A pool starts its workers when there is work: now all of them live."""
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(server.connect()) for _ in range(os.cpu_count())]
        for client in clients:
            client.send(b"1")
        assert {client.read_to_end() for client in clients} == {b"1"}
    server.rest()


@contextlib.contextmanager
def computing(server, seconds=0.15):
    """A client whose computation of `seconds` or more is under way. The default is far less than the
    grace of 2 s, on a busy machine too."""
    warm_up(server)
    for longer in (1, 2, 4, 4, 4, 4):
        before = server.ran()
        with server.connect() as client:
            client.send(long_request(server.program, seconds * longer))
            wait_until(
                lambda: client.readable()
                or (server.has_read(client) and server.ran() > before + 0.01)
            )
            if not client.readable():
                yield client
                return
    raise AssertionError("the computation was always over before it could be seen")
