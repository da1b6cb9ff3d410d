"""What was measured: runs by cell, failures, the machine. Everything else is derived from this."""
from dataclasses import dataclass, field

from .cells import Cell, Sizes, measured_as
from .configurations import Configuration
from .spread import Spread


class Missing(Exception):
    """A number that is not there: the text says why."""


@dataclass
class Results:
    sizes: Sizes
    machine: dict
    runs: dict[Cell, list[dict[str, float]]] = field(default_factory=dict)
    failures: dict[Cell, str] = field(default_factory=dict)

    def add(self, cell: Cell, run: dict[str, float]):
        self.runs.setdefault(cell, []).append(run)

    def rounds(self, cell: Cell) -> int:
        return len(self.runs.get(measured_as(cell), []))

    def failure(self, cell: Cell) -> str | None:
        return self.failures.get(measured_as(cell))

    def spread(self, cell: Cell, quantity: str) -> Spread:
        """Of `wall`, `p50`, `cpu`, ... as measured; raises Missing."""
        return self.derived(cell, lambda run: run.get(quantity))

    def derived(self, cell: Cell, of_run) -> Spread:
        """Of something computed from each run (None: that run lacks it); raises Missing."""
        if failure := self.failure(cell):
            raise Missing(f"{cell.configuration.title}: {failure}")
        values = [of_run(run) for run in self.runs.get(measured_as(cell), [])]
        values = [value for value in values if value is not None]
        if not values:
            raise Missing(f"{cell.configuration.title} was not measured")
        return Spread.of(values)

    def of(self, language: str, model: str, workload: str, clients: int, quantity="wall") -> Spread:
        return self.spread(Cell(Configuration(language, model), workload, clients), quantity)
