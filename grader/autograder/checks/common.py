"""Promises that several labs share. Each takes a running server and returns, or raises Failed."""
import contextlib
import re
import signal
import time

from .. import proc
from ..demand import BUSY, IDLE, POLLING
from ..failure import CannotJudge, Failed, count, first_difference

NO_BUFFER_HOLDS = 256 * 1024  # bytes: sixty times the tiny socket buffers of a box


def burst(server) -> int:
    """Bytes of a burst that cannot all be under way: in tiny buffers little, else more than tcp_wmem allows."""
    if server.box.level.network:
        return NO_BUFFER_HOLDS
    return 2 * int(proc.read("/proc/sys/net/ipv4/tcp_wmem").split()[2] or 4 << 20)


AT_ONCE = "what was received has to be sent back at once, as it is"
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
            failed.means = ("the server closed the connection, but the client has not finished: only 0 from "
                            "recv() is its end, -1 with EAGAIN or EINTR is none")
        raise


DROPPED = "send() took part of what it was offered, and the rest was dropped"


def expect_burst(client, data, expect="expect"):
    """As client.expect() or client.exchange(); of a burst that comes back damaged it says what became of it."""
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
        return "send() took part of what it was offered, and the connection was closed: a short count is no " \
            "error, the rest has to be sent" if ended else DROPPED
    if wanted.find(got[at:at + 32]) > at:
        return f"{DROPPED}, or later bytes overtook it"
    return "bytes changed on their way: a buffer was used again before all of it was sent"


def greets(server):
    """A client that has been echoed once: whoever judges cost first makes sure that there is service."""
    client = server.connect()
    echoes(server, client, (24,))
    return client


def answers_every_fragment(server, client, number=100):
    """One byte at a time, each sent when the last has come back: fragments by construction."""
    with server.quietly(f"{client.name} sends {number} single bytes, each after the echo of the last"):
        for byte in server.payload(number):
            client.send(bytes([byte]))
            expect_echo(client, bytes([byte]), STREAM, 'recv(2), "DESCRIPTION"')


def says_goodbye(server, client, size=3000):
    """Half-close: everything that was sent comes back, then the connection ends."""
    message = server.payload(size)
    client.send(message)
    client.half_close()
    client.expect(message, "the end of input is not the end of output: the rest still has to be sent",
                  "shutdown(2), SHUT_WR")
    client.expect_end("recv() returned 0, the client has finished: close this connection",
                      'recv(2), "RETURN VALUE"')


def is_asleep(server, situation, means="", read="", name=""):
    """No CPU and no wake-ups while nothing happens; `situation` completes "while ..."."""
    reading = server.reading(IDLE)
    if name:
        server.measure(name, reading.demand)
    server.note(f"{reading.seconds:.1f} s pass while {situation}")
    if reading.verdict == BUSY:
        server.fail(f"{reading.demand:.2f} CPUs were in demand for {reading.seconds:.1f} s while {situation}",
                    means or "the program spins: it asks again and again instead of waiting in a system call",
                    read)
    if reading.verdict == POLLING:
        server.fail(f"it woke up {reading.wakeups:,.0f} times a second while {situation}",
                    "it looks at its work on a timer instead of letting the kernel wake it", read)


def spins(server, situation, name=""):
    """The busy loop's price: one whole CPU in demand while nothing happens."""
    reading = server.reading(BUSY)
    if name:
        server.measure(name, reading.demand)
    if reading.verdict != BUSY:
        server.fail(f"{reading.demand:.2f} CPUs in demand and {reading.wakeups:,.0f} wake-ups a second "
                    f"while {situation}", "this lab's server never waits: it asks every descriptor again "
                    "and again; this one sleeps somewhere", 'fcntl(2), O_NONBLOCK; time(7), "Sleeping"')


