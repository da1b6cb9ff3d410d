"""What labs promise of bytes: all come back, at once, in order, whole, and then the end."""
import signal
import socket

from .. import proc
from ..failure import Failed, first_difference
from . import resting

NO_BUFFER_HOLDS = 256 * 1024  # bytes: sixty times the tiny socket buffers of a box


def burst(server) -> int:
    """Bytes of a burst that cannot all be under way: in tiny buffers little, else more than
    tcp_wmem allows."""
    if server.box.level.network:
        return NO_BUFFER_HOLDS
    return 2 * int(proc.read("/proc/sys/net/ipv4/tcp_wmem").split()[2] or 4 << 20)


CROWD = 60  # clients; so many are served one by one, twice
AT_ONCE = (
    "what was received has to be sent back at once, as it is: as many bytes as came, zeros among"
    " them"
)
STREAM = "a stream has no message boundaries: one byte is an arrival like any other"


def echoes(server, client, sizes=(1, 24, 500), means=AT_ONCE, read='recv(2), "RETURN VALUE"'):
    """Messages of several sizes, one after the other, come back."""
    for size in sizes:
        message = server.payload(size)
        client.send(message)
        expect_echo(client, message, means, read)


def expect_echo(client, message, means, read):
    """As client.expect(), from a client that has not finished and is not to be closed."""
    try:
        client.expect(message, means, read)
    except Failed as failed:
        if client.ended and failed.means == means and "EINTR" not in means:
            failed.means = (
                "the server closed the connection, but the client has not finished: only 0 from "
                "recv() is its end, -1 with EAGAIN or EINTR is none"
            )
        raise


DROPPED = "send() took part of what it was offered, and the rest was dropped"


def expect_burst(client, data, expect="expect"):
    """As client.expect() or client.exchange(); of a burst that comes back damaged it says what
    became of it."""
    try:
        getattr(client, expect)(data, DROPPED, 'send(2), "RETURN VALUE"')
    except Failed as failed:
        if failed.means == DROPPED:
            failed.means = fate(data, bytes(client.received), client.ended)
        raise


def fate(wanted, got, ended) -> str:
    """Why a burst is damaged: what came in the place of the first wrong byte tells."""
    at = first_difference(wanted, got)
    if at == len(got):
        return (
            "send() took part of what it was offered, and the connection was closed: a short count"
            " is no error, the rest has to be sent"
            if ended
            else DROPPED
        )
    if wanted.find(got[at : at + 32]) > at:
        return f"{DROPPED}, or later bytes overtook it"
    return "bytes changed on their way: a buffer was used again before all of it was sent"


def greets(server):
    """A client that has been echoed once: whoever judges cost first makes sure that there is
    service."""
    client = server.connect()
    echoes(server, client, (24,))
    return client


def answers_every_fragment(server, client, number=100):
    """One byte at a time, each sent when the last has come back: fragments by construction."""
    with server.quietly(
        f"{client.name} sends {number} single bytes, each after the echo of the last"
    ):
        for byte in server.payload(number):
            client.send(bytes([byte]))
            expect_echo(client, bytes([byte]), STREAM, 'recv(2), "DESCRIPTION"')


def says_goodbye(server, client, size=3000):
    """Half-close: everything that was sent comes back, then the connection ends."""
    message = server.payload(size)
    sends_the_last(client, message)
    client.expect(
        message,
        "the end of input is not the end of output: the rest still has to be sent",
        "shutdown(2), SHUT_WR",
    )
    client.expect_end(
        "recv() returned 0, the client has finished: close this connection",
        'recv(2), "RETURN VALUE"',
    )


def sends_the_last(client, data):
    """Bytes and the end of input arrive together: TCP_CORK holds the bytes back until the end,
    tcp(7)."""
    client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    client.send(data)
    client.half_close()


def interleaved(server, number):
    """`number` clients are connected at once; each is served twice, last come first. Of a crowd all
    send at once the first time: beside hundreds each turn of its own costs a while."""
    clients = server.connect_many(number)
    means = (
        f"{number:,} clients are connected, and each has to be served whenever it sends something"
    )
    crowd = number > CROWD
    if crowd:
        all_at_once(server, clients, means)
    with server.quietly(
        "each of them sends 24 bytes and reads them back, the last one first"
        + ("" if crowd else ", twice")
    ):
        for client in [*reversed(clients)] * (1 if crowd else 2):
            echoes(server, client, (24,), means)
    return clients


def all_at_once(server, clients, means):
    """All send, then all get their own bytes back."""
    messages = {client: server.payload(24) for client in reversed(clients)}
    with server.quietly("all of them send 24 bytes, and then all read them back"):
        for client, message in messages.items():
            client.send(message)
        for client, message in messages.items():
            expect_echo(client, message, means, 'recv(2), "RETURN VALUE"')


def serves_many(bench, means=AT_ONCE, read='recv(2), "RETURN VALUE"'):
    """One client, its fragments, and then fifty at once; `means` if not even one byte comes back."""
    with bench.server() as server:
        first = server.connect()
        echoes(server, first, (1,), means, read)
        echoes(server, first)
        answers_every_fragment(server, first, 50)
        interleaved(server, 50)


def stalls(server):
    """A client that sends and never reads, until the server takes no more; returns it with its
    bytes."""
    client = server.connect()
    data = server.payload(burst(server) * 4)
    try:
        sent = client.stall(data)
    except Failed as failed:
        if "closed this connection" in failed.means:
            failed.means, failed.read = (
                (
                    "the server closed the connection because it could not send all at once: a "
                    "full buffer (EAGAIN, or a short count) is no error"
                ),
                'send(2), "ERRORS", EAGAIN',
            )
        raise
    return client, data[:sent]


def keeps_what_did_not_fit(server):
    """A reader that comes late gets every byte; another client is served meanwhile."""
    other = greets(server)
    late, data = stalls(server)
    echoes(
        server,
        other,
        (24, 500),
        (
            f"{late.name} does not read, and that holds up {other.name}: keep what does not "
            "fit and go on"
        ),
        'send(2), "ERRORS", EAGAIN',
    )
    expect_burst(late, data)
    expect_burst(late, server.payload(burst(server)), "exchange")
    says_goodbye(server, late)


def welcomes_all_at_once(server, number=60):
    """Clients that come while the server is stopped are one event, or one edge: all are
    accepted."""
    resting.stop(server)
    clients = server.connect_many(number)
    server.signal(signal.SIGCONT)
    for client in clients:
        echoes(
            server,
            client,
            (24,),
            (
                f"{number} clients came at the same moment, and not all were accepted: who is told "
                "once (EPOLLET) has to accept until EAGAIN"
            ),
            'epoll(7), "Level-triggered and edge-triggered"',
        )
