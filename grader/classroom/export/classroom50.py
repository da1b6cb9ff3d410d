"""Classroom 50: ./result.json, schema classroom50/result/v1.

It takes whole numbers only, so that scores are hundredths of a point: 10000 is 100 points. Tests
sum up to the score, lateness included. What its runner knows comes from its environment."""
import datetime
import os

from .. import course
from . import NoScore, as_json

MANY, VIEW, SUFFIX = False, "student", ".json"
STAMPED = {  # by the runner's environment: field, variable, what stands there outside of a runner
    "classroom": ("CLASSROOM", "classroom"),
    "assignment": ("ASSIGNMENT", ""),
    "owner": ("OWNER", ""),
    "assignment_type": ("ASSIGNMENT_TYPE", "individual"),
    "submission": ("SUBMISSION_TAG", "submit/local"),
    "commit": ("COMMIT_URL", "local"),
    "release": ("RELEASE_URL", "local"),
    "review": ("REVIEW_URL", ""),
}
FORM = "%Y-%m-%dT%H:%M:%SZ"


def text(sheet) -> str:
    if sheet.score is None:
        raise NoScore(f"{sheet.verdict}: Classroom 50 takes nothing but numbers")
    return as_json(result(sheet, os.environ))


def result(sheet, environment) -> dict:
    tests = [test(line) for line in sheet.late_lines()]
    return {
        "schema": "classroom50/result/v1",
        **stamped(sheet, environment),
        "datetime": submitted(sheet),
        "score": sheet.score,
        "max-score": sheet.maximum,
        "tests": tests,
    }


def stamped(sheet, environment) -> dict:
    told = {field: environment.get(name) or other for field, (name, other) in STAMPED.items()}
    told["assignment"] = told["assignment"] or sheet.lab
    told["owner"] = told["owner"] or environment.get("USERNAME") or sheet.student or "local"
    told["review"] = told["review"] or told["commit"]
    return told


def submitted(sheet) -> str:
    """When it was handed in: it must be the same whenever it is graded again."""
    when = course.moment(sheet.record.get("submitted", ""))
    when = when or datetime.datetime.now(datetime.timezone.utc)
    return when.astimezone(datetime.timezone.utc).strftime(FORM)


def test(line) -> dict:
    return {
        "test-name": line.title if line.id == "hidden" else line.id,
        "passed": line.passed is True,
        "score": line.score or 0,
        "max-score": line.maximum or 0,
        "verdict": line.verdict,
        "message": line.saw,
    }
