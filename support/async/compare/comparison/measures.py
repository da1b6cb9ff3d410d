"""The ratios that claims are about: each function returns one that takes results and divides."""
import math

from .cells import IO, SIZED, WAITING, Cell
from .configurations import Configuration
from .results import Results
from .spread import Spread, ratio

PARALLEL = (1.5, math.inf)  # half as many CPUs again, where two could be twice as many
EQUAL = (0.8, 1.25)  # beyond the 5 to 10 % by which the rounds of a quiet machine differ
LEAST_BYTES = 64  # for each of 64 clients: one page in all, the least that memory is counted in


def walls(above: str, below: str, workload=SIZED, clients=8):
    """Wall time of one server over that of another; each is language/model."""
    a, b = above.split("/"), below.split("/")
    return lambda r: ratio(r.of(*a, workload, clients), r.of(*b, workload, clients))


def cpus_at_work(above: str, below: str):
    """CPU time over wall time of one server, over that of another: which one computes in parallel.

    Wall times would do on a machine whose CPUs are always equally fast. In a virtual machine they
    are not: the same computation needed 0.25 s of CPU time in one run and 0.33 s in the next.
    """

    def at_work(results: Results, server: str) -> Spread:
        cell = Cell(Configuration(*server.split("/")), SIZED, 8)
        return results.derived(cell, lambda run: run["cpu"] / run["wall"])

    return lambda r: ratio(at_work(r, above), at_work(r, below))


def worst(above: str, belows: list[str], workload, clients):
    """The smallest of several ratios of walls."""

    def measure(results: Results) -> Spread:
        found = [walls(above, below, workload, clients)(results) for below in belows]
        return min(found, key=lambda each: each.low)

    return measure


def serial(language: str):
    """Wall time of the synchronous server over the sum of what 64 clients wait for."""
    return lambda r: r.of(language, "sync", IO, 64).times(1000 / (64 * r.sizes.wait))


def median_share(language: str):
    """The median latency over the wall time, with inline computation: in a queue it is one half."""
    cell = Cell(Configuration(language, "inline"), SIZED, 8)
    return lambda r: r.derived(cell, lambda run: run["p50"] / run["wall"])


def memory_per_client(results: Results, language: str, model: str) -> Spread:
    """Bytes for each of 64 clients that wait, beyond those of the idle server: anonymous memory,
    because what is mapped from files is shared with strangers, and changes when they come."""
    cell = Cell(Configuration(language, model), WAITING, 64)
    per_client = lambda run: max(LEAST_BYTES, (run["all_anonymous"] - run["idle_anonymous"]) / 64)
    return results.derived(cell, per_client)


def memory(language: str, more: list[str], less: str):
    """Memory for a waiting client: the thriftier of `more` over `less`."""

    def measure(results: Results) -> Spread:
        above = min((memory_per_client(results, language, m) for m in more), key=lambda s: s.low)
        return ratio(above, memory_per_client(results, language, less))

    return measure
