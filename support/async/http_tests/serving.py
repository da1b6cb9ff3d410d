"""A running `http_server`, found by its own words and ended as a user would end it."""
import http.client
import os
import re
import signal
import socket

from autograder.box import Box
from autograder.isolation import LEVELS
from autograder.machine import KIT

from catalogue import SANITIZED
from running import COMPLAINT, LIMIT

FLAVOUR = "sanitized" if SANITIZED else "release"
BUILT = KIT / f"build/solutions/{FLAVOUR}"
PROGRAM = BUILT / "06-state-machine/http_server"
FILE_SERVER = BUILT / "07-regular-files/file_server"


class HttpServer:
    """The server of `root`, with further options, on a free port; between start() and end()."""

    def __init__(self, root, *options, program=PROGRAM):
        self.root = root
        self.box = Box([str(program), "0", "--root", str(root), *options], chosen=LEVELS[-1])

    def start(self):
        self.box.__enter__()
        try:
            self._find_port()
        except BaseException:
            self.box.__exit__()
            raise
        return self

    def _find_port(self):
        told = self.box.stdout
        with told.changed:
            told.changed.wait_for(lambda: told.closed or b"\n" in told.text, LIMIT)
        found = re.search(r"listening on 127\.0\.0\.1:(\d+)", str(told))
        assert found, f"it did not say that it listens: {self.box.stderr}"
        self.port = int(found.group(1))
        assert self.get("/index.html") == (self.root / "index.html").read_bytes()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def client(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT)

    def connect(self, receive_buffer=0) -> socket.socket:
        """A bare connection; `receive_buffer`: bytes, 0 for the machine's own."""
        client = socket.socket()
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.settimeout(LIMIT)
        client.connect(("127.0.0.1", self.port))
        return client

    def get(self, path: str) -> bytes:
        with_end = self.client()
        with_end.request("GET", path, headers={"Connection": "close"})
        return with_end.getresponse().read()

    def tell(self, number):
        os.kill(self.box.root, number)

    def end(self):
        """It goes when it is told to, with status 0 and without a complaint."""
        try:
            if not self.box.exited():
                self.tell(signal.SIGTERM)
            assert self.box.wait_for_exit(LIMIT), "it did not go"
            self.box.stderr.join(1)
            assert self.box.exit_status() == 0, str(self.box.stderr)[-4000:]
            assert not COMPLAINT.search(str(self.box.stderr)), str(self.box.stderr)[-4000:]
        finally:
            self.box.__exit__()


def read_to_end(client: socket.socket) -> bytes:
    received = bytearray()
    while chunk := client.recv(1 << 16):
        received += chunk
    return bytes(received)
