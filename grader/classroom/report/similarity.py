"""Similar submissions, found by winnowing: a reason to look, no proof.

Every run of K tokens is hashed; of each WINDOW neighbouring hashes the least is kept (the last of
equals), so that two programs that share K + WINDOW - 1 tokens share a fingerprint, wherever in the
files it stands (Schleimer, Wilkerson, Aiken: "Winnowing", SIGMOD 2003). Runs of the given code are
left out. Limits: short answers to the same question are alike by nature, and who writes the same
idea in other words is not found.
"""
import itertools
import json
import pathlib
from dataclasses import asdict, dataclass

from autograder import whole

from .tokens import tokens

K, WINDOW = (
    24,
    8,
)  # tokens; chosen on the kit's corpus of right servers, no two of which are flagged
THRESHOLD = 60  # percent of the smaller one's fingerprints that the other has too
ENOUGH = 12  # fingerprints of one's own; below that an accident could decide
MOST = 500  # pairs of a lab; where a whole class has copied, a longer list tells no more


@dataclass(frozen=True)
class Region:
    """Lines that match: `left` and `right` are (file, first line, last line)."""

    left: tuple[str, int, int]
    right: tuple[str, int, int]


@dataclass(frozen=True)
class Pair:
    left: str
    right: str
    percent: int
    regions: tuple[Region, ...]


def similar(submissions: dict[str, dict[str, bytes]], given: dict[str, bytes]) -> list[Pair]:
    """Pairs of submissions to one lab whose code is alike, most alike first, MOST of them at most.

    submissions  student -> {file name: content}
    given        the code that everybody was given, by file name
    """
    common = {hashed for name, source in given.items() for hashed, _, _ in runs(name, source)}
    prints = {student: fingerprints(files, common) for student, files in submissions.items()}
    enough = {student: found.keys() for student, found in prints.items() if len(found) >= ENOUGH}
    alike = []
    for left, right in itertools.combinations(sorted(enough), 2):
        shared = len(enough[left] & enough[right])
        percent = 100 * shared // min(len(enough[left]), len(enough[right]))
        if percent >= THRESHOLD:
            alike.append((-percent, left, right))
    return [
        Pair(left, right, -percent, regions(prints[left], prints[right]))
        for percent, left, right in sorted(alike)[:MOST]
    ]


def runs(file, source):
    """(hash, place, lines) of every K successive tokens; of equal hashes the last is the least."""
    found = tokens(file, source)
    codes = tuple(token.code for token in found)
    for at in range(len(codes) - K + 1):
        yield hash(codes[at : at + K]), -at, (file, found[at].line, found[at + K - 1].line)


def fingerprints(files, common) -> dict[int, tuple[str, int, int]]:
    """hash -> where it stands first: (file, first line, last line), without the given code's."""
    kept = {}
    for file in sorted(files):
        every = list(runs(file, files[file]))
        windows = (every[at : at + WINDOW] for at in range(max(1, len(every) - WINDOW + 1)))
        for hashed, _, lines in map(min, filter(None, windows)):
            if hashed not in common:
                kept.setdefault(hashed, lines)
    return kept


def regions(left, right) -> tuple[Region, ...]:
    """The lines of shared fingerprints; those that touch each other on both sides are one."""
    merged: list[Region] = []
    shared = left.keys() & right.keys()
    for one, other in sorted((left[hashed], right[hashed]) for hashed in shared):
        if merged and touch(merged[-1].left, one) and touch(merged[-1].right, other):
            merged[-1] = Region(joined(merged[-1].left, one), joined(merged[-1].right, other))
        else:
            merged.append(Region(one, other))
    return tuple(merged)


def touch(one, other) -> bool:
    return one[0] == other[0] and other[1] <= one[2] + 1 and one[1] <= other[2] + 1


def joined(one, other):
    return one[0], min(one[1], other[1]), max(one[2], other[2])


def store(directory: pathlib.Path, by_lab: dict[str, list[Pair]]):
    """Writes DIR/similar.json: the pairs of each lab, for the page of the class."""
    told = {lab: [asdict(pair) for pair in pairs] for lab, pairs in by_lab.items()}
    whole.write(directory / "similar.json", json.dumps(told, indent=1))


def load(directory: pathlib.Path) -> dict[str, list[dict]]:
    """The pairs of each lab as stored; empty where nothing was compared."""
    path = directory / "similar.json"
    return json.loads(path.read_text()) if path.exists() else {}
