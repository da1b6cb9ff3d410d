"""What labs promise of rest: asleep or spinning while nothing happens, in one thread."""
import math
import signal
import time

from .. import blocked, proc, verdict
from ..diagnosis import epoll_interest
from ..demand import BUSY, IDLE, POLLING, window
from ..failure import count
from . import echoing

EPOLL_CALLS = {"epoll_wait", "epoll_pwait", "epoll_pwait2"}


def is_asleep(server, situation, means="", read="", name=""):
    """No CPU and no wake-ups while nothing happens; `situation` completes "while ..."."""
    reading = server.reading(IDLE)
    if name:
        server.measure(name, reading.demand)
    server.note(f"{reading.seconds:.1f} s pass while {situation}")
    if reading.verdict == BUSY:
        server.fail(
            (
                f"{reading.demand:.2f} CPUs were in demand for {reading.seconds:.1f} s while"
                f" {situation}"
            ),
            means
            or "the program spins: it asks again and again instead of waiting in a system call",
            read,
            verdict.BUSY,
        )
    if reading.verdict == POLLING:
        server.fail(
            f"it woke up {reading.wakeups:,.0f} times a second while {situation}",
            "it looks at its work on a timer instead of letting the kernel wake it",
            read,
            verdict.POLLING,
        )


def wakes_nobody(server, client, situation, means="", read=""):
    """The same, for as long as `client` is connected: a server may close who gets no further, and
    is_asleep() would wait for that. What is seen in one short window may be a timer, in four it is
    none."""
    for _ in range(4):
        reading, _ = window(server.processes, 0.15)
        if not server.descriptors_of(client) or (reading.demand < 0.5 and reading.wakeups < 50):
            return
    server.fail(
        (
            f"{reading.demand:.2f} CPUs were in demand, with {reading.wakeups:,.0f} wake-ups a"
            f" second, while {situation}"
        ),
        means,
        read,
        verdict.BUSY if reading.demand >= 0.5 else verdict.POLLING,
    )


def spins(server, situation, name=""):
    """The busy loop's price: one whole CPU in demand while nothing happens."""
    reading = server.reading(BUSY)
    if name:
        server.measure(name, reading.demand)
    if reading.verdict != BUSY:
        server.fail(
            (
                f"{reading.demand:.2f} CPUs in demand and {reading.wakeups:,.0f} wake-ups a second "
                f"while {situation}"
            ),
            (
                "this lab's server never waits: it asks every descriptor again "
                "and again; this one sleeps somewhere"
            ),
            'fcntl(2), O_NONBLOCK; time(7), "Sleeping"',
            verdict.MECHANISM,
        )


def watched_and_asleep_in_epoll(server, clients):
    """An epoll set watches all `clients`, and a thread sleeps in epoll_wait()."""
    watched = set().union(*epoll_interest(server)) if epoll_interest(server) else set()
    missing = [client.name for client in clients if not server.descriptors_of(client) & watched]
    if missing:
        server.fail(
            (
                f"{', '.join(missing)} of {len(clients)} idle clients in no epoll set (the sets"
                f" watch {count(len(watched), 'descriptor')})"
            ),
            "an epoll descriptor that does not watch the clients does not do the work",
            "epoll_ctl(2)",
            verdict.MECHANISM,
        )
    sleeps_in(server, EPOLL_CALLS, "five clients")


def sleeping_in(server, calls) -> bool:
    """Does a thread of the server sleep in one of these system calls?"""
    return any(
        blocked.where(pid, task)[0] in calls
        for pid in server.processes()
        for task in proc.threads(pid)
    )


def sleeps_in(server, calls, silent="clients"):
    """A thread sleeps in one of `calls`; the shortest of their names is the function's."""
    name = min(calls, key=len)
    if not sleeping_in(server, calls):
        server.fail(
            f"no thread sleeps in {name}() while {silent} are silent",
            "something else does the waiting",
            f"{name}(2)",
            verdict.MECHANISM,
        )


