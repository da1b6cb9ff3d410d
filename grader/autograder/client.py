"""A scripted client: does what a peer can do to a server, keeps a transcript, waits by event."""
import select
import socket
import struct
import time
from select import POLLIN, POLLOUT

from . import diagnosis
from .failure import count, first_difference
from .verdict import NO_LISTEN, TIMEOUT, WRONG

STALL, LITTLE = 10, 1 << 20  # who takes less than LITTLE bytes in STALL seconds takes no more


def spoken(data: bytes) -> str:
    """A payload in a transcript: short ones whole, long ones by their size."""
    return repr(data)[1:] if len(data) <= 24 else f"{len(data):,} random bytes"


class Client:
    """One connection to `server`. All its waits end early when the server can no longer answer."""

    def __init__(self, server, name, made):
        self.server, self.name, self.socket = server, name, made
        self.received = bytearray()
        self.ended = False  # has the server closed its side?
        self.heard = False  # has the server ever sent anything?
        self.began, self.may_end_after = time.monotonic(), float("inf")  # s: the server's time-out
        self.timed_out = False  # it has come, on a slow machine

    def connect(self):
        self.socket.setblocking(False)
        self.server.note(f"{self.name} connects")
        self.socket.connect_ex(("127.0.0.1", self.server.port))
        if not self.server.wait(
            lambda seconds: self._ready(POLLOUT, seconds)
        ) or self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self.server.fail(
                f"{self.name} could not connect to port {self.server.port}",
                "the server no longer listens, or its queue of waiting clients is full",
                "listen(2), backlog",
                TIMEOUT if self.server.port in self.server.listening_ports() else NO_LISTEN,
            )
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self

    @property
    def port(self):
        return self.socket.getsockname()[1]

    def _ready(self, events, seconds):
        poll = select.poll()
        poll.register(self.socket, events)
        return bool(poll.poll(seconds * 1000))

    # -- sending ---------------------------------------------------------------------------------
    def send(self, data: bytes):
        """Sends all of `data`; the server has to take it, whether it answers or not, before its
        time-out."""
        self.server.note(f"{self.name} sends {spoken(data)}")
        left = memoryview(data)
        while left and not self.timed_out:
            left = left[self._send_some(left) :]
            if left and not self.server.wait(lambda seconds: self._ready(POLLOUT, seconds)):
                self.server.fail(
                    (
                        f"the server took {count(len(data) - len(left), 'byte')} of {len(data):,} "
                        f"from {self.name} and no more"
                    ),
                    "it has stopped reading from this client",
                    verdict=TIMEOUT,
                )

    def _send_some(self, data) -> int:
        try:
            taken = self.socket.send(data)
            self.server.progress += taken
            return taken
        except BlockingIOError:
            return 0
        except OSError as error:
            if time.monotonic() - self.began > self.may_end_after:
                self.timed_out = True
                return 0
            means = "the server closed this connection although the client had not finished"
            self._closed(f"{self.name}: {error.strerror.lower()} while it sent", means)

    def stall(self, data: bytes) -> int:
        """Sends without ever reading, until nothing more is taken, or only a little now and then;
        returns how many bytes went."""
        sent, before, until = 0, 0, time.monotonic() + STALL
        while sent < len(data) and not self.timed_out:
            if time.monotonic() > until:
                if sent - before < LITTLE:
                    break
                before, until = sent, time.monotonic() + STALL
            sent += self._send_some(memoryview(data)[sent : sent + 65536])
            if not self._ready(POLLOUT, 0) and not self.server.wait(
                lambda seconds: self._ready(POLLOUT, seconds), calm=0.4, cpu=0.4
            ):
                break
        self.server.note(
            f"{self.name} sends {count(sent, 'byte')} and reads nothing; no more is taken"
        )
        return sent

    def half_close(self):
        self.server.note(f"{self.name} closes its sending side")
        self.socket.shutdown(socket.SHUT_WR)

    def close(self):
        self.server.note(f"{self.name} closes")
        self.socket.close()

    def reset(self):
        """Closes with a reset instead of a FIN: the server's next call on it fails."""
        self.server.note(f"{self.name} resets its connection")
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    # -- receiving -------------------------------------------------------------------------------
    def _receive_some(self, seconds=0.0) -> bool:
        """Takes what is there; true when the connection has brought something, its end included."""
        if not self._ready(POLLIN, seconds):
            return False
        try:
            chunk = self.socket.recv(1 << 20)
        except BlockingIOError:
            return False
        except OSError:
            chunk = b""
        self.received += chunk
        self.heard |= bool(chunk)
        self.server.progress += len(chunk)
        self.ended = not chunk
        return True

    def expect(self, wanted: bytes, means="", read=""):
        """The next bytes from the server are `wanted`."""
        self.server.wait(
            lambda seconds: self.ended
            or len(self.received) >= len(wanted)
            or (self._receive_some(seconds) and len(self.received) >= len(wanted))
        )
        got = bytes(self.received[: len(wanted)])
        if got != wanted:
            self._explain(wanted, got, means, read)
        del self.received[: len(wanted)]
        self.server.note(f"{self.name} receives {spoken(wanted)}, as it should")

    def _closed(self, saw, means, read=""):
        """Fails: this connection was closed, or the listener in whose queue it may have waited."""
        goes_on = not self.server.box.wait_for_exit(0.3) and not diagnosis.asked_to_end(self.server)
        listens = self.server.port in self.server.listening_ports()
        if self.heard or listens or not goes_on:
            self.server.fail(saw, means, read)
        means = "it listens no more: who waits in the listener's queue is closed with it"
        self.server.fail(saw, means, "listen(2), backlog", NO_LISTEN)

    def _explain(self, wanted, got, means, read):
        at, verdict = first_difference(wanted, got), WRONG
        if at < len(got):
            saw = (
                f"{self.name}: byte {at:,} of {len(wanted):,} came back as 0x{got[at]:02x}, "
                f"sent was 0x{wanted[at]:02x}"
            )
            found = wanted.find(got[at : at + 32])
            guess = "bytes were lost, repeated or reordered on their way through the server"
            if 0 <= found < at:
                means = f"what had been sent from byte {found:,} on was sent a second time"
            elif found > at:
                saw += f": {count(found - at, 'byte')} are missing"
        else:
            end = "then the connection ended" if self.ended else "and then nothing more"
            saw = f"{self.name}: {len(got):,} of {count(len(wanted), 'byte')} came back, {end}"
            if self.ended:
                self._closed(saw, means or "the connection was closed too early", read)
            guess, verdict = "the rest was never sent", TIMEOUT
        self.server.fail(saw, means or guess, read, verdict)

    def exchange(self, data: bytes, means="", read=""):
        """Sends `data` and reads at the same time; every byte has to come back in order."""
        self.server.note(f"{self.name} sends {spoken(data)} and reads while it sends")
        left = memoryview(data)

        def move(seconds):
            nonlocal left
            until = time.monotonic() + 0.5  # then let wait() look at its limits
            while time.monotonic() < until:
                moved = self._receive_some()
                if left and (taken := self._send_some(left)):
                    left, moved = left[taken:], True
                if self.ended or len(self.received) >= len(data):
                    return True
                if not moved and not self._ready(POLLIN | (POLLOUT if left else 0), seconds):
                    return False
            return False

        self.server.wait(move)
        self.expect(data, means, read)

    def expect_end(self, means="", read=""):
        """The server closes this connection, after nothing more."""
        self.server.wait(lambda seconds: self.ended or (self._receive_some(seconds) and self.ended))
        if self.received:
            self.server.fail(
                f"{self.name} received {count(len(self.received), 'byte')} too many",
                "something was sent twice",
                read,
            )
        if not self.ended:
            self.server.fail(
                f"{self.name} waits for the end of the connection, which does not come",
                means or "the server has not closed its side: a descriptor is still open",
                read,
                TIMEOUT,
            )
        self.server.note(f"{self.name} sees the end of the connection, as it should")

    def silent(self) -> bool:
        """True when nothing has arrived. Call it once the server has come to rest."""
        self._receive_some(0)
        return not self.received and not self.ended
