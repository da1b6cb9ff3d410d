"""GitHub Classroom, the older form: .github/classroom/autograding.json, a test a step.

It says how to grade and what that earns, so that a result serves only to name the lab. Hidden
checks have no place in it: students can read it."""
from autograder import labs

from . import as_json

MANY, VIEW, SUFFIX = False, "student", ".json"
MINUTES = 10


def text(sheet) -> str:
    lab = labs.find(sheet.lab)
    return as_json({"tests": [test(lab, step) for step in lab.steps]})


def test(lab, step) -> dict:
    return {
        "name": f"{step.id}: {step.title}",
        "setup": "make -s setup",
        "run": f"make -s grade LAB={lab.number} CHECK={step.id}",
        "timeout": MINUTES,
        "points": step.points,
    }
