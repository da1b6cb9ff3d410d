"""What labs promise of who serves: a process or a thread for each client."""
import contextlib
import time

from .. import proc, tcp
from ..failure import Failed, count
from ..verdict import EXTRA_PROCESSES, MECHANISM
from . import echoing, leaving, resting

HOUSEKEEPING = 3  # threads that a runtime may start or end meanwhile (a JVM's compilers)
GROUP = 12  # clients at once: many more than that


def living(server) -> list[int]:
    """The server's processes without its zombies."""
    return [pid for pid in server.processes() if (s := proc.stat(pid)) and s.state != "Z"]


def holders(server, client) -> set[int]:
    """The processes that hold the connection with `client`."""
    inodes = {
        entry.inode
        for entry in server.sockets()
        if entry.local_port == server.port and entry.peer_port == client.port
    } - {tcp.NOT_ACCEPTED}
    return {pid for (pid, _), what in server.descriptors().items() if what in inodes}


def settles(server, event, calm=1.0):
    """Waits for an event that /proc shows."""
    return server.wait(lambda seconds: event() or time.sleep(seconds), calm=calm, limit=15)


def one_each(server, number_of, what, read):
    """As many more of `what` as there are clients, and none of them left when they have gone."""
    echoing.greets(server).close()  # a runtime's helpers start now
    server.rest()
    before = number_of()
    first = server.connect()
    echoing.echoes(server, first)
    echoing.answers_every_fragment(server, first, 30)
    clients = [first, *echoing.interleaved(server, GROUP - 1)]
    more = number_of() - before
    if more < GROUP:
        server.fail(
            f"{count(more, what)} more than without clients, while {GROUP} clients are connected",
            f"this server has one {what} for each client",
            read,
            MECHANISM,
        )
    for client in clients:
        client.close()
    settles(server, lambda: number_of() <= before)
    left = number_of() - before
    if left > HOUSEKEEPING:
        server.fail(
            f"{count(left, what)} more than before, after {GROUP} clients came and went",
            f"a {what} does not end when its client has gone",
            read,
            EXTRA_PROCESSES if what == "process" else MECHANISM,
        )
    echoing.greets(server)


@contextlib.contextmanager
def explains(word, means, read):
    """What a failure means that says `word`, when this block is known to be the cause."""
    try:
        yield
    except Failed as failed:
        if word in f"{failed.saw}; {failed.means}":
            failed.means, failed.read = means, read
        raise


def owner_stays(new_owner):
    """Explains a connection that the server closes too early: its owner has gone, or another's."""
    return explains(
        "the client has not finished",
        (
            "the client's descriptor was closed, or changed, while it is served: it needs one"
            f" owner, who has to be moved into {new_owner}"
        ),
        "close(2)",
    )


def says_goodbye(server, client, size=3000):
    """As echoing's; of a connection that does not end it says that a process has a copy of it."""
    copies = len(holders(server, client))
    means = (
        "another process still holds the connection, beside the one that serves it: fork() copies"
        " each descriptor, and a connection ends when its last copy is closed"
    )
    with explains("does not come", means, "fork(2)") if copies > 1 else contextlib.nullcontext():
        echoing.says_goodbye(server, client, size)


def leaving_politely(server, clients):
    for client in clients:
        says_goodbye(server, client, 24)


def ends_beside_others(server):
    """Who has finished gets all its bytes, then the end, though others stay; who came before as well
    as who came after. No descriptor stays."""
    clients = [echoing.greets(server) for _ in range(5)]
    for client in (clients[2], clients[0], clients[4]):
        says_goodbye(server, client)
    for client in (clients[1], clients[3]):
        echoing.echoes(server, client, (24,))
        says_goodbye(server, client)
    leaving.descriptors_come_back(server, lambda s: leaving_politely(s, [echoing.greets(s)]))


def accepts_beside_others(server):
    """Who comes after one has gone is served at once, though others stay."""
    staying = echoing.greets(server)
    for _ in range(3):
        echoing.greets(server).close()
        server.rest()
        means = "one has gone, others stay, and nobody new is served: who accepts waits for them"
        echoing.echoes(server, server.connect(), (24,), means, "waitpid(2), WNOHANG")
    echoing.echoes(server, staying, (24,))


def survives_interruptions(bench, clients=3, **options):
    """The second recv() of each thread, send(), accept() and wait() is interrupted by a signal."""
    calls = "accept,accept4,recvfrom,recvmsg,sendto,sendmsg,wait4,waitid"
    inject = ["-e", f"trace=read,write,{calls}", "-e", f"inject={calls}:error=EINTR:when=2"]
    with bench.server(trace=inject, **options) as server:
        server.note("the second call of each kind will be interrupted in each thread: EINTR")
        for client in [server.connect() for _ in range(clients)]:
            echoing.echoes(
                server,
                client,
                (24, 24, 24, 24),
                "EINTR was taken for an error, or for the end: it only says that a signal came",
                'signal(7), "Interruption of system calls"',
            )
            client.close()


def survives_leavers(bench, workers=None, **options):
    """Resets at rest, with an answer under way and with one stuck; and EPIPE. `workers(server)`, if
    there are any, are the same ones afterwards."""
    kept = {}  # server -> its workers

    def before(server):
        for _ in range(2):
            echoing.greets(server).close()
            if workers:
                server.rest()
                all_stay(
                    server,
                    "a worker ended by itself when its client had finished",
                    "a worker serves one client after the other: it goes on with the next",
                    "accept(2)",
                )
                kept[server] = workers(server)

    def after(server):
        echoing.greets(server).close()
        if workers:
            server.rest()
            all_stay(
                server,
                "a worker died because a client had gone",
                "a send() to who has gone raises SIGPIPE, and its default ends the process",
                "send(2), MSG_NOSIGNAL; signal(7)",
            )

    def all_stay(server, *reason):
        if set(kept.get(server, ())) - set(workers(server)):
            server.fail(*reason)

    def resets():
        with bench.server(tiny=True, **options) as server:
            before(server)
            leaving.survives_resets(server, after)

    bench.side_by_side(
        resets, lambda: leaving.survives_a_broken_pipe(bench, after, before, **options)
    )


def is_asleep(bench, **options):
    """No CPU and no wake-ups while one client is silent, another never reads, and nobody else is
    there. In the end the one who did not read gets every byte."""
    with bench.server(release=True, tiny=True, **options) as server:
        echoing.greets(server)
        late, data = echoing.stalls(server)
        resting.is_asleep(
            server, "one client was silent and another did not read", name="idle_demand"
        )
        echoing.expect_burst(late, data)


FAILING = "?clone,?clone3,?fork,?vfork:error=EAGAIN:when="


def survives_a_failure_to_start(bench, which, what, read, **options):
    """The system refuses the program's `which`-th process or thread: EAGAIN. The service goes on."""
    inject = ["-e", f"trace={FAILING.split(':')[0]}", "-e", f"inject={FAILING}{which}"]
    try:
        with bench.server(trace=inject, **options) as server:
            server.note(f"{what} number {which} could not be made: EAGAIN")
            unlucky = server.connect()
            unlucky.send(b"x")
            settles(server, unlucky._receive_some)
            unlucky.close()
            for _ in range(2):
                echoing.greets(server).close()
    except Failed as failed:
        failed.means = f"one {what} could not be made (EAGAIN), and that ended the service"
        failed.read = read
        raise