def has_one_thread(server):
    """One thread in one process serves everybody; what a runtime started before any client does not count."""
    threads, processes = server.threads(), len(server.processes())
    before_threads, before_processes = server.baseline
    if threads > max(1, before_threads) or processes > max(1, before_processes):
        server.fail(f"{count(processes, 'process')} with {count(threads, 'thread')} while clients are connected; "
                    f"before the first client {count(before_processes, 'process')} with "
                    f"{count(before_threads, 'thread')}",
                    "a thread or a process a client is another lab's model", "pthreads(7); fork(2)")


def stalls(server):
    """A client that sends and never reads, until the server takes no more; returns it with its bytes."""
    client = server.connect()
    data = server.payload(burst(server) * 4)
    try:
        sent = client.stall(data)
    except Failed as failed:
        if "closed this connection" in failed.means:
            failed.means, failed.read = ("the server closed the connection because it could not send all at once: a "
                                         "full buffer (EAGAIN, or a short count) is no error"), 'send(2), "ERRORS", EAGAIN'
        raise
    return client, data[:sent]


def asleep_with_a_stuck_answer(bench, means, read):
    """A client that has finished and does not read: its end has been received, its answer is stuck."""
    with bench.server(tiny_send=True, release=True) as server:
        client = server.connect(receive_buffer=4096)
        data = server.payload(32 * 1024)
        client.send(data)
        client.half_close()
        server.rest()
        is_asleep(server, f"{client.name} had finished and did not read its answer", means, read)
        client.expect(data, "the rest was dropped when the client closed its sending side", "shutdown(2)")
        client.expect_end()


def survives_resets(server, greet, sending=True):
    """Clients that reset while idle and, if `sending`, with an answer under way and with one stuck."""
    quiet = server.connect()
    quiet.send(b"x")
    quiet.expect(b"x")
    quiet.reset()
    if sending:
        hasty = server.connect()
        hasty.send(server.payload(2000))
        hasty.reset()
        stuck, _ = stalls(server)
        stuck.reset()
    greet(server)


def survives_a_broken_pipe(bench, greet):
    """A client that has finished, and goes while its answer is stuck: send() says EPIPE, with SIGPIPE."""
    with bench.server(tiny_send=True) as server:
        client = server.connect(receive_buffer=4096)
        client.send(server.payload(64 * 1024))
        client.half_close()
        server.rest()
        client.reset()
        greet(server)


def descriptors_come_back(server, visit, times=10):
    """After `times` visits the server holds as many descriptors as after the first."""
    visit(server)
    before = len(server.descriptors())
    for _ in range(times):
        visit(server)
    server.wait(lambda seconds: len(server.descriptors()) <= before or time.sleep(seconds), limit=5)
    left = len(server.descriptors()) - before
    if left > 0:
        server.fail(f"{count(left, 'descriptor')} more than before are open after {times} clients came and went",
                    "a descriptor is not closed when its client has gone", "close(2)")


def survives_stop_and_continue(server, client):
    """SIGSTOP and SIGCONT (Ctrl-Z and fg): waiting calls may return EINTR, signal(7)."""
    stop(server)
    server.signal(signal.SIGCONT)
    echoes(server, client, (24,))


def stop(server):
    """SIGSTOP, and waits until every process has stopped (`t`: under a tracer)."""
    def stopped(seconds):
        states = [s.state for pid in server.processes() if (s := proc.stat(pid))]
        return all(state in "tT" for state in states) or time.sleep(seconds / 20)
    server.signal(signal.SIGSTOP)
    server.wait(stopped, limit=5)


def welcomes_all_at_once(server, number=60):
    """Clients that come while the server is stopped are one event, or one edge: all are accepted."""
    stop(server)
    clients = server.connect_many(number)
    server.signal(signal.SIGCONT)
    for client in clients:
        echoes(server, client, (24,), f"{number} clients came at the same moment, and not all were accepted: who is told "
               "once (EPOLLET) has to accept until EAGAIN", 'epoll(7), "Level-triggered and edge-triggered"')


def needs_network(server, why):
    if not server.box.level.network:
        raise CannotJudge(f"{why} needs a network namespace: `make doctor` says what is missing")


