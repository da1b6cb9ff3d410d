"""A scripted HTTP client: requests as bytes, and what comes back taken apart."""
import re
from dataclasses import dataclass, field

from ..failure import count
from ..verdict import TIMEOUT, WRONG

NO_REPLY = (
    "this is no HTTP reply; or the one before it was longer than it said (to HEAD: had a body)"
)
STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})(?: [^\r\n]*)?\r\n")


@dataclass
class Reply:
    """`fields`: by their name in small letters; a field that is there twice has a comma between."""

    status: int
    body: bytes = b""
    fields: dict = field(default_factory=dict)

    @property
    def closes(self) -> bool:
        return "close" in self.fields.get("connection", "").lower()


class Malformed(Exception):
    """What came back is no reply; the message says why."""


def request(method="GET", target="/", fields=(), body=b"", version="1.1") -> bytes:
    """A request as bytes, with Host, and with Content-Length if it has a body."""
    lines = [f"{method} {target} HTTP/{version}", "Host: localhost", *fields]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def parse(data: bytes, method="GET", ended=False):
    """(Reply, bytes that it took) of the first reply in `data`, or None: more has to come."""
    if (
        data
        and not (b"HTTP/1." + b"x" * 2).startswith(data[:7])
        and not data.startswith(b"HTTP/1.")
    ):
        raise Malformed(f"it begins with {data[:24]!r}, not with HTTP/1.1")
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    line = STATUS.match(data)
    if not line:
        raise Malformed(f"its status line is {data.splitlines()[0][:60]!r}")
    reply = Reply(int(line[1]))
    for text in data[line.end() : end].decode("latin-1").split("\r\n"):
        name, colon, value = text.partition(":")
        if text and (not colon or name != name.strip() or not name):
            raise Malformed(f"{text[:60]!r} is no field")
        name = name.lower()
        value = value.strip()
        reply.fields[name] = f"{reply.fields[name]}, {value}" if name in reply.fields else value
    size = body_of(reply, data[end + 4 :], method, ended)
    return None if size is None else (reply, end + 4 + size)


def body_of(reply, data, method, ended):
    """Puts the body into `reply`; returns the bytes that it took, or None: more has to come."""
    if method == "HEAD" or reply.status in (204, 304) or reply.status < 200:
        return 0
    if "chunked" in reply.fields.get("transfer-encoding", "").lower():
        return dechunk(reply, data)
    length = reply.fields.get("content-length")
    if length is None:
        reply.body = bytes(data)
        return len(data) if ended else None
    if not length.isdigit():
        raise Malformed(f"Content-Length is {length!r}")
    if len(data) < int(length):
        return None
    reply.body = bytes(data[: int(length)])
    return int(length)


def dechunk(reply, data):
    at, body = 0, bytearray()
    while (end := data.find(b"\r\n", at)) >= 0:
        try:
            size = int(data[at:end].split(b";")[0], 16)
        except ValueError:
            raise Malformed(f"a chunk has the size {data[at:end][:20]!r}") from None
        if size == 0:
            last = data.find(b"\r\n", end + 2) if data[end + 2 : end + 4] != b"\r\n" else end + 2
            reply.body = bytes(body)
            return last + 2 if last >= 0 and len(data) >= last + 2 else None
        if len(data) < end + 2 + size + 2:
            return None
        body += data[end + 2 : end + 2 + size]
        if data[end + 2 + size : end + 4 + size] != b"\r\n":
            raise Malformed("a chunk is longer than it says")
        at = end + 4 + size
    return None


def reply_to(
    server, client, method="GET", what="", means="", read="RFC 9112", patience=1.0
) -> Reply:
    """The next reply that `client` gets. `patience`: seconds for which all may sleep before it."""
    found = []

    def arrived(seconds):
        while True:
            try:
                if made := parse(bytes(client.received), method, client.ended):
                    found.append(made)
            except Malformed as fault:
                server.fail(f"{client.name}: {fault}", NO_REPLY, "RFC 9112 4, 6.3")
            if found or client.ended or not client._receive_some(seconds):
                return found or client.ended
            seconds = 0

    server.wait(arrived, calm=patience)
    if not found:
        end = "then the connection ended" if client.ended else "and then nothing more"
        server.fail(
            f"{client.name}: {count(len(client.received), 'byte')} of a reply came{what}, {end}",
            means or "the reply was not sent, or not all of it",
            read,
            WRONG if client.ended else TIMEOUT,
        )
    reply, size = found[0]
    del client.received[:size]
    server.note(f"{client.name} gets {reply.status} with {count(len(reply.body), 'byte')}")
    return reply


def ask(server, client, method="GET", target="/", fields=(), body=b"", version="1.1", **options):
    """Sends one request and returns its reply."""
    line = f"{client.name} asks: {method} {shortened(target)} HTTP/{version} {'; '.join(fields)}"
    with server.quietly(line.rstrip()):
        client.send(request(method, target, fields, body, version))
    return reply_to(server, client, method, f" to {method} {shortened(target)}", **options)


def shortened(text, most=60):
    return text if len(text) <= most else f"{text[:20]}... ({len(text):,} characters)"


def expect(server, reply, statuses, asked, means="", read="RFC 9110 15"):
    """The reply has one of these statuses."""
    wanted = (statuses,) if isinstance(statuses, int) else tuple(statuses)
    if reply.status not in wanted:
        server.fail(
            f"{asked}: the status is {reply.status}, not {' or '.join(map(str, wanted))}",
            means or "the status tells a client what to do next",
            read,
        )
    return reply


def expect_body(server, reply, body, asked, means="", read="RFC 9110 8.6"):
    if reply.body != body:
        server.fail(
            (
                f"{asked}: {count(len(reply.body), 'byte')} came back, not the {len(body):,} of the"
                " file"
                if len(reply.body) != len(body)
                else f"{asked}: as many bytes came back as the file has, but others"
            ),
            means or "the body of a reply is the file, byte for byte",
            read,
        )
