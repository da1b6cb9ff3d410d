"""Requests for files over HTTP/1.1, and what their responses have to be."""
import contextlib
import hashlib
import os
import pathlib
import re
import shutil
import tempfile
from ..verdict import TIMEOUT, WRONG
from dataclasses import dataclass

STATUS = re.compile(r"HTTP/1\.[01] (\d{3})(?: .*)?")
HTTP = "RFC 9112, section 6"


@dataclass(frozen=True)
class Response:
    status: int
    fields: dict[str, str]
    body: bytes


class Site:
    """A directory with files in it, to be served. `contents`: name -> bytes."""

    def __init__(self, place):
        self.outside = pathlib.Path(place) / "secret"
        self.root = pathlib.Path(place) / "root"
        self.root.mkdir()
        self.outside.write_bytes(b"nobody may read this\n")
        self.contents = {}

    def add(self, name, content: bytes):
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_bytes(content)
        self.contents[name] = content

    def add_huge(self, name, size):
        """A file without blocks: its bytes are zeros, and cost no disk."""
        with open(self.root / name, "wb") as file:
            file.truncate(size)

    @property
    def arguments(self):
        return ("--root", self.root)


@contextlib.contextmanager
def site():
    place = tempfile.mkdtemp(prefix="asynclab-")
    try:
        os.chmod(place, 0o755)
        yield Site(place)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def request(target, method="GET", fields="") -> bytes:
    return f"{method} {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n".encode()


def ask(client, target, method="GET", fields=""):
    client.server.note(f"{client.name} asks: {method} {target}")
    with client.server.quietly(f"{client.name} sends the request"):
        client.send(request(target, method, fields))


def take_response(client, bodiless=False) -> Response | None:
    """The next response out of what `client` has received, or None as long as it is not whole."""
    end = client.received.find(b"\r\n\r\n")
    if end < 0:
        return None
    first, *lines = client.received[:end].decode("latin-1").split("\r\n")
    told = STATUS.fullmatch(first)
    if not told:
        client.server.fail(
            f"{client.name} receives {first[:60]!r} where a response begins",
            "a response begins with its status line; or the one before it was longer than it said",
            "RFC 9112, section 4",
        )
    fields = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in lines)
    }
    body = b"" if bodiless else body_of(client, fields, end + 4)
    return None if body is None else finish(client, end + 4, int(told[1]), fields, body)


def body_of(client, fields, begin) -> bytes | None:
    """The body from `begin` on, as far as Content-Length says; without it, to the end."""
    if "content-length" not in fields:
        return bytes(client.received[begin:]) if client.ended else None
    size = int(fields["content-length"])
    whole = len(client.received) >= begin + size
    return bytes(client.received[begin : begin + size]) if whole else None


def finish(client, head_size, status, fields, body):
    del client.received[: head_size + len(body)]
    client.server.note(f"{client.name} receives {status} and {len(body):,} bytes of body")
    return Response(status, fields, body)


def response(client, bodiless=False, wait=None, means="", read=HTTP) -> Response:
    """Waits for the next response; `wait` as server.wait."""
    got, size = None, -1

    def whole(seconds):
        nonlocal got, size
        for _ in range(64):  # as long as bytes come: TCP's window opens when they are taken
            if client.ended or not client._receive_some(seconds):
                break
        if got is None and (len(client.received) != size or client.ended):
            size = len(client.received)
            got = take_response(client, bodiless)
        return got or client.ended

    (wait or client.server.wait)(whole)
    if got is None:
        end = "then the connection ended" if client.ended else "and then nothing more"
        client.server.fail(
            f"{client.name}: {len(client.received):,} bytes came of a response, {end}",
            means or "the response was not sent, or is shorter than it says",
            read,
            WRONG if client.ended else TIMEOUT,
        )
    return got


def gets(client, site, name, wait=None, means="", asked=False):
    """`client` gets the file, whole and right; `asked`: it has sent the request already."""
    if not asked:
        ask(client, "/" + name)
    got = response(client, wait=wait, means=means)
    same(client, site, name, got)


def same(client, site, name, got):
    wanted = site.contents[name]
    if got.status != 200:
        client.server.fail(
            f"{client.name}: the status of /{name} is {got.status}, not 200",
            "the file is there, and may be read",
            "open(2)",
        )
    if hashlib.sha256(got.body).digest() != hashlib.sha256(wanted).digest():
        at = next((i for i, (a, b) in enumerate(zip(wanted, got.body)) if a != b), len(got.body))
        client.server.fail(
            (
                f"{client.name}: /{name} has {len(wanted):,} bytes, {len(got.body):,} came; the"
                f" first wrong one is byte {at:,}"
            ),
            "a short read or a short send was taken for a whole one, or the offset is wrong",
            'pread(2), "RETURN VALUE"; send(2), "RETURN VALUE"',
        )


def greets(server, site, name="small"):
    """A new client that has got a file."""
    client = server.connect()
    gets(client, site, name)
    return client
