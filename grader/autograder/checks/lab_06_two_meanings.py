"""Lab 06, step 06.6: answers of the second server that somebody could read in another way."""
from ..check import check
from . import http
from .lab_06 import PROGRAM, needs_files, served
from .lab_06_gateway import asks, gateway, relays_chunks_and_lengths

MAIL = b"4\r\nmail\r\n0\r\n\r\n"  # in one chunk
LAST = b"0\r\n\r\n"
CROOKED = (  # fields, what follows them, the body that is meant, what it is, what to read
    (
        b"Transfer-Encoding : chunked\r\nContent-Length: %d" % len(MAIL),
        (MAIL, b"mail"),
        "a space before the colon of Transfer-Encoding",
        "RFC 9112 5.1",
    ),
    (
        b"X-Note: one\r\n Transfer-Encoding: chunked\r\nContent-Length: 4",
        (b"mail", b"mail"),
        "a field in two lines",
        "RFC 9112 5.2",
    ),
    (
        b"Transfer-Encoding: gzip, chunked\r\nContent-Length: 3",
        (MAIL, b"mail"),
        "two transfer codings and a length",
        "RFC 9112 6.1, 6.3",
    ),
    (b"Transfer-Encoding: gzip, chunked", (MAIL, b"mail"), "two transfer codings", "RFC 9112 6.1"),
    (
        b"Transfer-Encoding: chunked",
        (b"1\r0\r\n" + b"a\r\n" + LAST + b"........\r\n" + LAST, b"a"),  # 0x10 without the CR
        "a CR inside the size of a chunk",
        "RFC 9112 2.2, 7.1",
    ),
)


@check("06.6", 1, PROGRAM, needs=(*needs_files, relays_chunks_and_lengths.id))
def an_answer_with_two_meanings_is_not_passed_on(bench):
    """An answer whose framing is in doubt is refused with 502, breaks off, or is made clear."""
    with gateway(bench) as (server, tree, upstream):
        for fields, (sent, meant), what, read in CROOKED:
            client, asked = asks(server, upstream)
            with server.quietly(f"the upstream server's answer has {what}"):
                asked.say(b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n\r\n" + sent)
                asked.close()
            judge(server, client, meant, what, read)
        served(server, tree)


def judge(server, client, meant, what, read):
    """An error, an end before the reply is whole, or the body that is meant: all are right."""
    means = "what has two meanings has another one for the next reader: say 502, or close"
    answer = f"the upstream server's answer had {what}; {client.name} got"
    try:
        reply = reply_or_end(server, client)
    except http.Malformed as fault:
        server.fail(f"{answer} it passed on: {fault}", means, read)
    if reply is None and not client.ended:
        server.fail(f"{answer} no whole reply, and no end either", means, read)
    if reply is None or reply.status >= 400:
        return
    framed = {"content-length", "transfer-encoding"} & reply.fields.keys()
    if len(framed) == 2:
        server.fail(f"{answer} Transfer-Encoding and Content-Length", means, "RFC 9112 6.3")
    if reply.body != meant and (framed or not meant.startswith(reply.body)):
        server.fail(f"{answer} {reply.body[:20]!r} as its body, not {meant!r}", means, read)


def reply_or_end(server, client):
    """The reply, or None: the connection ended before one was whole."""
    made = None

    def over(seconds):
        nonlocal made
        if not client.ended:
            client._receive_some(seconds)
        made = http.parse(bytes(client.received), ended=client.ended)
        return made or client.ended

    server.wait(over)
    return made and made[0]
