"""Lab 02: forking_echo and threaded_echo. A process or a thread for each client."""
import signal
import os

from .. import proc
from ..check import check
from ..failure import count
from ..verdict import EXTRA_PROCESSES
from . import echoing, limits, racing, serving

FORKING, THREADED = "forking_echo", "threaded_echo"
FORK, THREAD = "fork(2)", "pthreads(7)"


# -- 02.1: a process for each client ---------------------------------------------------------------
@check("02.1", 6, FORKING)
def serves_each_client_in_a_process(bench):
    """Many clients at once, each in a process of its own, which ends when the client has gone."""
    with bench.server() as server:
        serving.one_each(server, lambda: len(serving.living(server)), "process", FORK)


needs_forking = (serves_each_client_in_a_process.id,)


@check("02.1", 2, FORKING, needs=needs_forking)
def accepts_while_children_live(bench):
    """When one client has gone, the next is served at once, although other children live."""
    with bench.server() as server:
        serving.accepts_beside_others(server)


@check("02.1", 2, FORKING, needs=needs_forking)
def closes_the_parents_copy(bench):
    """A client that has finished gets all its bytes, then the end, although other children live."""
    with bench.server() as server:
        serving.ends_beside_others(server)


@check("02.1", 2, FORKING, needs=(closes_the_parents_copy.id,), own=True)
def a_child_holds_only_its_client(bench):
    """A child holds its own client's connection: not the listener, nor another client's."""
    with bench.server() as server:
        clients = [echoing.greets(server) for _ in range(4)]
        server.rest()
        parent, *children = serving.living(server)
        for child in children:
            sockets = [what for what in proc.descriptors(child).values() if "socket:" in what]
            if len(sockets) != 1:
                server.fail(
                    f"a child holds {count(len(sockets), 'socket')}; it serves one client",
                    (
                        "fork() copies all descriptors: the child has to close the listener, or the"
                        " port stays taken as long as it lives; the parent closes the client"
                    ),
                    FORK,
                )
        echoing.echoes(server, clients[0], (24,))


@check("02.1", 4, FORKING, needs=needs_forking)
def leaves_no_zombies(bench):
    """Children that end one by one or at the same moment are all forgotten: no zombie stays."""
    with bench.server() as server:
        for _ in range(2):
            echoing.greets(server).close()
            server.rest()
        all_are_forgotten(server, 2)
        clients = echoing.interleaved(server, 12)
        parent = server.processes()[0]
        os.kill(parent, signal.SIGSTOP)
        server.note("the parent is stopped, and all clients leave: the signals become one")
        for client in clients:
            client.close()
        serving.settles(server, lambda: len(serving.living(server)) <= 1)
        os.kill(parent, signal.SIGCONT)
        all_are_forgotten(server, len(clients))
        echoing.greets(server)


def all_are_forgotten(server, number):
    serving.settles(server, lambda: not zombies(server))
    if left := zombies(server):
        server.fail(
            f"{count(left, 'zombie')} of {number} children that have ended",
            "nobody waits for them; or for one only, when one SIGCHLD stood for several",
            'waitpid(2), "NOTES"; signal(7), "Queueing and delivery semantics"',
            verdict=EXTRA_PROCESSES,
        )


def zombies(server) -> int:
    return len(server.processes()) - len(serving.living(server))


@check("02.1", 3, FORKING, needs=needs_forking)
def forking_survives_interrupted_calls(bench):
    """accept(), recv() and send() that a signal interrupts (EINTR) are called again."""
    serving.survives_interruptions(bench)


@check("02.1", 2, FORKING, needs=needs_forking)
def forking_survives_who_leaves(bench):
    """A client that resets its connection, with an answer under way or not, harms nobody else."""
    serving.survives_leavers(bench)


@check("02.1", 2, FORKING, needs=needs_forking)
def forking_sleeps(bench):
    """While one client is silent and another never reads, all processes sleep."""
    serving.is_asleep(bench)


@check("02.1", 2, FORKING, needs=needs_forking, own=True)
def survives_a_failing_fork(bench):
    """When fork() fails with EAGAIN that client is lost, and the next one is served."""
    serving.survives_a_failure_to_start(bench, 1, "process", 'fork(2), "ERRORS", EAGAIN')


# -- 02.2: a thread for each client ----------------------------------------------------------------
@check("02.2", 5, THREADED)
def serves_each_client_in_a_thread(bench):
    """Many clients at once, each in a thread of its own, which ends when the client has gone."""
    with bench.server() as server, serving.owner_stays("the thread"):
        serving.one_each(server, lambda: threads_of_one(server), "thread", THREAD)


def threads_of_one(server) -> int:
    """Threads of one process: processes would have a thread each, too."""
    return max((len(proc.threads(pid)) for pid in server.processes()), default=0)


needs_threaded = (serves_each_client_in_a_thread.id,)


@check("02.2", 3, THREADED, needs=needs_threaded)
def closes_what_it_accepted(bench):
    """A client that has finished gets all its bytes, then the end; no descriptor stays."""
    with bench.server() as server:
        serving.ends_beside_others(server)
        serving.accepts_beside_others(server)


@check("02.2", 3, THREADED, needs=needs_threaded, own=True)
def closes_each_descriptor_once(bench):
    """No descriptor is closed twice: its number may be another client's by then."""
    with bench.server(trace=["-e", "trace=close"]) as server:
        serving.leaving_politely(server, echoing.interleaved(server, 8))
        twice = server.traced().count("EBADF")
        if twice:
            server.fail(
                f"{count(twice, 'close()')} of a descriptor that was not open any more",
                (
                    "two owners close one descriptor: the second may hit another client's, which"
                    " got the number meanwhile"
                ),
                "close(2)",
            )


@check("02.2", 1, THREADED, needs=needs_threaded)
def threaded_survives_interrupted_calls(bench):
    """accept(), recv() and send() that a signal interrupts (EINTR) are called again."""
    serving.survives_interruptions(bench)


@check("02.2", 2, THREADED, needs=needs_threaded)
def threaded_survives_who_leaves(bench):
    """A client that resets its connection, with an answer under way or not, harms nobody else."""
    serving.survives_leavers(bench)


@check("02.2", 1, THREADED, needs=needs_threaded)
def threaded_sleeps(bench):
    """While one client is silent and another never reads, all threads sleep."""
    serving.is_asleep(bench)


@check("02.2", 2, THREADED, needs=needs_threaded, own=True)
def survives_a_failing_thread(bench):
    """When no thread can be made (EAGAIN) that client is closed, and the next one is served."""
    read = 'pthread_create(3), "ERRORS", EAGAIN'
    serving.survives_a_failure_to_start(bench, 1, "thread", read)


@check("02.2", 1, THREADED, needs=needs_threaded)
def recovers_from_too_many_clients(bench):
    """Out of descriptors it goes on with those it has, and accepts again when some leave."""
    limits.recovers_from_too_many_clients(bench)


@check("02.2", 2, THREADED, needs=needs_threaded, own=True, builds=racing.BUILDS)
def threaded_has_no_data_race(bench):
    """ThreadSanitizer finds nothing while clients come, are served at once, and leave."""
    racing.has_no_data_race(bench, 16)
