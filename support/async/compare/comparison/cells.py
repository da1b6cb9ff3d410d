"""What is measured: a cell is one server under one workload from a number of clients."""
import re
from dataclasses import dataclass, field

from .configurations import ALL, Configuration

CLIENTS = (8, 64)  # 8 as in client_bench.sh
SIZED, SAME, IO, WAITING = "sized", "same", "io", "waiting"
TIMED = (SIZED, SAME, IO)
TITLES = {
    SIZED: "CPU-bound, sized for each language",
    SAME: "CPU-bound, the same argument for all",
    IO: "I/O-bound",
    WAITING: "memory while clients wait",
}
SHORT = {SIZED: "CPU, sized", SAME: "CPU, same", IO: "I/O", WAITING: "memory"}
IO_ARGUMENT = 1  # next to nothing to compute
MEMORY_WAIT = 5000  # ms: longer than it takes to look at the memory


@dataclass(frozen=True)
class Cell:
    """WAITING has no clients of its own: in one run the memory is taken with 0, 8 and 64."""

    configuration: Configuration
    workload: str
    clients: int

    @property
    def key(self) -> str:
        c = self.configuration
        return f"{c.language}/{c.model}/{self.workload}/{self.clients}"


@dataclass(frozen=True)
class Sizes:
    """What the requests ask for. Arguments by language and number of clients; wait in ms."""

    arguments: dict[str, dict[int, int]]  # {"C++": {8: 38, 64: 36}, "Python": ...}
    wait: int
    seconds: dict[str, dict[int, float]] = field(default_factory=dict)  # of one request, measured

    def argument(self, cell: Cell) -> int:
        if cell.workload in (IO, WAITING):
            return IO_ARGUMENT
        language = "Python" if cell.workload == SAME else cell.configuration.computes_in
        return self.arguments[language][cell.clients]

    def argument_or_none(self, cell: Cell) -> int | None:
        """None where the language could not be calibrated."""
        try:
            return self.argument(cell)
        except KeyError:
            return None

    def wait_of(self, cell: Cell) -> int:
        return {IO: self.wait, WAITING: MEMORY_WAIT}.get(cell.workload, 0)

    @property
    def limit(self) -> int:
        return max([34] + [n for by in self.arguments.values() for n in by.values()])


def measured_as(cell: Cell) -> Cell:
    """The same argument for all is the one sized for Python: there, both workloads are one run."""
    if cell.workload == SAME and cell.configuration.computes_in == "Python":
        return Cell(cell.configuration, SIZED, cell.clients)
    return cell


def shown_cells() -> list[Cell]:
    """In the order in which a round takes them: all servers under one workload, then the next.
    Last come those whose requests can still be made smaller, when the time runs short."""
    few, many = CLIENTS
    columns = [(SIZED, few), (SAME, few), (IO, few), (IO, many), (WAITING, many)]
    columns += [(SIZED, many), (SAME, many)]
    return [Cell(c, workload, clients) for workload, clients in columns for c in ALL]


def is_resizable(cell: Cell) -> bool:
    return cell.workload in (SIZED, SAME) and cell.clients == max(CLIENTS)


def cells_to_run(only: str = "") -> list[Cell]:
    """Each that has to be measured, once.

    only      a regular expression for keys such as cpp/threads/io/64; empty: all
    """
    wanted = (measured_as(cell) for cell in shown_cells() if re.search(only, cell.key))
    return list(dict.fromkeys(wanted))
