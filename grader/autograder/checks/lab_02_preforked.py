"""Lab 02: preforked_echo. A pool of processes, whose dead are replaced."""
import os
import signal
import time

from .. import proc
from ..activity import Activity
from ..check import check
from ..failure import CannotJudge, count
from ..patience import Patience
from ..verdict import EXTRA_PROCESSES, MECHANISM
from . import echoing, pooling, serving

PREFORKED = "preforked_echo"
WORKERS = 3


@check("02.3", 3, PREFORKED)
def serves_as_many_as_it_has_workers(bench):
    """With --workers 3 three clients are served at once, each by a process of its own."""
    with bench.server(**pooling.pool(WORKERS)) as server:
        clients = pooling.serves_at_once(server, WORKERS)
        echoing.answers_every_fragment(server, clients[0], 30)
        each_by_its_own_process(server, clients)
        serving.leaving_politely(server, clients)
        serving.leaving_politely(server, pooling.serves_at_once(server, WORKERS))


def each_by_its_own_process(server, clients):
    held = [serving.holders(server, client) for client in clients]
    if len(set().union(*held)) < len(clients):
        server.fail(
            f"{count(len(set().union(*held)), 'process')} for {count(len(clients), 'client')}",
            "each worker of this pool is a process, with one client at a time",
            "fork(2)",
            MECHANISM,
        )


needs_preforked = (serves_as_many_as_it_has_workers.id,)


@check("02.3", 3, PREFORKED, needs=needs_preforked)
def the_next_one_waits_for_a_worker(bench):
    """The fourth client of three workers waits, and is served whole when another has gone."""
    pooling.the_next_one_waits(bench, WORKERS)


@check("02.3", 5, PREFORKED, needs=needs_preforked)
def replaces_a_killed_worker(bench):
    """A worker that is killed loses its client only, and has one successor: three are served."""
    with bench.server(**pooling.pool(WORKERS)) as server:
        clients = pooling.serves_at_once(server, WORKERS)
        for _ in range(WORKERS):
            with serving.explains("the program ended", ENDS_ALL, "wait(2)"):
                clients = [*clients[1:], killed_and_replaced(server, *clients)]
        serving.settles(server, lambda: len(server.processes()) == len(serving.living(server)))
        if len(server.processes()) > len(serving.living(server)):
            saw, means = "a killed worker stays as a zombie", "nobody waits for it"
            server.fail(saw, means, "wait(2)", EXTRA_PROCESSES)
        pooling.one_more_waits(server, clients)


ENDS_ALL = "a worker was killed, and that ended the service of its siblings"


def killed_and_replaced(server, lost, *others):
    """Kills the worker of `lost`; the others are served on. Returns a new client, served too."""
    kill_worker(server, lost)
    for client in others:
        echoing.echoes(server, client, (24,), ENDS_ALL, "wait(2)")
    newcomer = server.connect()
    echoing.echoes(
        server,
        newcomer,
        (24,),
        "a worker was killed, and nobody took its place: wait for its end, fork again",
        "wait(2); signal(7), SIGCHLD",
    )
    return newcomer


def kill_worker(server, client):
    for pid in serving.holders(server, client):
        server.note(f"the worker of {client.name} is killed")
        os.kill(pid, signal.SIGKILL)
    server.wait(lambda seconds: client.ended or (client._receive_some(seconds) and client.ended))


@check("02.3", 3, PREFORKED, needs=needs_preforked)
def no_worker_survives_the_parent(bench):
    """When the parent is killed, its workers end too, also one that is serving."""
    with bench.server(**pooling.pool(WORKERS), orphans=True) as server:
        client = echoing.greets(server)
        server.rest()
        parent, workers = family_of(server, client)
        server.note("the parent of the workers is killed")
        os.kill(parent, signal.SIGKILL)
        if left := survivors(workers):
            ending = server.ending() if server.box.exited() else "signal SIGKILL"
            server.fail(
                (
                    f"the parent ended with {ending}, and {len(left)} of"
                    f" {count(len(workers), 'worker')} go on"
                ),
                (
                    "nobody looks after them, and they keep the port: ask for a signal at the"
                    " parent's death"
                ),
                "prctl(2), PR_SET_PDEATHSIG",
                verdict=EXTRA_PROCESSES,
            )
        client.close()


def family_of(server, client):
    """The parent of the process that serves `client`, and all its children."""
    parents = {s.parent for pid in serving.holders(server, client) if (s := proc.stat(pid))}
    parent = min(parents, default=0)
    if parent not in server.processes():
        raise CannotJudge("the worker's parent is none of the program's own processes")
    return parent, [p for p in server.processes() if (s := proc.stat(p)) and s.parent == parent]


def survivors(pids, calm=2.5, limit=20) -> list[int]:
    """Those of `pids` that are left when all have been asleep for `calm` seconds, or could have run
    for `limit`."""
    patience = Patience(0, calm, cpu=limit, limit=limit)
    while left := [pid for pid in pids if (s := proc.stat(pid)) and s.state != "Z"]:
        time.sleep(0.01)
        patience.look(Activity(pids), 0)
        if patience.asleep() or patience.spent():
            return left
    return []


@check("02.3", 2, PREFORKED, needs=needs_preforked)
def preforked_survives_who_leaves(bench):
    """A client that resets its connection, with an answer under way or not, costs no worker."""
    serving.survives_leavers(bench, serving.living, **pooling.pool(WORKERS))


@check("02.3", 1, PREFORKED, needs=needs_preforked)
def preforked_survives_interrupted_calls(bench):
    """accept(), recv() and send() that a signal interrupts (EINTR) are called again."""
    serving.survives_interruptions(bench, **pooling.pool(WORKERS))


@check("02.3", 1, PREFORKED, needs=needs_preforked)
def preforked_sleeps(bench):
    """While one client is silent and another never reads, all processes sleep."""
    serving.is_asleep(bench, **pooling.pool(WORKERS))


@check("02.3", 2, PREFORKED, needs=needs_preforked, own=True)
def survives_a_worker_that_cannot_be_made(bench):
    """When fork() fails with EAGAIN the pool goes on, and tries again."""
    read = 'fork(2), "ERRORS", EAGAIN'
    serving.survives_a_failure_to_start(bench, 2, "process", read, **pooling.pool(WORKERS))
