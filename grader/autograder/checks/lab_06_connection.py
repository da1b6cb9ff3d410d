"""Lab 06, step 06.3: many requests on one connection, and readers that are slow."""
from ..check import check
from ..verdict import BACKPRESSURE
from . import http, limits, resting
from .lab_06 import PROGRAM, needs_files, page, served
from .site import site

TIME_OUT = (
    1  # second: on a slow machine the server's own, 06.4, ends who does not read; none is shorter
)


@check("06.3", 4, PROGRAM, needs=needs_files)
def keeps_the_connection_if_the_client_wants(bench):
    """HTTP/1.1 goes on until somebody says close; HTTP/1.0 ends unless both say keep-alive."""
    means = "HTTP/1.1 connections are kept, so that the next request need not connect"
    with site(bench) as (server, tree):
        client = server.connect()
        for target in ("/", "/nothing", "/notes.txt", "/empty.txt"):
            reply = http.ask(server, client, target=target, means=means, read="RFC 9112 9.3")
        head = http.ask(server, client, "HEAD", "/big.bin", means=means)
        http.expect(server, head, 200, "HEAD on a kept connection")
        page(server, client, tree, means)
        reply = http.ask(server, client, fields=["Connection: close"])
        client.expect_end("the client asked to close the connection", "RFC 9112 9.6")
        old = server.connect()
        http.ask(server, old, version="1.0")
        old.expect_end("HTTP/1.0 ends a connection unless both say keep-alive", "RFC 9112 9.3")
        old = server.connect()
        reply = http.ask(server, old, fields=["Connection: keep-alive"], version="1.0")
        if "keep-alive" in reply.fields.get("connection", "").lower():
            http.ask(server, old, version="1.0", means="the reply said keep-alive")
        last = server.connect()
        last.send(http.request())
        last.half_close()
        http.reply_to(server, last, means="a client that has finished still gets its reply")
        last.expect_end()


@check("06.3", 4, PROGRAM, needs=needs_files)
def answers_pipelined_requests_in_order(bench):
    """Requests that come together, the last one in two parts, are answered in their order; a body
    is none."""
    names = ["notes.txt", "style.css", "empty.txt", "script.js", "data.json"] * 6
    names[1] = names[20] = "some.bin"
    with site(bench, tiny=True) as (server, tree):
        client = server.connect()
        text = b"".join(http.request(target=f"/{name}") for name in names)
        with server.quietly(f"{client.name} sends {len(names)} requests at once"):
            client.send(text[:-9])
            for number, name in enumerate(names, start=1):
                if number == len(names):
                    client.send(text[-9:])
                reply = http.reply_to(server, client, what=f" to request {number}")
                http.expect_body(
                    server,
                    reply,
                    tree.files[name],
                    f"request {number} of {len(names)} in one piece, /{name}",
                    "what lies behind one request is the next: answer it next",
                    "RFC 9112 9.3.2",
                )
        page(server, client, tree)
        a_body_is_no_request(server)


def a_body_is_no_request(server):
    """A GET with a body that looks like a request: the server reads it, or closes behind its reply."""
    client = server.connect()
    client.send(http.request(body=http.request(target="/style.css")))
    client.half_close()
    http.reply_to(server, client, what=" to GET with a body")
    server.wait(lambda seconds: client.ended or (client._receive_some(seconds) and client.ended))
    if client.received:
        server.fail(
            f"one GET with a body was answered twice: {bytes(client.received[:30])!r} came as well",
            "a body that nobody reads is taken for the next request: this is how they are smuggled",
            "RFC 9112 9.3, 11.2",
        )


@check("06.3", 4, PROGRAM, needs=needs_files)
def a_slow_reader_gets_all_and_delays_nobody(bench):
    """A client that reads late gets every byte; others are served meanwhile."""
    with site(bench, tiny=True) as (server, tree):
        late = server.connect()
        late.send(http.request(target="/some.bin"))
        server.rest(calm=0.1)
        for _ in range(3):
            page(server, server.connect(), tree, "everybody waits for one who does not read")
        reply = http.reply_to(server, late, means="the rest was dropped: send() may fall short")
        http.expect_body(server, reply, tree.files["some.bin"], "GET /some.bin, read late")


@check("06.3", 3, PROGRAM, needs=needs_files)
def a_client_that_never_reads_costs_little(bench):
    """Neither a large file nor a flood of requests piles up for it, and nobody is woken."""
    with site(bench, tiny=True, release=True) as (server, tree):
        served(server, tree)
        before = server.resident()
        stuck = server.connect()
        stuck.may_end_after = TIME_OUT
        stuck.send(http.request(target="/huge.bin"))
        server.rest(calm=0.1)
        stuck.send(http.request(target="/notes.txt"))
        server.rest(calm=0.1)
        resting.wakes_nobody(
            server,
            stuck,
            f"{stuck.name} did not read its file and had asked for another",
            "what it asked for next stays readable: watch for EPOLLIN only when you want to read",
            'epoll(7), "Level-triggered and edge-triggered"',
        )
        flood = server.connect()
        flood.may_end_after = TIME_OUT
        enough = limits.hoard(server)
        taken = flood.stall(http.request(target="/notes.txt") * (enough // 60))
        grown = server.resident() - before
        server.measure("memory_of_a_stalled_reader", grown)
        if grown > 16 << 20 or (taken >= enough and server.box.level.network):
            server.fail(
                (
                    f"the server grew by {grown / 2**20:.0f} MiB and took {taken / 2**20:.0f} MiB"
                    " of requests from clients that read nothing"
                ),
                "read the next request when the last reply has gone, and a file as it goes",
                "sendfile(2); tcp(7)",
                verdict=BACKPRESSURE,
            )
        served(server, tree)