def interleaved(server, number):
    """`number` clients are connected at once; each is served twice, last come first."""
    clients = server.connect_many(number)
    with server.quietly("each of them sends 24 bytes and reads them back, the last one first, twice"):
        for _ in range(2):
            for client in reversed(clients):
                echoes(server, client, (24,), f"{number:,} clients are connected, and each has to be served whenever "
                       "it sends something")
    return clients


def keeps_what_did_not_fit(server):
    """A reader that comes late gets every byte; another client is served meanwhile."""
    other = greets(server)
    late, data = stalls(server)
    echoes(server, other, (24, 500), f"{late.name} does not read, and that holds up {other.name}: keep what does not "
           "fit and go on", 'send(2), "ERRORS", EAGAIN')
    expect_burst(late, data)
    expect_burst(late, server.payload(burst(server)), "exchange")
    says_goodbye(server, late)


HOARD = 16 << 20  # bytes that no server needs to take from a client that reads nothing


def memory_is_bounded(server):
    """Pushes 16 MiB at the server and reads nothing: it must stop taking them."""
    other = greets(server)
    before = server.resident()
    greedy = server.connect()
    taken = greedy.stall(bytes(HOARD))
    grown = server.resident() - before
    server.measure("memory_of_a_stalled_reader", grown)
    if taken >= HOARD and grown < HOARD / 4:
        server.fail(f"the server took {taken / 2**20:.1f} MiB from a client that reads nothing, and holds next to "
                    "nothing of it", "it goes on reading and drops what it cannot send", "send(2), EAGAIN")
    if taken >= HOARD or grown > HOARD / 2:
        server.fail(f"the server took {taken / 2**20:.1f} MiB from a client that reads nothing, and grew by "
                    f"{grown / 2**20:.1f} MiB", "it keeps reading although nothing can be sent: stop reading above "
                    "a high-water mark (backpressure)", "tcp(7); epoll(7)")
    echoes(server, other, (24,))
    echoes(server, server.connect(), (24,))


STARVED = 4 << 20  # bytes of a flood received before another client is: far beyond any budget
RECEIVED = re.compile(r"(?:recvfrom|recvmsg|read|readv)\((\d+),.*= (\d+)$", re.MULTILINE)


def flood_leaves_a_turn(server, ping, flooder):
    """A flood of megabytes and then a ping arrive while the server is stopped: how much of the flood
    does it receive before the ping? Its own system calls tell; the clock has no part in it."""
    of_ping, of_flood = server.descriptors_of(ping), server.descriptors_of(flooder)
    stop(server)
    flood = flooder.stall(bytes(4 * STARVED))
    if flood < 2 * STARVED:
        raise CannotJudge(f"only {flood / 2**20:.1f} MiB can be under way here: `make doctor` says what is missing")
    message, before = server.payload(24), len(server.traced())
    ping.send(message)
    server.signal(signal.SIGCONT)
    with server.quietly(f"{flooder.name} reads as fast as it can"):
        server.wait(lambda seconds: swallow(flooder, seconds) and (len(ping.received) >= len(message)
                                                                  or ping._receive_some()))
    ahead = 0
    for fd, size in RECEIVED.findall(server.traced()[before:]):
        if int(fd) in of_ping:
            break
        ahead += int(size) if int(fd) in of_flood else 0
    if ahead > STARVED:
        server.fail(f"{ahead / 2**20:.1f} MiB of a flood were received before the 24 bytes of {ping.name}, which waited",
                    "one connection is served for as long as it has something: give each a budget and go on",
                    'epoll(7), "Possible pitfalls and ways to avoid them", Starvation')
    ping.expect(message)
    server.note(f"{ahead / 2**20:.1f} MiB of the flood were received before")


def swallow(client, seconds) -> bool:
    """Reads and forgets what has come for `client`."""
    client._receive_some(seconds)
    client.received.clear()
    return True


