"""Lab 06, step 06.5: uploads with PUT, whole or not at all."""
import contextlib
import time

from ..check import check
from . import http, leaving
from .lab_06 import PROGRAM, needs_files, served
from .lab_06_time import PATIENCE, Beats, closed, gone
from .site import BIG, site

LONG = 4 << 20  # bytes: an upload that is not over when everybody has lost patience
PIECE = 16 * 1024  # bytes of it that come in each beat
ATOMIC = "write to a hidden file, and rename it when all of it is there"


def put(server, client, name, data, **options):
    return http.ask(server, client, "PUT", f"/upload/{name}", body=data, **options)


def begin(server, client, name, data, sent):
    """Sends the head of an upload and the first `sent` bytes of its body."""
    with server.quietly(f"{client.name} begins to put {len(data):,} bytes to /upload/{name}"):
        client.send(http.request("PUT", f"/upload/{name}", body=data)[: sent - len(data)])


@check("06.5", 4, PROGRAM, needs=needs_files)
def stores_what_was_sent(bench):
    """PUT says 201 for a new file and 204 for one replaced; GET then gives the same bytes."""
    with site(bench) as (server, tree):
        client = server.connect()
        for statuses, size in (((201,), BIG), ((200, 204), 3000), ((200, 204), 0)):
            data = server.payload(size)
            fields = [] if data else ["Content-Length: 0"]
            reply = put(server, client, "one.bin", data, fields=fields)
            http.expect(server, reply, statuses, f"PUT of {size:,} bytes", read="RFC 9110 9.3.4")
            if tree.uploads() != {"one.bin": data}:
                server.fail(
                    (
                        f"after the reply to PUT the directory holds {sorted(tree.uploads())}, and"
                        f" one.bin has {len(tree.uploads().get('one.bin', b'')):,} bytes of"
                        f" {size:,}"
                    ),
                    "say 201 when the file is there, whole, and nothing beside it",
                    "rename(2)",
                )
            client = server.connect() if reply.closes else client
            reply = http.ask(server, client, target="/upload/one.bin")
            http.expect_body(server, reply, data, "GET of what was put")
            client = server.connect() if reply.closes else client
        is_followed_by_another(server, server.connect(), tree)
        waits_for_continue(server, server.connect(), tree)


def is_followed_by_another(server, client, tree):
    """Behind the last byte of the body begins the next request."""
    with server.quietly(f"{client.name} sends PUT of 9 bytes and GET in one piece"):
        client.send(http.request("PUT", "/upload/one.bin", body=b"some text") + http.request())
    reply = http.reply_to(server, client, "PUT")
    if not reply.closes:
        what = " to what came in one piece with an upload"
        reply = http.reply_to(server, client, what=what, means="it was taken for body, and is lost")
        http.expect_body(server, reply, tree.files["index.html"], "GET / behind an upload")


def waits_for_continue(server, client, tree):
    """A client that sends its body only when it is told to, as curl does."""
    data = server.payload(2000)
    fields = ["Expect: 100-continue", f"Content-Length: {len(data)}"]
    reply = http.ask(
        server,
        client,
        "PUT",
        "/upload/two.bin",
        fields,
        means="the client waits for 100 Continue before it sends the body, as it said",
        read="RFC 9110 10.1.1",
    )
    http.expect(server, reply, 100, "PUT with Expect: 100-continue", read="RFC 9110 10.1.1")
    client.send(data)
    reply = http.reply_to(server, client, "PUT")
    http.expect(server, reply, 201, "the body after 100 Continue")
    if tree.uploads().get("two.bin") != data:
        server.fail("the body after 100 Continue is not what was stored", ATOMIC, "rename(2)")


REFUSED = (  # target, fields, statuses, what it is
    ("/upload/x", [], (411,), "PUT without a length"),
    ("/upload/x", ["Content-Length: 17000000"], (413,), "an upload of 17,000,000 bytes"),
    (
        "/upload/x",
        ["Content-Length: 99999999999999999999999"],
        (413, 400),
        "a length beyond 64 bits",
    ),
    ("/upload/", ["Content-Length: 1"], range(400, 500), "an upload without a name"),
    ("/upload/../x", ["Content-Length: 1"], range(400, 500), "an upload with .. in its path"),
    ("/upload/%2e%2e%2fx", ["Content-Length: 1"], range(400, 500), "an upload to %2e%2e%2fx"),
    ("/upload/..", ["Content-Length: 1"], range(400, 500), "an upload to .."),
    ("/upload/a/b", ["Content-Length: 1"], range(400, 500), "an upload to a directory below"),
    ("/notes.txt", ["Content-Length: 1"], range(400, 500), "an upload outside of /upload/"),
)


