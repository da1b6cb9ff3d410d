"""The order of things: every contender at a point, then the next point; and all of that again.

Contenders take turns at each point, so that whatever else the machine does meets all of them; each
turn has a fresh process, port and network. Where ratios are wanted their turns are short and many
(slices.py). A row is written when it is there: Ctrl-C loses nothing.
"""
import itertools
import time
from dataclasses import dataclass, replace

from comparison import interrupt

from . import calls, http, measure, slices
from .measure import Failed, Window
from .point import CONNECTIONS, FAILED, HTTP, MISSING, OK, Point, row

TRIES = 2  # failures of a contender at a point, after which it is not tried again there
CALLS = 0  # the round of a row that has system calls


@dataclass(frozen=True)
class Turn:
    number: int  # of the round, or CALLS
    contender: object
    point: Point

    @property
    def weight(self) -> float:
        """How long it takes, in unknown units."""
        return (2 if self.number == CALLS else 1) + self.point.connections / 3000


def plan(contenders, points, rounds: int, counted=()) -> list[Turn]:
    """`counted`: the points at which system calls are counted, once, after the first round."""
    turns = []
    for number in range(1, rounds + 1):
        turns += [Turn(number, c, p) for p in points for c in contenders if fits(c, p)]
        if number == 1:
            turns += [Turn(CALLS, c, p) for p in counted for c in contenders if fits(c, p)]
    return turns


def fits(contender, point: Point) -> bool:
    return (contender.kind == HTTP) == (point.mode == HTTP)


def alike(one: Point, other: Point) -> bool:
    """All but the number of clients is the same."""
    return replace(one, connections=other.connections) == other


class Rounds:
    """Takes all turns; `keep(row)` gets each result, `display` is told of each turn. `sliced`: who stays
    connected is measured beside the others of its point."""

    def __init__(self, turns: list[Turn], arena, window: Window, root, keep, display, sliced=False):
        self.turns, self.arena, self.window, self.root = turns, arena, window, root
        self.keep, self.display, self.sliced = keep, display, sliced
        self.failures = {}

    def run(self):
        began, done, whole = time.monotonic(), 0.0, sum(turn.weight for turn in self.turns)
        for _, together in itertools.groupby(self.turns, key=self.group):
            together = list(together)
            left = (time.monotonic() - began) / done * (whole - done) if done else None
            self.display.show(together[0], done / whole, left)
            wanted = [turn for turn in together if self.wanted(turn)]
            if wanted and self.slices(together[0]):
                self.take_slices(wanted)
            else:
                for turn in wanted:
                    self.take(turn)
            done += sum(turn.weight for turn in together)

    def slices(self, turn: Turn) -> bool:
        return self.sliced and turn.number != CALLS and turn.point.mode == CONNECTIONS

    def group(self, turn: Turn):
        """What turns that are taken together have in common."""
        return (turn.number, turn.point) if self.slices(turn) else turn

    def wanted(self, turn: Turn) -> bool:
        """Calls are counted of who has not failed there; who fails often is not tried for ever."""
        failures = self.failures.get((turn.contender, turn.point), 0)
        return failures < (1 if turn.number == CALLS else TRIES)

    def take(self, turn: Turn):
        interrupt.check()
        try:
            self.came_to(turn, self.measured(turn))
        except Failed as failed:
            self.came_to(turn, failed)

    def take_slices(self, turns: list[Turn]):
        turn_of = {turn.contender: turn for turn in turns}
        point = turns[0].point
        found = slices.measure(list(turn_of), point, self.arena, self.window)
        for contender, numbers in found.items():
            self.came_to(turn_of[contender], numbers)

    def came_to(self, turn: Turn, found: dict | Failed | None):
        if isinstance(found, Failed):
            outcome = MISSING if turn.contender.missing else FAILED
            if turn.number != CALLS:
                key = turn.contender, turn.point
                tries = TRIES if outcome == MISSING else 1
                self.failures[key] = self.failures.get(key, 0) + tries
            self.add(turn, outcome, str(found), **found.numbers)
        elif found is not None:
            self.add(turn, OK, **found)

    def measured(self, turn: Turn) -> dict | None:
        if fewer := self.failed_with_fewer(turn):
            raise Failed(f"not tried: it had failed with {' and '.join(fewer)} clients")
        if turn.number == CALLS:
            return calls.system_calls(turn.contender, turn.point, self.arena)
        if turn.point.mode == HTTP:
            return http.measure(turn.contender, turn.point, self.arena, self.window, self.root)
        return measure.measure(turn.contender, turn.point, self.arena, self.window)

    def failed_with_fewer(self, turn: Turn) -> list[str]:
        """The next smaller numbers of clients if it has failed with both; empty else. To try all the
        same takes minutes: those who cannot connect wait until their time is up."""
        mine = {t.point for t in self.turns if t.contender == turn.contender}
        smaller = [p for p in sorted(mine) if p < turn.point and alike(p, turn.point)][-2:]
        failed = [p for p in smaller if (turn.contender, p) in self.failures]
        return [f"{p.connections:,}" for p in failed] if len(failed) == 2 else []

    def add(self, turn: Turn, outcome: str, reason="", **numbers):
        self.keep(row(turn.contender, turn.point, turn.number, outcome, reason, **numbers))
