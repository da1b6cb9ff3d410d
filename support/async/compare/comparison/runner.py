"""Runs the rounds: every cell once, then again, until the time is used or the user has enough."""
import math
import time
from dataclasses import dataclass

from . import interrupt, schedule
from .cells import Cell, is_resizable
from .load import LoadError
from .machine import OthersLoad
from .measure import measure
from .process import StartError
from .results import Results


OVERTIME = 25  # seconds beyond the budget, after which not even first rounds begin


@dataclass(frozen=True)
class Options:
    budget: float  # seconds, from `began` on; math.inf: MOST rounds of everything
    began: float  # time.monotonic()
    python: str

    @property
    def left(self) -> float:
        return self.budget - (time.monotonic() - self.began)


class Rounds:
    """Fills `results`; a KeyboardInterrupt leaves in it what there is."""

    def __init__(self, plan: schedule.Plan, results: Results, options: Options, display):
        self.plan, self.results, self.options, self.display = plan, results, options, display
        self.done = {cell: 0 for cell in plan.costs}
        self.spent: dict[Cell, float] = {}  # seconds that the latest run took
        self.is_fitted = False

    def run(self):
        others, number = OthersLoad(), 0
        try:
            while chosen := self.choose():
                number += 1
                for cell in chosen:
                    self.run_if_time(number, cell)
        finally:
            self.results.machine["others_cpus"] = round(others.cpus(), 2)

    @property
    def costs(self) -> dict[Cell, float]:
        return {**self.plan.costs, **self.spent}

    def choose(self) -> list[Cell]:
        if math.isinf(self.options.left):
            return schedule.all_rounds(self.done)
        return schedule.next_round(self.done, self.costs, self.options.left)

    def run_if_time(self, number: int, cell: Cell):
        """A first round takes place unless it is far too late, another one if it fits."""
        if is_resizable(cell) and not self.is_fitted:
            self.fit()
        late = -OVERTIME if self.done[cell] == 0 else self.costs[cell]
        if self.options.left >= late:
            left = schedule.time_left(self.done, self.costs, self.options.left)
            self.display.show(number, cell, sum(self.done.values()), left)
            begin = time.monotonic()
            run_cell(cell, self.results, self.costs[cell], self.options.python)
            self.spent[cell] = time.monotonic() - begin
            self.done[cell] += 1
        elif self.done[cell] == 0:
            self.results.failures[cell] = "there was no time left"
        if cell in self.results.failures:
            self.done.pop(cell)  # said once, it is not tried again

    def fit(self):
        self.plan = schedule.fitted(self.plan, self.spent, self.options.left)
        self.results.sizes = self.plan.sizes
        self.results.machine["shift"] = self.plan.shift
        self.is_fitted = True
        self.display.say_shift(self.plan)


def run_cell(cell: Cell, results: Results, cost: float, python: str):
    """One run, added to the results, or the reason why there is none."""
    interrupt.check()
    try:
        results.add(cell, measure(cell, results.sizes, 10 + 4 * cost, python))
    except (StartError, LoadError) as problem:
        results.failures[cell] = str(problem)
