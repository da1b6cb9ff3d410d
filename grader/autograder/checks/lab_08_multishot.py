"""Lab 08, step 4: operations that complete again and again, into buffers that the kernel chooses."""
import socket

from .. import machine
from ..check import Lacking, check
from ..diagnosis import epoll_interest
from ..failure import count
from ..verdict import MECHANISM
from . import echoing, limits, resting
from .lab_08 import needs_echo
from .rings import COMPLETION, PROGRAM, counted, has_a_ring, submissions

# More messages than a server has buffers, each longer than what a full socket takes of one at once
TURNS, LONG = 300, 16 * 1024


@check("08.4", 5, PROGRAM, needs=needs_echo)
def the_ring_does_the_work(bench):
    """One thread, asleep in io_uring_enter(); four hundred echoes are as many completions; no
    epoll."""
    with bench.server(release=True) as server:
        client = echoing.greets(server)
        before = counted(server, "CachedCqTail")
        with server.quietly("four hundred messages are echoed"):
            for _ in range(400):
                echoing.echoes(
                    server,
                    client,
                    (24,),
                    (
                        "after many messages it receives no more: is each provided buffer given"
                        " back, and a receive that ended without IORING_CQE_F_MORE started again?"
                    ),
                    "io_uring_register_buf_ring(3)",
                )
        has_a_ring(server)
        after = counted(server, "CachedCqTail")
        if None not in (before, after) and after - before < 400:
            server.fail(
                f"the ring completed {count(after - before, 'operation')} during 400 echoes",
                "a ring that does not carry the bytes is a decoy",
                COMPLETION,
                MECHANISM,
            )
        if any(server.descriptors_of(client) & set(watched) for watched in epoll_interest(server)):
            server.fail(
                "an epoll set watches the client",
                "this lab's server needs no readiness",
                COMPLETION,
                MECHANISM,
            )
        resting.has_one_thread(server)
        resting.survives_stop_and_continue(server, client)


@check("08.4", 5, PROGRAM, needs=needs_echo, own=True)
def one_submission_serves_many(bench):
    """Multishot: fifty clients and a hundred echoes need little more than one submission each,
    not two."""
    if machine.kernel() < (6, 0):
        raise Lacking("multishot receive needs Linux 6.0 or later")
    with bench.server(release=True) as server:
        client = echoing.greets(server)
        if counted(server, "CachedSqHead") is None:
            raise Lacking("this kernel's fdinfo does not count submissions")
        with server.quietly("a hundred messages are echoed"):
            echoes = submissions(
                server, lambda: [echoing.echoes(server, client, (24,)) for _ in range(100)]
            )
        server.measure("submissions_per_echo", echoes / 100)
        clients = submissions(server, lambda: server.connect_many(50))
        for made, number, what in (
            (echoes, 100, "echoes: each receive"),
            (clients, 50, "clients: each accept"),
        ):
            if made > 1.5 * number:
                server.fail(
                    f"{made} operations were submitted for {number} {what.split(':')[0]}",
                    (
                        f"{what.split(': ')[1]} was started anew: a multishot operation goes on as"
                        " long as IORING_CQE_F_MORE is set"
                    ),
                    "io_uring_prep_recv_multishot(3)",
                    MECHANISM,
                )


@check("08.4", 4, PROGRAM, needs=needs_echo)
def a_stalled_client_takes_no_buffers_from_others(bench):
    """Clients that never read cost bounded memory, the others are served as before, and nobody's
    bytes are written over."""
    bench.side_by_side(lambda: stalled_clients_cost_little(bench), lambda: keeps_the_rest(bench))


def stalled_clients_cost_little(bench):
    with bench.server(tiny=True, release=True) as server:
        for _ in range(3):
            echoing.stalls(server)
        limits.memory_is_bounded(server)


def keeps_the_rest(bench):
    """What a short send has left in a provided buffer outlives the buffer's next use."""
    with bench.server(tiny_send=True, release=True) as server:
        other, stalled = echoing.greets(server), server.connect(receive_buffer=4096)
        # messages arrive whole, and only the server's sends are short
        for client in (other, stalled):
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * LONG)
        data = server.payload(echoing.burst(server))
        data = data[: stalled.stall(data)]
        with server.quietly(
            f"{other.name} has {TURNS} messages of {LONG:,} bytes echoed meanwhile"
        ):
            for _ in range(TURNS):
                echoing.echoes(server, other, (LONG,))
        echoing.expect_burst(stalled, data)


@check("08.4", 6, PROGRAM, needs=needs_echo)
def survives_too_many_clients(bench):
    """Out of descriptors: asleep, those served are served on, and when some leave, others come
    in."""
    bench.side_by_side(
        lambda: limits.recovers_from_too_many_clients(bench),
        lambda: limits.asleep_at_the_limit(
            bench,
            (
                "accept completes with -EMFILE and is armed again at once: wait until a descriptor"
                " is free"
            ),
            'accept(2), "ERRORS", EMFILE',
        ),
    )
