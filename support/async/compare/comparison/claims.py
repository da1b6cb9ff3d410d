"""Judging a claim: a measured ratio, from the least to the most that the rounds allow, against the
band in which it should be. Wholly inside: the claim holds. Wholly outside: it does not hold on
this machine. Across an edge of the band: the spread is too wide, nothing can be said."""
import math
from dataclasses import dataclass
from typing import Callable

from .results import Missing, Results
from .spread import Spread

HOLDS, DOES_NOT_HOLD, CANNOT_JUDGE = "holds", "does not hold here", "cannot be judged"
LEAST_ROUNDS = 2  # one round has no spread
BUSY = 0.1  # of the CPUs: when others use more, nothing is said against a claim


@dataclass(frozen=True)
class Claim:
    """`ratio_of` says in words what is divided by what; `band` is where that should be."""

    key: str
    text: str
    ratio_of: str
    measure: Callable[[Results], Spread]
    band: tuple[float, float]
    needs_cpus: int = 1
    needs_gil: bool = False


@dataclass(frozen=True)
class Verdict:
    claim: Claim
    outcome: str
    reason: str = ""  # of CANNOT_JUDGE
    ratio: Spread | None = None


def judge(claim: Claim, results: Results) -> Verdict:
    try:
        ratio = claim.measure(results)
    except Missing as missing:
        return Verdict(claim, CANNOT_JUDGE, str(missing))
    outcome, reason = decide(claim, ratio, results.machine)
    return Verdict(claim, outcome, reason, ratio)


def decide(claim: Claim, ratio: Spread, machine: dict) -> tuple[str, str]:
    if machine["cpus"] < claim.needs_cpus:
        return CANNOT_JUDGE, "one CPU: nothing runs at the same time"
    if claim.needs_gil and not machine["gil"]:
        return CANNOT_JUDGE, "free-threaded Python: there is no GIL"
    if ratio.rounds < LEAST_ROUNDS:
        return CANNOT_JUDGE, "one round: no spread"
    low, high = claim.band
    if low <= ratio.low and ratio.high <= high:
        return HOLDS, ""
    if ratio.high < low or ratio.low > high:
        others = machine.get("others_cpus", 0.0)
        if others > BUSY * machine["cpus"]:
            return CANNOT_JUDGE, f"other programs used {others:.2f} CPUs meanwhile"
        return DOES_NOT_HOLD, ""
    return CANNOT_JUDGE, "the spread is too wide"


def judge_all(claims: list[Claim], results: Results) -> list[Verdict]:
    return [judge(claim, results) for claim in claims]


def number(value: float) -> str:
    """With the digits that a ratio of a few rounds can have."""
    if value > 200:
        return "over 200"
    return f"{value:.0f}" if value >= 20 else f"{value:.1f}" if value >= 5 else f"{value:.2f}"


def expected(claim: Claim) -> str:
    low, high = claim.band
    return f"at least {low:g}" if math.isinf(high) else f"{low:g} to {high:g}"


def measured(verdict: Verdict) -> str:
    """The ratio in words: 1.95 (1.90 to 2.01)."""
    if verdict.ratio is None:
        return ""
    ratio = verdict.ratio
    return f"{number(ratio.median)} ({number(ratio.low)} to {number(ratio.high)})"
