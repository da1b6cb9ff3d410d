"""What a batch has to do: which submissions to grade, which are done, which are the same."""
import fnmatch
from collections import defaultdict
from dataclasses import dataclass, field

from autograder.labs import UsageError
from autograder.verdict import NOT_JUDGED, REJECTED

from . import fingerprint, record
from .journal import Journal
from .submission import Submission

REGRADE = "student=ID, lab=NN, check=PATTERN or all"


@dataclass
class Plan:
    """`jobs`: one submission of each set of identical ones, with those that share its record."""

    jobs: list[tuple[Submission, list[Submission]]] = field(default_factory=list)
    ready: list[dict] = field(default_factory=list)  # records that need no grading
    done: int = 0  # kept from an earlier run


def make(submissions, journal: Journal, regrade=()) -> Plan:
    plan, groups, known = Plan(), defaultdict(list), {}
    for one in submissions:
        kept = journal.read(one.student, one.lab)
        if kept and is_done(kept, one) and not any(wanted(what, one, kept) for what in regrade):
            plan.done += 1
            known.setdefault(one.digest, kept)
        elif told := record.at_once(one):
            plan.ready.append(record.stamped(told, one, fingerprint.of_kit(one.lab[:2])))
        else:
            groups[one.digest].append(one)
    for digest, same in groups.items():
        kept = known.get(digest)
        if kept and not regrade:
            plan.ready += [copy(kept, one) for one in same]
        else:
            plan.jobs.append((same[0], same[1:]))
    return plan


def copy(kept: dict, one: Submission) -> dict:
    """The record of an identical submission, for this one."""
    return record.stamped(kept, one, kept["kit"], same_as=kept["student"])


def is_done(kept: dict, one: Submission) -> bool:
    """Graded, with a verdict, in this state of the submission and of the grading code."""
    return (
        kept.get("digest") == one.digest
        and kept.get("kit") == fingerprint.of_kit(one.lab[:2])
        and kept.get("verdict") not in NOT_JUDGED
        and (kept.get("verdict") == REJECTED) == bool(one.refused)
    )


def parse_regrade(words) -> list[tuple[str, str]]:
    """`student=ID`, `lab=5`, `check=05.2/*`, `all` -> (kind, value)."""
    found = []
    for word in words:
        kind, _, value = word.partition("=")
        if word != "all" and (kind not in ("student", "lab", "check") or not value):
            raise UsageError(f"--regrade {word}: give {REGRADE}")
        found.append((kind, value.zfill(2) if kind == "lab" else value))
    return found


def matched(regrade, submissions, journal):
    """Refuses a --regrade that names nothing."""
    for kind, value in regrade:
        kept = [(one, journal.read(one.student, one.lab) or {}) for one in submissions]
        if not any(wanted((kind, value), one, told) for one, told in kept):
            raise UsageError(f"--regrade {kind}={value}: no submission here matches")


def wanted(what, one: Submission, kept: dict) -> bool:
    kind, value = what
    if kind == "check":
        names = [check["id"] for check in record.checks(kept)] if kept else []
        return any(fnmatch.fnmatchcase(name, value) for name in names)
    return kind == "all" or value in (
        (one.student,) if kind == "student" else (one.lab[:2], one.lab)
    )
