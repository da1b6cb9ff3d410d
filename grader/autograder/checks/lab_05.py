"""Lab 05: epoll_echo. One thread, asleep on an epoll descriptor, and nobody can hold up another.

(The class EventLoop of step 05.1 is judged by GoogleTest: grader/whitebox/05-epoll.)
"""
from ..check import check
from ..diagnosis import epoll_interest
from ..verdict import MECHANISM
from . import echoing, fairness, leaving, limits, resting

PROGRAM = "epoll_echo"
LEVEL = 'epoll(7), "Level-triggered and edge-triggered"'
OUT, EDGE = 0x4, 0x80000000  # EPOLLOUT, EPOLLET: what fdinfo shows of a watched descriptor


@check("05.2", 5, PROGRAM)
def echoes_what_was_sent(bench):
    """Many clients at once, in any order and in fragments: each gets back what it sends."""
    echoing.serves_many(bench)


needs_echo = (echoes_what_was_sent.id,)


@check("05.2", 4, PROGRAM, needs=needs_echo)
def finishes_with_a_half_closed_client(bench):
    """A client that has closed its sending side gets all its bytes, then the end; no descriptor
    stays."""
    with bench.server() as server:
        echoing.says_goodbye(server, server.connect())
        leaving.descriptors_come_back(server, lambda s: echoing.says_goodbye(s, s.connect(), 24))


@check("05.2", 4, PROGRAM, needs=needs_echo)
def a_reset_harms_nobody(bench):
    """A client that resets its connection harms nobody else."""
    with bench.server() as server:
        other = echoing.greets(server)
        for _ in range(3):
            leaving.survives_resets(
                server, lambda s: echoing.echoes(s, other, (24,)), sending=False
            )


@check("05.2", 6, PROGRAM, needs=needs_echo)
def epoll_does_the_waiting(bench):
    """The thread sleeps in epoll_wait(), the epoll set watches every client, and no event is
    lost."""
    with bench.server(release=True) as server:
        clients = [echoing.greets(server) for _ in range(5)]
        server.rest()
        resting.watched_and_asleep_in_epoll(server, clients)
        resting.has_one_thread(server)
        resting.survives_stop_and_continue(server, clients[0])
        echoing.welcomes_all_at_once(server)


@check("05.2", 6, PROGRAM, needs=needs_echo)
def asleep_with_a_thousand_idle_clients(bench):
    """No client, or a thousand that say nothing: no CPU and no wake-ups."""
    bench.side_by_side(
        lambda: resting.asleep_with_nobody(
            bench,
            (
                "epoll_wait() returns at once again and again: its time-out is 0, or a "
                "descriptor is always ready and never dealt with"
            ),
            'epoll_wait(2), "timeout"',
        ),
        lambda: asleep_beside_a_thousand(bench),
    )


def asleep_beside_a_thousand(bench):
    with bench.server(release=True) as server:
        clients = echoing.interleaved(server, 1000)
        armed = any(
            mask & (OUT | EDGE) == OUT
            for masks in epoll_interest(server)
            for mask in masks.values()
        )
        resting.is_asleep(
            server,
            "a thousand clients were silent",
            read=LEVEL,
            means=(
                "EPOLLOUT is always armed: a socket that takes bytes is ready all the time, so"
                " watch for it only while bytes wait to be sent"
                if armed
                else ""
            ),
        )
        echoing.echoes(server, clients[500], (24,))
        server.measure("resident_bytes_with_1000_clients", server.resident())


@check("05.3", 7, PROGRAM, needs=needs_echo)
def keeps_what_send_did_not_take(bench):
    """A burst larger than all buffers comes back whole, while others are served."""
    leaving.keeps_what_did_not_fit(bench)


@check("05.3", 6, PROGRAM, needs=needs_echo)
def a_client_that_never_reads_costs_bounded_memory(bench):
    """What a client sends but does not read back is not hoarded: the server stops reading from
    it."""
    with bench.server(tiny=True, release=True) as server:
        limits.memory_is_bounded(server)


@check("05.3", 7, PROGRAM, needs=needs_echo)
def asleep_with_a_client_that_never_reads(bench):
    """A client that never reads, half-closed or not, wakes nobody; then it gets all its bytes
    and the end."""
    resting.asleep_beside_stuck_clients(
        bench,
        (
            "an event is always ready: watch for EPOLLOUT only while bytes wait, and for "
            "EPOLLIN only while there is room"
        ),
        (
            "the end of input stays readable for ever: stop watching for EPOLLIN "
            "(or EPOLLRDHUP) once it has come"
        ),
        'epoll_ctl(2), "EPOLLOUT"; ' + LEVEL,
    )


@check("05.4", 6, PROGRAM, needs=needs_echo)
def a_flood_starves_nobody(bench):
    """However much one client has sent, it does not keep the server from another who waits."""
    with bench.server(large=True, trace=["-e", "trace=recvfrom,recvmsg,read,readv"]) as server:
        flooder, ping = echoing.greets(server), echoing.greets(server)
        fairness.flood_leaves_a_turn(server, ping, flooder)
        echoing.greets(server)


@check("05.4", 4, PROGRAM, needs=needs_echo)
def cost_is_flat_in_idle_clients(bench):
    """A message costs the same CPU time beside a thousand idle clients as beside none."""
    with bench.server(release=True) as alone, bench.server(release=True) as crowded:
        crowd = crowded.connect_many(1000)
        ratio = resting.cost_ratio(alone, crowded, most=5)
        crowded.measure("cost_with_1000_idle_clients", ratio)
        if ratio > 5:
            crowded.fail(
                f"a message cost {ratio:.1f} times the CPU time beside {len(crowd):,} idle clients",
                (
                    "something looks at every client at every event: epoll_wait() already says"
                    " which are ready"
                ),
                'epoll(7), "NOTES"',
                verdict=MECHANISM,
            )


@check("05.5", 5, PROGRAM, needs=needs_echo)
def accepts_again_when_a_client_leaves(bench):
    """Out of descriptors, those served are served on; when some leave, others come in."""
    limits.recovers_from_too_many_clients(bench)


@check("05.5", 5, PROGRAM, needs=needs_echo)
def asleep_when_out_of_descriptors(bench):
    """While clients wait that cannot be accepted, the server neither spins nor dies."""
    limits.asleep_at_the_limit(
        bench,
        (
            "accept() fails with EMFILE and the listener stays ready: stop watching it "
            "until a descriptor is free"
        ),
        'accept(2), "ERRORS", EMFILE',
    )


@check("05.6", 5, PROGRAM, needs=needs_echo)
def stops_on_sigterm(bench):
    """SIGTERM ends the server with status 0, idle clients or not."""
    leaving.ends_on_sigterm(bench)


@check("05.6", 5, PROGRAM, needs=needs_echo)
def finishes_what_is_under_way(bench):
    """After SIGTERM what was received is still sent, nobody new is served, and it ends within
    seconds."""
    leaving.finishes_on_sigterm(bench)