@check("06.5", 4, PROGRAM, needs=needs_files)
def refuses_uploads_before_they_come(bench):
    """411 without a length, 413 above 16 MiB, 4xx for a name that is none; nothing is written."""
    with site(bench) as (server, tree):
        for target, fields, statuses, what in REFUSED:
            client = server.connect()
            body = "" if statuses in ((411,), (413,)) else "z"
            with server.quietly(f"{client.name} begins {what}"):
                client.send(http.request("PUT", target, fields) + body.encode())
            reply = http.reply_to(server, client, "PUT", f" to {what}")
            if reply.status not in statuses:
                http.expect(server, reply, list(statuses)[:1], what, "look at the head first")
        wrong = [name for name in ("x", "secret.txt") if (tree.root / name).exists()]
        changed = (tree.root / "notes.txt").read_bytes() != tree.files["notes.txt"]
        if wrong or changed or tree.uploads() or (tree.home / "x").exists():
            server.fail(
                f"a refused upload was written: {wrong or sorted(tree.uploads()) or 'notes.txt'}",
                "refuse it before the file is opened",
                "RFC 9110 9.3.4",
            )
        served(server, tree)


@check("06.5", 5, PROGRAM, needs=(*needs_files, stores_what_was_sent.id))
def a_reader_never_sees_half_an_upload(bench):
    """Until the last byte has come the old file is there, and an upload broken off leaves nothing."""
    with site(bench) as (server, tree):
        old, new = server.payload(5000), server.payload(BIG)
        put(server, server.connect(), "file.bin", old)
        writer, reader = server.connect(), server.connect()
        begin(server, writer, "file.bin", new, len(new) - 1)
        server.rest()
        reply = http.ask(server, reader, target="/upload/file.bin")
        http.expect_body(server, reply, old, "GET while a new file comes in", ATOMIC, "rename(2)")
        writer.send(new[-1:])
        reply = http.reply_to(server, writer, "PUT")
        http.expect(server, reply, (200, 204), "PUT over a file", read="RFC 9110 9.3.4")
        reply = http.ask(server, server.connect(), target="/upload/file.bin")
        http.expect_body(server, reply, new, "GET after PUT", ATOMIC, "rename(2)")
        for leave in (leaving.resets, lambda server, client: client.close()):
            broken = server.connect()
            begin(server, broken, "other.bin", new, 9000)
            server.rest()
            leave(server, broken)
        server.wait(
            lambda seconds: len(tree.uploads()) == 1 or time.sleep(seconds), calm=1, limit=5
        )
        if tree.uploads() != {"file.bin": new}:
            server.fail(
                f"two clients went in the middle of an upload; left are {sorted(tree.uploads())}",
                "what is not complete has to go with its connection",
                "unlink(2)",
            )


@check("06.5", 2, PROGRAM, needs=(*needs_files, stores_what_was_sent.id))
def a_slow_upload_is_not_cut_off(bench):
    """An upload that comes piece by piece outlives a client that is silent."""
    with site(bench) as (server, tree):
        silent, slow = server.connect(), server.connect()
        data = server.payload(LONG)
        begin(server, slow, "slow.bin", data, PIECE)
        began, took = time.monotonic(), []

        def get_on():
            with contextlib.suppress(OSError):
                closed(slow) or slow.socket.send(data[:PIECE])
            if closed(silent) and not took:
                took.append(time.monotonic() - began)

        beats = Beats(get_on, lambda: took and time.monotonic() - began > 1.2 * took[0])
        with server.quietly(f"{slow.name} sends {PIECE:,} bytes several times a second"):
            server.wait(beats, calm=PATIENCE, limit=PATIENCE)
        if gone(server, slow):
            beats.judge()
            server.fail(
                f"{slow.name} sends its upload piece by piece, and its connection was closed",
                "what comes of a body is progress, and its deadline begins anew",
                "timerfd_create(2)",
            )
