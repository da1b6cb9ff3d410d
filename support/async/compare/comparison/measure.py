"""One run: a fresh server, its clients, and what that has cost. A run is a dict of numbers."""
import os
import time

from . import load
from .cells import IO, WAITING, Cell, Sizes
from .configurations import PYTHON
from .fibonacci import fibonacci
from .process import Server, tree
from .spread import percentile
from .usage import Memory, MemorySampler, memory, used_by, used_in_all

WARM_ARGUMENT = 1
LAZY_POOLS = ("async", "inline", "io_uring")  # start their workers with the first requests


def start(cell: Cell, sizes: Sizes, python=PYTHON) -> Server:
    options = ["0", "--quiet", "--wait", str(sizes.wait_of(cell)), "--limit", str(sizes.limit)]
    configuration = cell.configuration
    return Server([*configuration.command(python), *options], configuration.environment())


def measure(cell: Cell, sizes: Sizes, patience: float, python=PYTHON) -> dict[str, float]:
    """Runs a cell once.

    patience  seconds for the replies to come
    raises    StartError, load.LoadError
    """
    server = start(cell, sizes, python)
    try:
        if cell.workload == WAITING:
            return waiting_memory(server, cell.clients)
        warm_up(server, cell)
        return timed_run(server, cell, sizes.argument(cell), patience)
    finally:
        if server.process.returncode is None:
            server.end()


def warm_up(server: Server, cell: Cell):
    """So that pools are there; others start what they need for each client anyway."""
    if cell.configuration.model in LAZY_POOLS:
        load.run(server.port, os.cpu_count() or 1, WARM_ARGUMENT, fibonacci(WARM_ARGUMENT), 10)


def timed_run(server: Server, cell: Cell, argument: int, patience: float) -> dict[str, float]:
    """wall, p50, p99, cpu in seconds; memory in bytes (not of a run that is short because it only
    waits: looking would take longer than the run); switches over the whole tree."""
    before = used_by(tree(server.pid))
    sampler = MemorySampler(server.pid)
    if cell.workload != IO:
        with sampler:
            latencies, wall = ask(server, cell, argument, patience)
    else:
        latencies, wall = ask(server, cell, argument, patience)
    used = used_in_all(server.end()) - before
    run = {
        "wall": wall,
        "p50": percentile(latencies, 50),
        "p99": percentile(latencies, 99),
        "cpu": max(0.0, used.cpu),
        "voluntary": used.voluntary,
        "involuntary": used.involuntary,
    }
    return {**run, "memory": sampler.peak} if sampler.peak else run


def ask(server: Server, cell: Cell, argument: int, patience: float):
    begin = time.perf_counter()
    latencies = load.run(server.port, cell.clients, argument, fibonacci(argument), patience)
    return latencies, time.perf_counter() - begin


def waiting_memory(server: Server, most: int) -> dict[str, float]:
    """Bytes with no client, with 8 waiting for their replies, and with all: idle, few, all."""
    idle, few = settled_memory(server.pid), min(8, most)
    clients = load.connect_all(server.port, few, 1, 10)
    try:
        with_few = settled_memory(server.pid)
        clients += load.connect_all(server.port, most - few, 1, 10)
        full = settled_memory(server.pid)
    finally:
        load.close(clients)
    return {
        "idle": idle.total,
        "few": with_few.total,
        "all": full.total,
        "idle_anonymous": idle.anonymous,
        "all_anonymous": full.anonymous,
    }


def settled_memory(pid: int) -> Memory:
    """The memory once it does not grow by more than 0.5 % in 40 ms; after 1.5 s as it is."""
    seen, deadline = memory(tree(pid)), time.monotonic() + 1.5
    while time.monotonic() < deadline:
        time.sleep(0.04)
        now = memory(tree(pid))
        if now.anonymous <= seen.anonymous * 1.005:
            return now
        seen = now
    return seen
