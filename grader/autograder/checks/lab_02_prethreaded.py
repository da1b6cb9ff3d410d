"""Lab 02: prethreaded_echo. A pool of threads behind a bounded queue (its class:
grader/whitebox/02-processes-and-threads)."""
from ..check import check
from ..verdict import BACKPRESSURE, MECHANISM
from . import echoing, pooling, racing, serving

PRETHREADED = "prethreaded_echo"
WORKERS = 3


@check("02.5", 4, PRETHREADED)
def serves_as_many_as_it_has_threads(bench):
    """With --workers 3 three clients are served at once, by threads of one process."""
    with bench.server(**pooling.pool(WORKERS)) as server, serving.owner_stays("the queue"):
        clients = pooling.serves_at_once(server, WORKERS)
        echoing.answers_every_fragment(server, clients[0], 30)
        if len(set().union(*(serving.holders(server, client) for client in clients))) > 1:
            means = "the workers of this pool are threads"
            server.fail("several processes", means, "pthreads(7)", MECHANISM)
        serving.leaving_politely(server, clients)
        before = server.threads()
        serving.leaving_politely(server, pooling.serves_at_once(server, WORKERS))
        if server.threads() > before + WORKERS - 1:
            server.fail(
                f"{server.threads()} threads; there were {before} before {WORKERS} more clients",
                "the threads of a pool are made once, and serve one client after the other",
                "pthreads(7)",
                MECHANISM,
            )


needs_prethreaded = (serves_as_many_as_it_has_threads.id,)


@check("02.5", 4, PRETHREADED, needs=needs_prethreaded)
def the_next_one_waits_for_a_thread(bench):
    """The fourth client of three threads waits, and is served whole when another has gone."""
    pooling.the_next_one_waits(bench, WORKERS)


CROWD = 150  # clients: more than any queue of this lab holds


@check("02.5", 4, PRETHREADED, needs=needs_prethreaded)
def a_crowd_waits_in_the_kernel(bench):
    """When the queue is full nobody more is accepted: who waits, waits in the kernel; then all are
    served."""
    with bench.server(**pooling.pool(2)) as server:
        served = pooling.serves_at_once(server, 2)
        waiting = pooling.crowd(server, CROWD)
        server.rest()
        if (taken := pooling.accepted(server)) >= CROWD:
            server.fail(
                f"{taken} clients were accepted, and 2 are served at once",
                (
                    "whoever comes is taken in, and costs memory and a descriptor while it waits:"
                    " the queue has to be bounded"
                ),
                'listen(2), "backlog"',
                BACKPRESSURE,
            )
        server.note(f"{taken} clients are accepted; the others wait in the kernel")
        serving.leaving_politely(server, served)
        for client in waiting[:6]:
            echoing.echoes(server, client, (24,), "who waited is served when others have gone")
            echoing.says_goodbye(server, client, 24)


@check("02.5", 2, PRETHREADED, needs=needs_prethreaded)
def prethreaded_survives_who_leaves(bench):
    """A client that resets its connection, with an answer under way or not, harms nobody else."""
    serving.survives_leavers(bench, **pooling.pool(WORKERS))


@check("02.5", 1, PRETHREADED, needs=needs_prethreaded)
def prethreaded_survives_interrupted_calls(bench):
    """accept(), recv() and send() that a signal interrupts (EINTR) are called again."""
    serving.survives_interruptions(bench, **pooling.pool(WORKERS))


@check("02.5", 2, PRETHREADED, needs=needs_prethreaded)
def prethreaded_sleeps(bench):
    """While one client is silent and another never reads, all threads sleep."""
    serving.is_asleep(bench, **pooling.pool(WORKERS))


@check("02.5", 1, PRETHREADED, needs=needs_prethreaded, own=True)
def survives_a_thread_that_cannot_be_made(bench):
    """When a thread of the pool cannot be made (EAGAIN), the others serve."""
    read = 'pthread_create(3), "ERRORS", EAGAIN'
    serving.survives_a_failure_to_start(bench, 2, "thread", read, **pooling.pool(WORKERS))


@check("02.5", 2, PRETHREADED, needs=needs_prethreaded, own=True, builds=racing.BUILDS)
def prethreaded_has_no_data_race(bench):
    """ThreadSanitizer finds nothing while clients come, are served at once, and leave."""
    racing.has_no_data_race(bench, 4, rounds=8, **pooling.pool(4))
