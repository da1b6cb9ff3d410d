"""The server behind a gateway: a listening socket of the grader's own, so that its timing is too."""
import contextlib
import select
import socket
import struct

from ..port import Port
from ..verdict import TIMEOUT


class Connection:
    """One connection of the gateway, as the second server sees it."""

    def __init__(self, server, made):
        self.server, self.socket, self.received = server, made, bytearray()
        made.setblocking(False)
        self.server.note("the upstream server is asked")

    def head(self) -> str:
        """The request, once its head is there."""
        self.server.wait(lambda seconds: b"\r\n\r\n" in self.received or self._receive(seconds))
        if b"\r\n\r\n" not in self.received:
            self.server.fail(
                f"the upstream server got {bytes(self.received[:60])!r} and no whole request",
                "connect() has succeeded: now the request has to be sent, to its empty line",
                "RFC 9112 3",
                TIMEOUT,
            )
        return self.received.decode("latin-1")

    def _receive(self, seconds):
        if ready(self.socket, seconds):
            with contextlib.suppress(OSError):
                self.received += self.socket.recv(65536)
        return False

    def say(self, data: bytes):
        """Sends `data`, all of it at once or as far as it is taken; returns how much that was."""
        with contextlib.suppress(BlockingIOError, ConnectionError):
            return self.socket.send(data)
        return 0

    def stall(self, data: bytes) -> int:
        """Sends until the gateway takes no more; returns how many bytes went."""
        sent = 0

        def more(seconds):
            nonlocal sent
            taken = self.say(memoryview(data)[sent : sent + 65536])
            sent += taken
            self.server.progress += taken
            return sent == len(data) or (
                not taken and not ready(self.socket, seconds, select.POLLOUT) and False
            )

        self.server.wait(more, calm=0.4, cpu=1, limit=10)
        return sent

    def close(self):
        self.server.note("the upstream server closes")
        self.socket.close()

    def reset(self):
        self.server.note("the upstream server resets the connection")
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def ready(made, seconds, events=select.POLLIN) -> bool:
    poll = select.poll()
    poll.register(made, events)
    return bool(poll.poll(seconds * 1000))


class Upstream:
    """Context manager: `port` is reserved at once; nobody listens there before listen()."""

    def __init__(self, level):
        self._level = level

    def __enter__(self):
        self._claim = None if self._level.network else Port(self._level)
        self.port = self._claim.number if self._claim else 12399
        self._sockets = []
        return self

    def listen(self, server):
        """Opens the listener inside the box of `server`."""
        self.server, self._listener = server, server.box.sockets()[0]
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", self.port))
        self._listener.listen(64)
        self._sockets.append(self._listener)

    def accept(self, means="") -> Connection:
        self.server.wait(lambda seconds: ready(self._listener, seconds))
        if not ready(self._listener, 0):
            self.server.fail(
                "a client asked for /upstream/..., and nobody connected to the upstream server",
                means or "--upstream HOST:PORT says where it is",
                "connect(2)",
                TIMEOUT,
            )
        made = Connection(self.server, self._listener.accept()[0])
        self._sockets.append(made.socket)
        return made

    def __exit__(self, *_):
        for made in self._sockets:
            made.close()
        if self._claim:
            self._claim.release()
