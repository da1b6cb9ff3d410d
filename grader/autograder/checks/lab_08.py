"""Lab 08: uring_echo. Completions instead of readiness: one ring, one thread, few system calls."""
import collections
import re
import signal
import time

from .. import machine, proc
from ..check import Lacking, check
from ..diagnosis import epoll_interest
from ..failure import count
from ..verdict import MECHANISM, TIMEOUT
from . import echoing, leaving, limits, resting

PROGRAM = "uring_echo"
COMPLETION = 'io_uring(7); io_uring_prep_recv(3), "NOTES"'


def rings(server):
    """What fdinfo says of every ring of the server: field -> number, and the operations under
    way."""
    found = []
    for (pid, fd), what in server.descriptors().items():
        if what == "anon_inode:[io_uring]":
            text = proc.read(f"/proc/{pid}/fdinfo/{fd}")
            fields = {
                name: int(value)
                for name, value in re.findall(r"^(\w+):\s*(\d+)$", text, re.MULTILINE)
            }
            found.append((fields, [int(op) for op in re.findall(r"op=(\d+)", text)]))
    return found


def has_a_ring(server):
    if not rings(server):
        server.fail(
            "the program holds no io_uring descriptor",
            "something else does the work",
            "io_uring_queue_init(3)",
            MECHANISM,
        )


def counted(server, field):
    """The sum of a counter of all rings, None where this kernel does not tell."""
    values = [fields.get(field) for fields, _ in rings(server)]
    return sum(values) if values and None not in values else None


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
    with bench.server() as server:
        echoing.says_goodbye(server, server.connect())
        leaving.descriptors_come_back(server, leave_in_every_way)
        leaving.survives_resets(server, echoing.greets)
    leaving.survives_a_broken_pipe(bench, echoing.greets)


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


def submissions(server, act) -> int:
    """Operations submitted while `act` runs and until the server has come to rest."""
    before = counted(server, "CachedSqHead")
    act()
    server.rest()
    return counted(server, "CachedSqHead") - before


@check("08.4", 4, PROGRAM, needs=needs_echo)
def a_stalled_client_takes_no_buffers_from_others(bench):
    """Clients that never read cost bounded memory, and the others are served as before."""
    with bench.server(tiny=True, release=True) as server:
        for _ in range(3):
            echoing.stalls(server)
        limits.memory_is_bounded(server)


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


CALLS = (
    "io_uring_enter",
    "recvfrom",
    "recvmsg",
    "read",
    "readv",
    "sendto",
    "sendmsg",
    "write",
    "writev",
    "poll",
    "ppoll",
    "epoll_wait",
    "epoll_pwait",
)


@check("08.5", 10, PROGRAM, needs=needs_echo)
def few_system_calls(bench):
    """Sixty-four messages that arrive at once need at most thirty-two system calls, of whatever
    kind."""
    rounds, clients_at_once = 5, 64
    with bench.server(trace=["-e", "trace=?" + ",?".join(CALLS)]) as server:
        clients = echoing.interleaved(server, clients_at_once)
        before = calls_of(server)
        with server.quietly(
            f"{rounds} times, {clients_at_once} clients send while the server is stopped, so that"
            " all messages are there at once; then it continues"
        ):
            for _ in range(rounds):
                all_at_once(server, clients)
        calls = calls_of(server) - before
        server.measure("system_calls_per_message", calls.total() / rounds / clients_at_once)
        if calls.total() / rounds > clients_at_once / 2:
            told = ", ".join(
                f"{number / rounds:.0f} {name}" for name, number in calls.most_common()
            )
            server.fail(
                (
                    f"{calls.total() / rounds:.0f} system calls for {clients_at_once} messages that"
                    f" were there at once: {told}"
                ),
                (
                    "each completion is followed by a system call of its own: deal with all that"
                    " have completed, then submit and wait once"
                    if calls.most_common(1)[0][0] == CALLS[0]
                    else (
                        "the ring only says who is ready, and another system call moves the bytes:"
                        " let the ring receive and send them"
                    )
                ),
                "io_uring_submit_and_wait(3)",
                MECHANISM,
            )


def calls_of(server) -> collections.Counter:
    return collections.Counter(re.findall(r"\b(" + "|".join(CALLS) + r")\(", server.traced()))


def all_at_once(server, clients):
    resting.stop(server)
    messages = [server.payload(24) for _ in clients]
    for client, message in zip(clients, messages):
        client.send(message)
    server.signal(signal.SIGCONT)
    for client, message in zip(clients, messages):
        client.expect(
            message,
            (
                f"{len(clients):,} clients sent at the same moment, and not all were answered: a"
                " full queue (NULL from io_uring_get_sqe()) and a receive that ended with -ENOBUFS"
                " both pass"
            ),
            "io_uring_get_sqe(3); io_uring_prep_recv_multishot(3)",
        )


@check("08.5", 10, PROGRAM, needs=needs_echo)
def many_clients_at_once(bench):
    """Fifteen hundred clients that speak at the same moment are all answered; while they are silent
    the server uses no CPU."""
    with bench.server(release=True) as server:
        clients = server.connect_many(1500)
        with server.quietly("all send while the server is stopped; then it continues"):
            all_at_once(server, clients)
        resting.is_asleep(
            server, "fifteen hundred clients were silent", read="io_uring_submit_and_wait(3)"
        )
        server.measure("resident_bytes_with_1500_clients", server.resident())
        for client in clients:
            client.socket.close()
        server.note("all close at once")
        echoing.greets(server)
