"""What labs promise at limits: clients that never read, and more clients than descriptors."""
import contextlib
import time

from .. import proc, tcp
from ..activity import Activity
from ..failure import CannotJudge
from ..verdict import BACKPRESSURE, TIMEOUT
from . import echoing, resting


def hoard(server) -> int:
    """Bytes that no server needs to take from a client that reads nothing: 16 MiB, beside what the
    kernel itself may hold on both ways."""
    if server.box.level.network:
        return 16 << 20
    limits = [proc.read(f"/proc/sys/net/ipv4/{name}").split() for name in ("tcp_wmem", "tcp_rmem")]
    return (16 << 20) + 2 * sum(int(limit[2]) for limit in limits)


def memory_is_bounded(server):
    """Pushes megabytes at the server and reads nothing: it must stop taking them."""
    other = echoing.greets(server)
    before = server.resident()
    greedy = server.connect()
    enough = hoard(server)
    taken = greedy.stall(bytes(enough))
    grown = server.resident() - before
    server.measure("memory_of_a_stalled_reader", grown)
    if taken >= enough and grown < 4 << 20:
        server.fail(
            (
                f"the server took {taken / 2**20:.1f} MiB from a client that reads nothing, and"
                " holds next to nothing of it"
            ),
            "it goes on reading and drops what it cannot send",
            "send(2), EAGAIN",
        )
    if taken >= enough or grown > 8 << 20:
        server.fail(
            (
                f"the server took {taken / 2**20:.1f} MiB from a client that reads nothing, and"
                f" grew by {grown / 2**20:.1f} MiB"
            ),
            (
                "it keeps reading although nothing can be sent: stop reading above "
                "a high-water mark (backpressure)"
            ),
            "tcp(7); epoll(7)",
            verdict=BACKPRESSURE,
        )
    echoing.echoes(server, other, (24,))
    echoing.echoes(server, server.connect(), (24,))


ROOM = 8  # clients that fit below the descriptor limit


def crowd_at_the_limit(server):
    """More clients than descriptors; returns (those served, those that wait or were refused)."""
    echoing.says_goodbye(
        server, server.connect()
    )  # what a runtime opens at its first client it has opened now
    clients = [server.connect() for _ in range(ROOM + 6)]
    messages = {}
    for client in clients:
        messages[client] = server.payload(24)
        with contextlib.suppress(OSError):
            client.socket.send(messages[client])
    with server.quietly(f"each of {len(clients)} clients sends 24 bytes"):
        server.wait(at_its_limit(server, messages), calm=0.4, cpu=0.5, limit=5)
    served = [c for c in clients if bytes(c.received) == messages[c] and not c.ended]
    waiting = [c for c in clients if c not in served]
    server.note(f"{len(served)} of them are served; the others wait or are refused")
    if not served:
        server.fail(
            "not one client was served",
            "running out of descriptors must not stop those who have one",
            'accept(2), "ERRORS", EMFILE',
            TIMEOUT,
        )
    if not waiting:
        raise CannotJudge("the limit of descriptors did not hold for this program")
    for client in served:
        client.received.clear()
    return served, [(c, messages[c]) for c in waiting if not c.ended]


def at_its_limit(server, messages):
    """The event that a server is full, has answered whom it holds, and sleeps although others wait:
    it has met EMFILE. One that pauses and tries again is asleep in between."""
    last = Activity([])

    def event(seconds):
        nonlocal last
        for client in messages:
            client.ended or client._receive_some()
        before, last = last, Activity(server.processes())
        told = last.quiet_since(before) and full(server) and all_answered(server, messages)
        return told or time.sleep(seconds)

    return event


def full(server) -> bool:
    """Has a process of the server as many descriptors as it may have?"""
    return any(
        len(proc.descriptors(pid)) >= proc.descriptor_limit(pid) for pid in server.processes()
    )


def all_answered(server, messages) -> bool:
    """Everybody has the answer, or has been refused, or waits in the kernel to be accepted."""
    waiting = {
        entry.peer_port
        for entry in server.sockets()
        if entry.local_port == server.port and entry.inode == tcp.NOT_ACCEPTED
    }
    answered = [client for client, sent in messages.items() if bytes(client.received) == sent]
    return bool(answered) and all(
        client in answered or client.ended or client.port in waiting for client in messages
    )


def limited(bench, **options):
    """A server whose RLIMIT_NOFILE leaves room for ROOM clients above what it holds when idle."""
    with bench.server(**options) as server:
        echoing.says_goodbye(server, server.connect())
        highest = max((fd for _, fd in server.descriptors()), default=2)
    return bench.server(nofile=highest + 1 + ROOM, **options)


def recovers_from_too_many_clients(bench):
    with limited(bench, release=True) as server:
        served, waiting = crowd_at_the_limit(server)
        for client in served[:2]:
            echoing.echoes(server, client, (24,))
        for client in served[2:]:
            client.close()
        for client, message in waiting[:1]:
            patiently(server, client, message)
        for client in [*served[:2], *(c for c, _ in waiting)]:
            client.close()
        server.rest()
        newcomer = server.connect()
        message = server.payload(24)
        newcomer.send(message)
        patiently(server, newcomer, message)


def patiently(server, client, message):
    """A client that waited for a descriptor is served at last, or refused by a server that does
    so."""
    server.wait(
        lambda seconds: client.ended
        or (client._receive_some(seconds) and len(client.received) >= len(message)),
        calm=3,
    )
    if client.ended and client is not server.clients[-1]:
        server.note(f"{client.name}, who had waited, is refused")
        return
    client.expect(
        message,
        "descriptors are free again, but the server does not accept any more: it stalls",
        'accept(2), "ERRORS", EMFILE; epoll(7), edge-triggered listeners',
    )


def asleep_at_the_limit(bench, means, read):
    with limited(bench, release=True) as server:
        served, _ = crowd_at_the_limit(server)
        resting.is_asleep(server, "clients waited that could not be accepted", means, read)
        echoing.echoes(server, served[0], (24,))
