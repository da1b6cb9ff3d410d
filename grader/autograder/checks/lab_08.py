"""Lab 08: uring_echo. Completions instead of readiness: accept, receive, send and close through a ring."""
import time

from ..check import check
from ..verdict import MECHANISM, TIMEOUT
from . import echoing, leaving, resting
from .rings import COMPLETION, PROGRAM, has_a_ring, rings


@check("08.1", 8, PROGRAM)
def accepts_through_the_ring(bench):
    """A client that connects is accepted by an operation of the ring."""
    with bench.server(release=True) as server:
        server.wait(lambda seconds: bool(rings(server)) or time.sleep(seconds))
        has_a_ring(server)
        server.rest()
        if resting.sleeping_in(server, {"accept", "accept4"}):
            server.fail(
                "the program sleeps in accept()",
                (
                    "whoever waits in a system call of its own does not see "
                    "what completes in the ring meanwhile: let the ring accept"
                ),
                "io_uring_prep_accept(3)",
                MECHANISM,
            )
        client = server.connect()
        server.wait(lambda seconds: bool(server.descriptors_of(client)) or time.sleep(seconds / 3))
        if not server.descriptors_of(client):
            server.fail(
                f"{client.name} has connected, but the server has not accepted it",
                "no accept is under way in the ring, or its completion was not seen",
                "io_uring_prep_accept(3)",
                TIMEOUT,
            )


@check("08.1", 7, PROGRAM)
def asleep_until_a_completion(bench):
    """Without clients the ring waits with an accept under way, and the program sleeps."""
    with bench.server(release=True) as server:
        server.wait(lambda seconds: bool(rings(server)) or time.sleep(seconds))
        has_a_ring(server)
        resting.is_asleep(
            server,
            "no client was there",
            name="idle_demand",
            means="it asks for completions instead of waiting for one",
            read="io_uring_submit_and_wait(3)",
        )


@check("08.2", 8, PROGRAM)
def echoes_what_was_sent(bench):
    """Many clients at once, in any order and in fragments: each gets back what it sends."""
    echoing.serves_many(bench)


needs_echo = (echoes_what_was_sent.id,)


@check("08.2", 9, PROGRAM, needs=needs_echo)
def keeps_what_send_did_not_take(bench):
    """A burst larger than all buffers comes back whole and in order, while others are served."""
    with bench.server(tiny=True) as server:
        echoing.keeps_what_did_not_fit(server)


@check("08.2", 8, PROGRAM, needs=needs_echo)
def a_reset_harms_nobody(bench):
    """An operation that fails has -errno in its completion; it concerns its own connection only."""
    with bench.server(tiny=True) as server:
        other = echoing.greets(server)
        leaving.survives_resets(server, lambda s: echoing.echoes(s, other, (24,)), sending=False)


@check("08.3", 8, PROGRAM, needs=needs_echo)
def closes_with_operations_in_flight(bench):
    """Whoever leaves, at whatever moment, leaves no descriptor and no operation behind."""
    bench.side_by_side(
        lambda: all_descriptors_come_back(bench),
        lambda: leaving.survives_a_broken_pipe(bench, echoing.greets),
        lambda: survives_a_reset_of_both(bench),
    )


def all_descriptors_come_back(bench):
    with bench.server() as server:
        echoing.says_goodbye(server, server.connect())
        leaving.descriptors_come_back(server, leave_in_every_way)
        leaving.survives_resets(server, echoing.greets)


def survives_a_reset_of_both(bench):
    """A receive waits for more and a send for room: a reset completes two operations at once."""
    with bench.server(tiny_send=True) as server:
        for _ in range(3):
            client = server.connect(receive_buffer=4096)
            client.send(server.payload(24 * 1024))
            server.rest()
            leaving.resets(server, client)
            echoing.greets(server)


def leave_in_every_way(server):
    echoing.says_goodbye(server, echoing.greets(server), 24)
    leaving.resets(server, echoing.greets(server))
    hasty = server.connect()
    hasty.send(server.payload(50000))
    leaving.resets(server, hasty)


@check("08.3", 6, PROGRAM, needs=needs_echo)
def asleep_with_a_client_that_never_reads(bench):
    """A client that never reads costs no CPU; when it reads at last it gets all its bytes and
    the end."""
    resting.asleep_beside_stuck_clients(
        bench,
        "an operation completes at once and is armed again, for nothing",
        "a receive after the end completes at once, with 0: start none",
        COMPLETION,
    )


@check("08.3", 6, PROGRAM, needs=needs_echo)
def stops_on_sigterm(bench):
    """After SIGTERM what was received is still sent, nobody new is served, and it ends with
    status 0."""
    bench.side_by_side(
        lambda: leaving.ends_on_sigterm(bench), lambda: leaving.finishes_on_sigterm(bench)
    )
