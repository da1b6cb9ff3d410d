"""Medians with their spread: what a few rounds allow to say, and no more."""
import math
import statistics
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """Median, lowest and highest of some rounds."""

    median: float
    low: float
    high: float
    rounds: int

    @staticmethod
    def of(values) -> "Spread":
        values = list(values)
        return Spread(statistics.median(values), min(values), max(values), len(values))

    def times(self, factor: float) -> "Spread":
        """In another unit: factor > 0."""
        return Spread(self.median * factor, self.low * factor, self.high * factor, self.rounds)

    def inverse(self, numerator: float = 1.0) -> "Spread":
        """numerator / value: requests a second from a wall time, for example."""
        return ratio(Spread(numerator, numerator, numerator, self.rounds), self)


def ratio(above: Spread, below: Spread) -> Spread:
    """above / below, from the least that the rounds allow to the most."""
    return Spread(
        divided(above.median, below.median),
        divided(above.low, below.high),
        divided(above.high, below.low),
        min(above.rounds, below.rounds),
    )


def divided(a: float, b: float) -> float:
    return a / b if b else math.inf


def percentile(values, percent: float) -> float:
    """Nearest rank: of 8 values the 99th percentile is the largest, the 50th the fourth."""
    ordered = sorted(values)
    return ordered[max(1, math.ceil(len(ordered) * percent / 100)) - 1]
