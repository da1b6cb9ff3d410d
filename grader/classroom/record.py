"""Records: what became of one submission, as plain data that crosses processes and machines.

A record is the result JSON of a grading, with a verdict, a sentence, and whose it is."""
import time

from autograder import labs
from autograder.check import checks_of
from autograder.result import CANNOT_JUDGE, NOT_RUN, Outcome, Result
from autograder.verdict import NOT_JUDGED, SKIPPED, TIMEOUT
from autograder.whitebox import checks as whitebox_checks

from .submission import Submission


def blank(lab_name: str, seed="") -> dict:
    """The result of a grading in which nothing has been run yet."""
    lab = labs.find(lab_name)
    checks = checks_of(lab.number) + whitebox_checks(lab)
    return Result(lab, {c.id: Outcome(c) for c in checks}, tree="", seed=seed).as_json()


def judged(told: dict, verdict: str, sentence: str) -> dict:
    """`told` with this verdict; without a score where it is none of the student's doing."""
    told = {**told, "verdict": verdict, "sentence": sentence}
    if verdict in NOT_JUDGED:
        told["score"] = told["max_score"] = None
    return told


def not_run(lab_name: str, verdict: str, sentence: str) -> dict:
    """The record of a submission of which nothing was run."""
    told = judged(blank(lab_name), verdict, sentence)
    return {**told, "isolation": "not run", "attempts": []}


def at_once(submission: Submission) -> dict | None:
    """The record of a submission that needs no grading, None for all others."""
    if submission.refused:
        return not_run(submission.lab, "REJECTED", submission.refused)
    if not submission.files:
        wanted = ", ".join(labs.find(submission.lab).files)
        return not_run(
            submission.lab, "NO_SUBMISSION", f"nothing was handed in; this lab asks for {wanted}"
        )
    return None


def stamped(record: dict, submission: Submission, kit: str, same_as="") -> dict:
    """`record` with whose it is. `kit`: the fingerprint of the grading code that made it."""
    return {
        **record,
        "student": submission.student,
        "shown": submission.shown or submission.student,
        "digest": submission.digest,
        "submitted": submission.submitted,
        "source": submission.source,
        "ignored": list(submission.ignored),
        "kit": kit,
        "same_as": same_as,
        "graded": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def unclear(record: dict) -> list[str]:
    """The checks that could not be judged, and those that the grading never came to."""
    return [
        check["id"]
        for check in checks(record)
        if check["outcome"] == CANNOT_JUDGE or (check["outcome"] == NOT_RUN and not check["saw"])
    ]


def deserves_another_try(record: dict) -> bool:
    """Whether something may have stood in the way that is not there when nothing else runs."""
    if record["verdict"] == SKIPPED:
        return False
    late = record["verdict"] == TIMEOUT and bool(unclear(record))
    return late or any(check["outcome"] == CANNOT_JUDGE for check in checks(record))


def checks(record: dict) -> list[dict]:
    return [check for step in record["steps"] for check in step["checks"]]
