"""Lab 06, step 06.6: what is asked for below /upstream/ comes from a second server."""
import contextlib

from ..check import check
from ..verdict import BACKPRESSURE
from . import http, leaving, limits, resting
from .lab_06 import PROGRAM, needs_files, page, served
from .site import site, within
from .upstream import Upstream

VERSIONS = ("1.1", "1.0")
PROMPT = 2.5  # seconds: a gateway has three before it says 504
LATE = 25  # seconds that all may sleep before a gateway has to say 504
WAITING = "connect(), recv() or a look-up waited for the second server, and everybody with it"


@contextlib.contextmanager
def gateway(bench, listens=True, **options):
    """Yields (server, tree, upstream)."""
    with Upstream(bench.policy.level) as upstream:
        with site(bench, upstream.port, **options) as (server, tree):
            if listens:
                upstream.listen(server)
            yield server, tree, upstream


def asks(server, upstream, path="/mail", method="GET", version="1.1", means=""):
    """A client asks, and the upstream server has got its request: returns both ends."""
    client = server.connect()
    with server.quietly(f"{client.name} asks: {method} /upstream{path}"):
        client.send(http.request(method, f"/upstream{path}", version=version))
    asked = upstream.accept(means)
    head = asked.head()
    if not head.startswith(f"{method} {path} HTTP/1."):
        server.fail(
            f"the upstream server is asked {head.splitlines()[0]!r}, not {method} {path}",
            "what follows /upstream is the target there",
            "RFC 9112 3.2",
        )
    return client, asked


@check("06.6", 3, PROGRAM, needs=needs_files)
def a_slow_upstream_delays_nobody(bench):
    """While the second server thinks, others are served, and nothing spins; then its reply comes."""
    with gateway(bench, release=True) as (server, tree, upstream):
        with within(PROMPT):
            meanwhile_others_are_served(server, tree, upstream)
        client, _ = asks(server, upstream)
        resting.wakes_nobody(
            server,
            client,
            "the upstream server was silent",
            "a socket that takes output is ready all the time: watch for what you wait for",
            'epoll_ctl(2), "EPOLLOUT"',
        )


def meanwhile_others_are_served(server, tree, upstream):
    waiting = [asks(server, upstream, f"/mail/{n}", means=WAITING if n else "") for n in range(3)]
    page(server, server.connect(), tree, WAITING)
    for number, (client, asked) in reversed(list(enumerate(waiting))):
        mail = f"mail {number}".encode() * 50
        asked.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(mail) + mail[:9])
        page(server, server.connect(), tree, WAITING)
        asked.say(mail[9:])
        reply = http.reply_to(server, client, means=WAITING)
        http.expect_body(server, reply, mail, f"GET /upstream/mail/{number}")


@check("06.6", 2, PROGRAM, needs=needs_files)
def says_when_the_upstream_refuses(bench):
    """502 when nobody listens there, or when what comes is no reply."""
    with gateway(bench, listens=False) as (server, tree, upstream):

        def refused(server):
            reply = http.ask(server, server.connect(), target="/upstream/mail")
            http.expect(server, reply, 502, "nobody listens at the upstream", read="connect(2)")

        refused(server)
        upstream.listen(server)
        client, asked = asks(server, upstream)
        asked.say(b"I am no web server\r\n\r\n")
        asked.close()
        http.expect(server, http.reply_to(server, client), 502, "what came was no reply")
        client, asked = asks(server, upstream)
        asked.reset()
        http.expect(server, http.reply_to(server, client), 502, "the upstream reset the connection")
        served(server, tree)


@check("06.6", 2, PROGRAM, needs=needs_files)
def says_when_the_upstream_is_silent(bench):
    """504 when no reply comes, at some time; and its descriptor is closed."""
    with gateway(bench) as (server, tree, upstream):
        client, asked = asks(server, upstream)
        reply = http.reply_to(
            server,
            client,
            means="who waits for the second server for ever has to be told at some time",
            read="timerfd_create(2); RFC 9110 15.6.5",
            patience=LATE,
        )
        http.expect(server, reply, 504, "the upstream is silent")
        served(server, tree)


