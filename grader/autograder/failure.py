"""The outcomes that a check can raise: it failed, or it cannot be judged on this machine."""
from dataclasses import dataclass, field

from .verdict import INCONCLUSIVE, SKIPPED, WRONG


@dataclass
class Failed(Exception):
    """A promise not kept. `saw`: numbers and units; `means`: the one likely cause; `read`: the source;
    `words`: the program's last; `todos`: steps that it said are still to be written; `verdict`: the
    word for it."""

    saw: str
    means: str
    read: str = ""
    transcript: list[str] = field(default_factory=list)
    where: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    todos: list[str] = field(default_factory=list)
    verdict: str = WRONG

    def __str__(self):
        return self.saw


class CannotJudge(Exception):
    """The machine, not the program, stands in the way: says the cause and the cure."""

    verdict = INCONCLUSIVE


class Lacking(CannotJudge):
    """The machine lacks what a check needs: it will not be otherwise the next time."""

    verdict = SKIPPED


def count(number: int, noun: str) -> str:
    """`1 byte`, `2,000 bytes`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s" if not noun.endswith("s") else "es")


def first_difference(wanted: bytes, got: bytes) -> int:
    """Index of the first byte that differs, or the shorter length."""
    for at, (left, right) in enumerate(zip(wanted, got)):
        if left != right:
            return at
    return min(len(wanted), len(got))
