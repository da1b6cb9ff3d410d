"""Before a class is judged: the reference solution must get full marks here, in the same boxes.

Where it does not, the machine or the kit is at fault, and nobody gets a score for that lab."""
import pathlib

from autograder import labs, verdict
from autograder.machine import KIT

from . import job as jobs
from . import record
from .submission import Submission

TIMES = 20  # as long as the reference took: the deadline of a submission
FIRST = 1200  # seconds for the reference itself; lab 06, the slowest, takes 40
LEAST = 180  # seconds; programs that stall are waited for, check after check


def reference(lab_name: str) -> Submission | None:
    """The reference solution as a submission; None in a copy of the kit that has none."""
    place = KIT / "solutions" / lab_name
    names = labs.find(lab_name).files
    if not all((place / name).is_file() for name in names):
        return None
    files = {name: pathlib.Path(place / name).read_bytes() for name in names}
    return Submission("(reference)", lab_name, files)


def job(lab_name: str, seed: str) -> dict | None:
    found = reference(lab_name)
    return jobs.of(found, seed) if found else None


def trouble(told: dict | None) -> tuple[str, str] | None:
    """(verdict, sentence) for everybody's submission of this lab; None when it can be judged."""
    if told is None:
        return verdict.HARNESS_ERROR, "this copy of the kit lacks the reference solution of the lab"
    if told["verdict"] == "OK":
        return None
    checks = record.checks(told)
    if all(check["outcome"] == "cannot_judge" for check in checks):
        return verdict.SKIPPED, checks[0]["saw"]
    wrong = next((c for c in checks if c["outcome"] != "passed"), {"id": "the grading", "saw": ""})
    why = told["sentence"] if told["verdict"] in verdict.NOT_JUDGED else wrong["saw"]
    return (
        verdict.HARNESS_ERROR,
        f"the reference solution does not get full marks on this machine, {wrong['id']}: {why}",
    )


def examine(run, lab_name: str, seed: str):
    """(trouble or None, seconds a submission may take). `run`: (job, deadline) -> record."""
    if not (made := job(lab_name, seed)):
        return trouble(None), LEAST
    told = run(made, FIRST)
    if record.deserves_another_try(told):
        told = run(jobs.again(made, told), FIRST)
    return trouble(told), max(LEAST, TIMES * told["seconds"])
