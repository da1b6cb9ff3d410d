"""How often is what measured, so that it ends in time? Pure arithmetic on estimated seconds.

Every cell is run once, cheap ones three times at least; what time is left goes to those that have
been run least, cheap ones first. Before 64 clients compute, the size of their requests is fitted.
Rounds are interleaved: each takes every cell that it has time for, one after the other, so that a
disturbance of the machine meets all of them.
"""
import math
from dataclasses import dataclass, replace

from .calibrate import Calibration
from .cells import CLIENTS, IO, WAITING, Cell, Sizes, is_resizable

START = {"cpp": 0.03, "python": 0.16, "loop": 0.2, "handler": 0.15}  # s, with the end of it
PER_CLIENT = {"cpp": 0.0005, "python": 0.004, "loop": 0.004, "handler": 0.004}  # s, connection
LOOKS = 0.2  # s, at the memory, until it has settled
WANTED, MOST = 3, 5  # rounds: the least that has a spread worth the name; more tells little more
CHEAP, EXPENSIVE = 1.0, 4.0  # s a run: the plan has time for three rounds, two, or one
MOST_SHIFT = 6
CERTAIN = 0.88  # of the time left is planned: estimates are estimates


@dataclass(frozen=True)
class Plan:
    """What to ask for, and what that costs: `costs` in seconds a run."""

    calibrations: dict[str, Calibration]
    cpus: int
    sizes: Sizes
    costs: dict[Cell, float]
    shift: int  # the argument for 64 clients is so much smaller than the one for 8

    @property
    def seconds(self) -> float:
        return sum(cost * self.first_rounds(cell) for cell, cost in self.costs.items())

    def first_rounds(self, cell: Cell) -> int:
        """Larger requests from many clients are worth more than more rounds of them."""
        if is_resizable(cell):
            return 1
        cost = self.costs[cell]
        return WANTED if cost < CHEAP else 2 if cost < EXPENSIVE else 1


def make_plan(cells, calibrations: dict[str, Calibration], wait: int, cpus: int, shift=0) -> Plan:
    """Estimates everything. Only requests of many clients are made smaller, for all languages."""
    arguments, seconds = {}, {}
    for language, calibration in calibrations.items():
        by_clients = {n: calibration.shifted(shift if n == max(CLIENTS) else 0) for n in CLIENTS}
        arguments[language] = {n: sized.argument for n, sized in by_clients.items()}
        seconds[language] = {n: sized.seconds for n, sized in by_clients.items()}
    sizes = Sizes(arguments, wait, seconds)
    costs = {cell: estimate(cell, calibrations, sizes, cpus) for cell in cells}
    return Plan(calibrations, cpus, sizes, costs, shift)


def fitted(plan: Plan, spent: dict[Cell, float], left: float) -> Plan:
    """The plan with the largest requests of 64 clients for which there is time.

    spent     seconds that the runs of the other cells took: how far estimates are off here and now
    left      seconds
    """
    guessed = sum(plan.costs[cell] for cell in spent)
    slowness = sum(spent.values()) / guessed if guessed else 1.0
    for shift in range(MOST_SHIFT + 1):
        smaller = make_plan(plan.costs, plan.calibrations, plan.sizes.wait, plan.cpus, shift)
        costs = {c: spent.get(c, cost * slowness) for c, cost in smaller.costs.items()}
        found = replace(smaller, costs=costs)
        if found.seconds - sum(spent.values()) <= left * CERTAIN:
            break
    return found


def estimate(cell: Cell, calibrations, sizes: Sizes, cpus: int) -> float:
    """Seconds that a run will probably take."""
    configuration = cell.configuration
    fixed = START[configuration.language] + PER_CLIENT[configuration.language] * cell.clients
    if cell.workload == WAITING:
        return fixed + LOOKS
    if cell.workload == IO:
        turns = cell.clients if configuration.model == "sync" else 1
        return fixed + turns * sizes.wait / 1000
    calibration = calibrations.get(configuration.computes_in)
    if calibration is None:
        return fixed
    request = calibration.shifted(calibration.argument - sizes.argument(cell)).seconds
    at_once = min(cpus, cell.clients) if configuration.uses_all_cpus else 1
    return fixed + request * cell.clients / at_once


def next_round(done: dict[Cell, int], costs: dict[Cell, float], left: float) -> list[Cell]:
    """The cells of the next round, in the order of `done`; none when it is time to stop.

    done      how often each cell has been run; 0 is run in any case
    left      seconds
    """
    if any(rounds == 0 for rounds in done.values()):
        return [cell for cell, rounds in done.items() if rounds == 0]
    for wanted in (WANTED, MOST):
        if chosen := affordable(done, costs, left, wanted):
            return [cell for cell in done if cell in chosen]
    return []


def affordable(done, costs, left, wanted) -> set[Cell]:
    """Promises time, first for all the rounds of cheap cells; then a second one for everybody, so
    that there is a spread; then a third, and so on. Cheap ones come first each time."""
    promised, by_cost = dict(done), sorted(done, key=lambda cell: costs[cell])
    cheap = [cell for cell in by_cost if costs[cell] < CHEAP]
    for cells, target in [(cheap, wanted), *((by_cost, n) for n in range(2, wanted + 1))]:
        for cell in cells:
            price = costs[cell] * (target - promised[cell])
            if 0 < price <= left:
                promised[cell] = target
                left -= price
    return {cell for cell in done if promised[cell] > done[cell]}


def all_rounds(done: dict[Cell, int]) -> list[Cell]:
    """The next round when time does not matter: everything, MOST times."""
    return [cell for cell, rounds in done.items() if rounds < MOST]


def time_left(done, costs, left) -> float:
    """An estimate for the display: what is still wanted, or what the budget allows."""
    wanted = sum(max(0, MOST - rounds) * costs[cell] for cell, rounds in done.items())
    return min(wanted, max(left, 0.0)) if math.isfinite(left) else wanted
