"""Lab 11: asyncio on the student's own selector and event loop; C++ computes beside it.

(EventLoop, Selector and fibonacci are judged from inside: grader/whitebox/11-python.)
"""
import math
import re
import time

from .. import blocked, proc
from ..check import check
from ..demand import Sample
from ..failure import Failed
from ..verdict import MECHANISM
from . import echoing, leaving, resting

ECHO, COMPUTE = "asyncio_echo", "asyncio_fibonacci"
PHI = (1 + math.sqrt(5)) / 2  # fibonacci(n + 1) takes so much longer than fibonacci(n)
THREADS = 'asyncio, "loop.run_in_executor"'


def keeps_what_did_not_fit(server):
    """As echoing's; but here asyncio sends, and the selector has to tell it when to go on."""
    try:
        echoing.keeps_what_did_not_fit(server)
    except Failed as failed:
        if failed.means.startswith(echoing.DROPPED):
            failed.means, failed.read = (
                (
                    "asyncio keeps what did not fit until select() says that the socket is writable"
                    " again; it was not told: select() or modify() loses EVENT_WRITE"
                ),
                "selectors, BaseSelector.modify",
            )
        raise


@check("11.4", 4, ECHO)
def asyncio_echoes_what_was_sent(bench):
    """An asyncio program runs unchanged: many clients at once, fragments, bursts, half-close and
    resets."""
    with bench.server(tiny=True) as server:
        first = server.connect()
        echoing.echoes(server, first)
        echoing.answers_every_fragment(server, first, 20)
        echoing.interleaved(server, 30)
        keeps_what_did_not_fit(server)
        echoing.says_goodbye(server, server.connect())
        leaving.survives_resets(server, lambda s: echoing.echoes(s, first, (24,)), sending=False)


needs_echo = (asyncio_echoes_what_was_sent.id,)


@check("11.4", 2, ECHO, needs=needs_echo)
def the_epoll_set_watches_the_clients(bench):
    """The thread sleeps in epoll_wait(), and the loop's epoll set watches every client; 100 who come
    at the same moment are served."""
    with bench.server(release=True) as server:
        clients = [echoing.greets(server) for _ in range(5)]
        server.rest()
        resting.watched_and_asleep_in_epoll(server, clients)
        resting.has_one_thread(server)
        resting.survives_stop_and_continue(server, clients[0])
        echoing.welcomes_all_at_once(server, 100)


@check("11.4", 1, ECHO, needs=(the_epoll_set_watches_the_clients.id,), own=True)
def the_event_loop_does_the_waiting(bench):
    """The epoll set that the thread sleeps on is an EventLoop's: it watches the eventfd that stop()
    writes. What select.epoll makes watches none."""
    with bench.server(release=True) as server:
        clients = [echoing.greets(server) for _ in range(2)]
        server.rest()
        held = server.descriptors()
        for pid in server.processes():
            for task in proc.threads(pid):
                call, fd = blocked.where(pid, task)
                if call in resting.EPOLL_CALLS:
                    told = re.findall(r"tfd:\s*(\d+)", proc.read(f"/proc/{pid}/fdinfo/{fd}"))
                    watched = {int(number) for number in told}
                    if any("eventfd" in held.get((pid, number), "") for number in watched) and all(
                        server.descriptors_of(client) & watched for client in clients
                    ):
                        return
        server.fail(
            "no thread sleeps on an epoll set that watches the clients and EventLoop's eventfd",
            "asynclab.EventLoop does not do the waiting: another selector does, as select.epoll",
            "selectors, BaseSelector; the hints in selector.py",
            verdict=MECHANISM,
        )


@check("11.4", 3, ECHO, needs=needs_echo)
def asleep_when_idle(bench):
    """No CPU and no wake-ups while clients are silent."""
    with bench.server(release=True) as server:
        for _ in range(3):
            echoing.greets(server)
        resting.is_asleep(
            server,
            "three clients were silent",
            "select() comes back with nothing to do, and asyncio asks again",
            'epoll_wait(2), "timeout"',
            name="idle_demand",
        )


def asks(server, n):
    """A client that sends the number `n`."""
    client = server.connect()
    client.send(b"%d" % n)
    return client


def reply(n) -> bytes:
    """The n-th Fibonacci number as the server sends it."""
    first, second = 1, 1
    for _ in range(n):
        first, second = second, first + second
    return b"%d" % first


def gets(server, client, n):
    """The client gets its reply, however long it takes, and then the end."""
    server.wait(lambda seconds: client.ended or client._receive_some(seconds), cpu=30, limit=60)
    if client.ended and not client.received:
        server.fail(
            f"{client.name} asked for fibonacci({n}), and the connection ended without a reply",
            "an exception has ended answer(): what the program printed last is below",
            THREADS,
        )
    client.expect(reply(n), "the reply is the number that asynclab.fibonacci(n) returns")
    client.expect_end()


def is_refused(server):
    """A client asks for what is no number, and gets its reply without any computation."""
    client = server.connect()
    client.send(b"x")
    server.wait(lambda seconds: client.ended or client._receive_some(seconds), cpu=30, limit=60)
    client.expect(b"error", "what is no number is answered with `error`")
    client.expect_end()


def computes(server):
    """Waits until the server has begun to compute: 20 ms on a CPU since now."""
    before = server.run_seconds()
    server.wait(lambda seconds: server.run_seconds() - before > 0.02 or time.sleep(seconds / 10))


def worth(server, seconds) -> int:
    """The n whose computation takes about so many seconds of CPU time here."""
    gets(server, asks(server, 1), 1)  # the first request starts the pool, or loads what makes one
    before = server.run_seconds()
    gets(server, asks(server, 27), 27)
    spent = max(server.run_seconds() - before, 1e-4)
    return min(27 + math.ceil(math.log(seconds / spent, PHI)), 45)


@check("11.5", 5, COMPUTE)
def a_long_computation_delays_nobody(bench):
    """While one client's number is computed, another client, who asks for none, gets its reply."""
    with bench.server(release=True) as server:
        n = worth(server, 0.3)
        # Three times: on a loaded machine the loop may come late to its turn.
        for more in (0, 1, 3):
            first = asks(server, n + more)
            computes(server)
            is_refused(server)
            overtaken = first.silent()
            gets(server, first, n + more)
            if overtaken:
                return
        server.fail(
            (
                f"client {len(server.clients) - 1} asked for fibonacci({n + 3}), and a client that"
                " came after it and asked for nothing to be computed (`x`) got its reply only when"
                " that had been computed, three times"
            ),
            "the loop's own thread computes, or waits for the GIL while C++ computes",
            THREADS,
            MECHANISM,
        )


@check("11.5", 5, COMPUTE, needs=(a_long_computation_delays_nobody.id,))
def two_computations_run_at_once(bench):
    """The numbers of two clients are computed in parallel: two CPUs are in demand."""
    with bench.server(release=True) as server:
        n = worth(server, 0.4)
        best = 0.0
        for _ in range(3):
            pair = [asks(server, n), asks(server, n)]
            before = Sample(server.processes())
            for client in pair:
                gets(server, client, n)
            best = max(best, before.until(Sample(server.processes())).demand)
            if best >= 1.5:
                return
        server.fail(
            f"{best:.2f} CPUs were in demand while two clients' fibonacci({n}) were computed",
            "one computation waits for the other: there is one thread for both, or the GIL is held",
            THREADS,
            MECHANISM,
        )
