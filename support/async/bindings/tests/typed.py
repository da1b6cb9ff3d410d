"""A typed program that uses all of asynclab: test_types.py has mypy read it, and Python run it."""
import selectors
import socket

import asynclab


def shout(request: bytes) -> str:
    return request.decode("ascii").upper()


def use_server() -> int:
    server: asynclab.Server = asynclab.Server("threads", shout, port=0, wait=0.0, limit=34)
    with server as same, asynclab.Server("async", inline=True, workers=2).start():
        with socket.create_connection(("127.0.0.1", same.port)) as client:
            client.sendall(b"hello")
            assert client.recv(99) == b"HELLO"
    connections, requests, failures = same.statistics
    statistics: asynclab.Statistics = same.statistics
    return statistics.requests + connections - requests - failures


def use_ring() -> bytes:
    left, right = socket.socketpair()
    with left, right, asynclab.Ring() as ring:
        tokens: list[int] = [ring.send(left, b"ping"), ring.recv(right.fileno(), 99), ring.nop()]
        done: dict[int, asynclab.Completion] = {}
        while ring.in_flight:
            done.update((one.token, one) for one in ring.wait(timeout=1.0))
        sent: int = done[tokens[0]].check()
        error: OSError | None = done[tokens[1]].error
        assert sent == 4 and error is None and not ring.closed
        return done[tokens[1]].data or b""


def use_loop() -> list[int]:
    seen: list[int] = []
    left, right = socket.socketpair()
    with left, right:
        loop = asynclab.EventLoop()
        loop.add(left.fileno(), 1, seen.append)
        right.send(b"x")
        ready: int = loop.run_once(1.0)
        loop.remove(left.fileno())
        return seen[:ready]


def use_selector() -> int:
    with asynclab.Selector() as selector:
        base: selectors.BaseSelector = selector
        return len(base.select(0)) + asynclab.fibonacci(5)


if __name__ == "__main__":
    print(use_server(), use_ring(), use_loop(), use_selector())
