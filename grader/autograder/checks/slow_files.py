"""One file is slow: strace holds every read of it at its entry (strace(1), delay_enter, -P).

A thread that is held is in state `t`, in a call that reads. So the grader sees when a slow read is
under way, and judges by the order of events: what others get while it is.
"""
import contextlib
import functools
import random
import time

from .. import blocked, proc
from ..failure import CannotJudge
from . import downloads

RWF_NOWAIT = 0x8  # a flag of preadv2(2): what is not in memory is not waited for
READS = ("read", "pread64", "readv", "preadv", "preadv2", "sendfile", "splice")
FOR_EVER = 60_000_000  # microseconds: the check is over long before
MEANS = (
    "the thread that waits for the clients reads the file itself, or fewer than four threads read"
    " for it: while the disk is slow nobody is served"
)


def trace(paths, microseconds, when=""):
    """Options for strace: reads of `paths` are held for so long; `when`: which reads of a thread."""
    calls = ",".join(f"?{call}" for call in READS)
    only = [word for path in paths for word in ("-P", str(path))]
    inject = f"inject={calls}:delay_enter={microseconds}{when and ':when=' + when}"
    return [*only, "-e", f"trace={calls}", "-e", inject]


@contextlib.contextmanager
def serving(bench, names=("slow",), microseconds=FOR_EVER, when="", **options):
    """(server, site): the files `names` are slow, the file `small` is not."""
    with downloads.site() as site:
        for number, name in enumerate((*names, "small")):
            site.add(name, bench_bytes(bench, name, 300_000 + number))
        held = trace([site.root / name for name in names], microseconds, when)
        with bench.server(arguments=site.arguments, trace=held, **options) as server:
            downloads.greets(server, site)
            yield server, site


def bench_bytes(bench, name, size):
    return random.Random(f"{bench.seed}/{name}").randbytes(size)


def held(server) -> set[tuple[int, int]]:
    """(process, thread) of every read that is held now.

    raises    CannotJudge if the program has asked for one not to wait"""
    found = set()
    for pid in server.processes():
        for task in proc.threads(pid):
            if (stat := proc.stat(pid, task)) and stat.state == "t":
                call, arguments = blocked.system_call(pid, task)
                if call == "preadv2" and arguments[5] & RWF_NOWAIT:
                    raise CannotJudge(
                        "the program reads with RWF_NOWAIT, which does not wait for a slow disk,"
                        " but is held like any read here: preadv2(2)"
                    )
                if call in READS:
                    found.add((pid, task))
    return found


def begins(server, client, number=1, name="slow"):
    """`client` asks for the slow file; waits until `number` reads are held."""
    downloads.ask(client, "/" + name)

    def is_held_or_read(seconds):
        return len(held(server)) >= number or has_body(client) or time.sleep(seconds / 10)

    server.wait(is_held_or_read, limit=10)
    if len(held(server)) < number:
        raise CannotJudge(
            f"the file's reads cannot be held here: the program reads by none of {', '.join(READS)}"
        )
    server.note(f"{number} reads of slow files are under way")


def has_body(client) -> bool:
    """Has more come than a head, which may be sent before anything is read?"""
    client._receive_some(0)
    return client.ended or bool(client.received.partition(b"\r\n\r\n")[2])


def patience(server):
    """server.wait() while reads are held: gives up when all other threads have slept for a second."""
    return functools.partial(server.wait, held=lambda: held(server))
