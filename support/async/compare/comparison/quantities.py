"""The columns of the tables: from what a run has measured to what a reader compares."""
from .cells import IO, WAITING, Cell
from .results import Missing, Results
from .spread import Spread

UNITS = {
    "wall": "s",
    "rate": "requests/s",
    "p50": "s",
    "p99": "s",
    "cpu_per_1000": "CPU seconds per 1,000 requests",
    "memory": "bytes, PSS of the process tree, the most that was seen",
    "voluntary_per_request": "context switches: the thread waits",
    "involuntary_per_request": "context switches: the CPU is taken away",
}


def quantity(results: Results, cell: Cell, name: str) -> Spread:
    """A column of a cell; raises Missing."""
    if name == "rate":
        return results.spread(cell, "wall").inverse(cell.clients)
    if name == "cpu_per_1000":
        return results.spread(cell, "cpu").times(1000 / cell.clients)
    if name.endswith("_per_request"):
        return results.spread(cell, name.removesuffix("_per_request")).times(1 / cell.clients)
    if name == "memory" and cell.workload == IO:  # from the runs in which all clients wait
        waiting = Cell(cell.configuration, WAITING, 64)
        return results.spread(waiting, "few" if cell.clients == 8 else "all")
    return results.spread(cell, name)


def columns(results: Results, cell: Cell) -> dict[str, Spread]:
    """All the columns that a cell has."""
    found = {}
    for name in UNITS:
        try:
            found[name] = quantity(results, cell, name)
        except Missing:
            pass
    return found
