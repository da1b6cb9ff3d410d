"""A client on the level of bytes: does to a server whatever a peer can do. Nothing waits for ever."""
import select
import socket
import struct

LIMIT = 20  # seconds for one wait


class Peer:
    """One connection to 127.0.0.1:`port`."""

    def __init__(self, port: int):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=LIMIT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port = self.socket.getsockname()[1]
        self.was_reset = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data: bytes):
        self.socket.sendall(data)

    def send_what_it_takes(self, data: bytes) -> bool:
        """Sends until all has gone or the server has closed the connection; was it all?"""
        try:
            self.socket.sendall(data)
            return True
        except (BrokenPipeError, ConnectionResetError):
            return False

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        """Closes with a reset instead of a FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def readable(self, seconds=0.0) -> bool:
        """Has something come: bytes, or the end of the connection?"""
        poll = select.poll()
        poll.register(self.socket, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def read_to_end(self, reset_is_end=False) -> bytes:
        """All that comes until the server has closed its side: it must close it."""
        got = bytearray()
        while True:
            try:
                chunk = self.socket.recv(65536)
            except socket.timeout:
                raise AssertionError(f"after {bytes(got)!r} the connection did not end") from None
            except ConnectionResetError:
                self.was_reset = True
                if not reset_is_end:
                    raise AssertionError(f"the connection was reset after {bytes(got)!r}") from None
                return bytes(got)
            if not chunk:
                return bytes(got)
            got += chunk

    def ask(self, request: bytes) -> bytes:
        """Sends a request (half-closes if it is empty) and reads the reply to its end."""
        self.send(request) if request else self.half_close()
        return self.read_to_end()