@check("06.6", 3, PROGRAM, needs=needs_files)
def relays_chunks_and_lengths(bench):
    """A body with a length, in chunks or until the connection closes arrives whole; HEAD has none."""
    body = bytes(range(256)) * 20
    chunks = b"".join(
        b"%x;x=y\r\n%s\r\n" % (len(part), part)
        for part in (body[at : at + 700] for at in range(0, len(body), 700))
    )
    length = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    ways = {
        "with a length": length + body,
        "in chunks": (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"
        ),
        "until it closes": b"HTTP/1.0 200 OK\r\n\r\n" + body,
    }
    with gateway(bench) as (server, tree, upstream):
        for what, whole in ways.items():  # one way at a time: a gateway has no patience for ever
            mails = [(version, *asks(server, upstream, version=version)) for version in VERSIONS]
            for at in range(0, len(whole), 1500):
                for _, _, asked in mails:
                    asked.say(whole[at : at + 1500])
                server.rest(calm=0.03)
            for version, client, asked in mails:
                asked.close()
                reply = http.reply_to(server, client, what=f" that came {what}")
                if version == "1.0" and "transfer-encoding" in reply.fields:
                    server.fail(
                        "an HTTP/1.0 client got chunks", "it cannot read them", "RFC 9112 7.1"
                    )
                means = f"a body {what}"
                http.expect_body(server, reply, body, means, read="RFC 9112 6.3, 7.1")
        client, asked = asks(server, upstream, method="HEAD")
        asked.say(length)
        http.expect(server, http.reply_to(server, client, "HEAD"), 200, "HEAD /upstream/mail")
        page(server, client, tree, "the reply to HEAD has no body to be waited for")


@check("06.6", 2, PROGRAM, needs=needs_files)
def an_answer_that_breaks_off_does_not_look_whole(bench):
    """When the second server goes in the middle, the client can tell; and no descriptor stays."""
    parts = (
        b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    )
    with gateway(bench) as (server, tree, upstream):

        def breaks_off(server):
            for part in parts:
                client, asked = asks(server, upstream)
                asked.say(part)
                server.rest(calm=0.03)
                asked.close()
                server.wait(lambda s: client.ended or (client._receive_some(s) and client.ended))
                whole = http.parse(bytes(client.received), ended=False)
                if whole and whole[0].status == 200 or not client.ended:
                    server.fail(
                        f"{client.name} got a reply that "
                        + ("looks whole" if whole else "never ends")
                        + ", of which only 4 bytes had come",
                        (
                            "close the connection: with a wrong length, or without the last chunk,"
                            " the client can tell"
                        ),
                        "RFC 9112 8",
                    )

        leaving.descriptors_come_back(server, breaks_off, 3)


@check("06.6", 2, PROGRAM, needs=needs_files)
def a_slow_reader_holds_the_upstream_up(bench):
    """What the second server sends faster than the client reads does not pile up."""
    with gateway(bench, tiny=True, release=True) as (server, tree, upstream):
        served(server, tree)
        before, enough = server.resident(), limits.hoard(server)
        client, asked = asks(server, upstream)
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % enough
        sent = asked.stall(head + bytes(enough)) - len(head)
        grown = server.resident() - before
        if sent >= enough or grown > 8 << 20:
            server.fail(
                (
                    f"the gateway took {sent / 2**20:.1f} MiB for a client that reads nothing, and"
                    f" grew by {grown / 2**20:.1f} MiB"
                ),
                "do not read from the one before the other has taken what there is",
                "epoll_ctl(2)",
                verdict=BACKPRESSURE,
            )
        asked.reset()
        resting.wakes_nobody(
            server,
            client,
            f"{client.name} read nothing, and the upstream server had reset its connection",
            "a socket that has failed is ready for ever, whatever it is watched for: remove it",
            'epoll_ctl(2), "EPOLLERR"',
        )
        served(server, tree)
