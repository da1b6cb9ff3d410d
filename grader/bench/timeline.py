"""When each check of a grading ran, what it waited for, and which chain of them took longest."""
from dataclasses import dataclass

WIDTH = 50  # columns of the chart
BARS = {"passed": "█", "failed": "▓", "not_run": "░", "cannot_judge": "▒"}


@dataclass(frozen=True)
class Span:
    """Seconds into the grading. `ready`: all that it needs had ended; until `began` it waited for its
    turn (only so many run side by side)."""

    id: str
    outcome: str
    needs: tuple[str, ...]
    ready: float
    began: float
    ended: float

    @property
    def own(self) -> float:
        return self.ended - self.began

    def as_json(self) -> dict:
        numbers = {"ready": self.ready, "began": self.began, "ended": self.ended, "own": self.own}
        return {"id": self.id, "outcome": self.outcome} | {
            name: round(value, 3) for name, value in numbers.items()
        }


def spans(result) -> list[Span]:
    """The checks of a result, in the order in which they began."""
    found = [
        Span(o.check.id, o.outcome, o.check.needs, o.ready, o.began, o.began + o.seconds)
        for o in result.outcomes.values()
    ]
    return sorted(found, key=lambda span: span.began)


def critical_path(found: list[Span]) -> list[Span]:
    """The chain that the last check to end stands on: before each the one of its needs that ended
    last."""
    by_id, path = {span.id: span for span in found}, []
    last = max(found, key=lambda span: span.ended, default=None)
    while last:
        path.insert(0, last)
        before = [by_id[name] for name in last.needs if name in by_id]
        last = max(before, key=lambda span: span.ended, default=None)
    return path


def gantt(found: list[Span], most=12) -> list[str]:
    """A line for each of the checks that took longest, a star before those of the critical path."""
    end = max((span.ended for span in found), default=0) or 1
    path = critical_path(found)
    slowest = set(sorted(found, key=lambda span: -span.own)[:most]) | set(path)
    width = max((len(span.id) for span in slowest), default=0)
    return [
        f"{'*' if span in path else ' '} {span.id:<{width}} {bar(span, end)}"
        f" {span.own:5.2f} s, from {span.began:.2f}"
        for span in found
        if span in slowest
    ]


def bar(span: Span, end: float) -> str:
    """`···` while it waited for its turn, then a block for the time that it ran."""
    ready, began, ended = (round(at * WIDTH / end) for at in (span.ready, span.began, span.ended))
    ended = max(ended, began + 1)
    drawn = " " * ready + "·" * (began - ready) + BARS[span.outcome] * (ended - began)
    return f"▏{drawn:<{WIDTH + 1}}▕"