def has_one_thread(server):
    """One thread in one process serves everybody; what a runtime started before any client does
    not count, but in a closed box no runtime has processes of its own."""
    threads, processes = server.threads(), len(server.processes())
    before_threads, before_processes = server.baseline
    if server.box.level.closed:
        before_threads, before_processes = before_threads - before_processes + 1, 1
    if threads > max(1, before_threads) or processes > max(1, before_processes):
        server.fail(
            (
                f"{count(processes, 'process')} with {count(threads, 'thread')} while clients are"
                f" connected; before the first client {count(before_processes, 'process')} with"
                f" {count(before_threads, 'thread')}"
            ),
            "a thread or a process a client is another lab's model",
            "pthreads(7); fork(2)",
            verdict.EXTRA_PROCESSES if processes > max(1, before_processes) else verdict.MECHANISM,
        )


def asleep_with_nobody(bench, means="", read=""):
    """No client, after one has come and gone."""
    with bench.server(release=True) as server:
        echoing.says_goodbye(server, server.connect())
        is_asleep(server, "no client was there", means, read, "idle_demand")


def asleep_beside_stuck_clients(bench, means, after_the_end, read):
    """`means`: if it is awake beside who does not read; `after_the_end`: if who has finished is why."""
    bench.side_by_side(
        lambda: asleep_beside_who_never_reads(bench, means, read),
        lambda: asleep_with_a_stuck_answer(bench, after_the_end, read),
    )


def asleep_beside_who_never_reads(bench, means, read):
    """Two clients do not read, and one of them has finished: no CPU, no wake-ups, and another is
    served; then the one that has finished gets all its bytes and the end."""
    with bench.server(tiny=True, release=True) as server:
        other = echoing.greets(server)
        silent, _ = echoing.stalls(server)
        ending, data = echoing.stalls(server)
        ending.half_close()
        situation = f"{silent.name} and {ending.name} did not read what was sent to them"
        is_asleep(server, situation, means, read)
        echoing.echoes(server, other, (24,))
        gets_the_rest(ending, data)


def gets_the_rest(client, data):
    """A client that has finished sending reads at last: all its bytes, then the end."""
    client.expect(
        data, "the rest was dropped when the client closed its sending side", "shutdown(2)"
    )
    client.expect_end()


def asleep_with_a_stuck_answer(bench, means, read):
    """A client that has finished and does not read: its end has been received, its answer is
    stuck."""
    with bench.server(tiny_send=True, release=True) as server:
        client = server.connect(receive_buffer=4096)
        data = server.payload(32 * 1024)
        client.send(data)
        client.half_close()
        server.rest()
        is_asleep(server, f"{client.name} had finished and did not read its answer", means, read)
        gets_the_rest(client, data)


def stop(server):
    """SIGSTOP, and waits until every process has stopped (`t`: under a tracer)."""

    def stopped(seconds):
        states = [s.state for pid in server.processes() if (s := proc.stat(pid))]
        return all(state in "tT" for state in states) or time.sleep(seconds / 20)

    server.signal(signal.SIGSTOP)
    server.wait(stopped, limit=5)


def survives_stop_and_continue(server, client):
    """SIGSTOP and SIGCONT (Ctrl-Z and fg): waiting calls may return EINTR, signal(7)."""
    stop(server)
    server.signal(signal.SIGCONT)
    echoing.echoes(server, client, (24,))


def cost_ratio(alone, crowded, most, messages=100) -> float:
    """CPU time of a message in `crowded` over that in `alone`, each the least of interleaved rounds:
    what disturbs a measurement only adds to it. Three rounds, and up to fifteen while the ratio is
    above `most`."""
    pairs = [(server, echoing.greets(server)) for server in (alone, crowded)]
    least = [math.inf, math.inf]
    for number in range(15):
        for which, (server, client) in enumerate(pairs):
            before = server.run_seconds()
            with server.quietly(f"{messages} messages are echoed"):
                for _ in range(messages):
                    echoing.echoes(server, client, (24,))
            least[which] = min(least[which], max(server.run_seconds() - before, 1e-6))
        if number >= 2 and least[1] / least[0] <= most:
            break
    return least[1] / least[0]