def cost_ratio(alone, crowded, rounds=5, messages=200) -> float:
    """CPU time of a message in `crowded` over that in `alone`: the median of interleaved rounds."""
    pairs = [(server, greets(server)) for server in (alone, crowded)]
    ratios = []
    for _ in range(rounds):
        spent = []
        for server, client in pairs:
            before = server.run_seconds()
            with server.quietly(f"{messages} messages are echoed"):
                for _ in range(messages):
                    echoes(server, client, (24,))
            spent.append(server.run_seconds() - before)
        ratios.append(spent[1] / max(spent[0], 1e-6))
    return sorted(ratios)[rounds // 2]


ROOM = 8  # clients that fit below the descriptor limit


def crowd_at_the_limit(server):
    """More clients than descriptors; returns (those served, those that wait or were refused)."""
    says_goodbye(server, server.connect())  # what a runtime opens at its first client it has opened now
    clients = [server.connect() for _ in range(ROOM + 6)]
    messages = {}
    for client in clients:
        messages[client] = server.payload(24)
        with contextlib.suppress(OSError):
            client.socket.send(messages[client])
    with server.quietly(f"each of {len(clients)} clients sends 24 bytes"):
        server.wait(lambda seconds: [c._receive_some() for c in clients if not c.ended] and time.sleep(seconds),
                    calm=0.4, cpu=0.5, limit=5)
    served = [c for c in clients if bytes(c.received) == messages[c] and not c.ended]
    waiting = [c for c in clients if c not in served]
    server.note(f"{len(served)} of them are served; the others wait or are refused")
    if not served:
        server.fail("not one client was served", "running out of descriptors must not stop those who have one",
                    'accept(2), "ERRORS", EMFILE')
    if not waiting:
        raise CannotJudge("the limit of descriptors did not hold for this program")
    for client in served:
        client.received.clear()
    return served, [(c, messages[c]) for c in waiting if not c.ended]


def limited(bench, **options):
    """A server whose RLIMIT_NOFILE leaves room for ROOM clients above what it holds when idle."""
    with bench.server(**options) as server:
        says_goodbye(server, server.connect())
        highest = max((fd for _, fd in server.descriptors()), default=2)
    return bench.server(nofile=highest + 1 + ROOM, **options)


def recovers_from_too_many_clients(bench):
    with limited(bench, release=True) as server:
        served, waiting = crowd_at_the_limit(server)
        for client in served[:2]:
            echoes(server, client, (24,))
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
    """A client that waited for a descriptor is served at last, or refused by a server that does so."""
    server.wait(lambda seconds: client.ended or (client._receive_some(seconds)
                and len(client.received) >= len(message)), calm=3)
    if client.ended and client is not server.clients[-1]:
        server.note(f"{client.name}, who had waited, is refused")
        return
    client.expect(message, "descriptors are free again, but the server does not accept any more: it stalls",
                  'accept(2), "ERRORS", EMFILE; epoll(7), edge-triggered listeners')


def asleep_at_the_limit(bench, means, read):
    with limited(bench, release=True) as server:
        served, _ = crowd_at_the_limit(server)
        is_asleep(server, "clients waited that could not be accepted", means, read)
        echoes(server, served[0], (24,))


def ends_on_sigterm(bench):
    with bench.server() as server:
        greets(server)
        server.signal(signal.SIGTERM)
        server.expect_exit(0, "SIGTERM asks a server to stop: accept nobody, finish, exit with status 0",
                           "signal(7); signalfd(2)")


def finishes_on_sigterm(bench):
    with bench.server(tiny=True) as server:
        late, data = stalls(server)
        stalls(server)  # never reads: must not keep the server from ending
        taken = len(data) - server.not_yet_read(late)
        server.signal(signal.SIGTERM)
        late.expect(data[:taken], "SIGTERM came while an answer was under way, and the rest of it was dropped",
                    "shutdown(2)")
        server.expect_exit(0, "a client that never reads keeps the server alive: give it two seconds, then end",
                           "timerfd_create(2)")
