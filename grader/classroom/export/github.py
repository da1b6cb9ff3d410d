"""GitHub Classroom: what a runner hands its reporter, JSON in base64.

A step's output `result`; the reporter reads it from the variable ID_RESULTS. Lateness is taken off
each test in proportion, for the reporter sums them up."""
import base64
import json

from autograder.printable import shortened

from ..points import number

MANY, VIEW, SUFFIX = False, "student", ".b64"
SHOWN = 2_000  # characters of a test's message: the whole goes through one environment variable


def text(sheet) -> str:
    return base64.b64encode(json.dumps(result(sheet), allow_nan=False).encode()).decode() + "\n"


def result(sheet) -> dict:
    if sheet.score is None:  # an internal error of the runner has neither score nor maximum
        error = test_of("grading", "error", sheet.summary, 0)
        return {"version": 1, "status": "error", "tests": [error]}
    full = sheet.score == sheet.maximum
    return {
        "version": 1,
        "status": "pass" if full else "fail",
        "max_score": number(sheet.maximum),
        "tests": [test(line) for line in sheet.late_lines()] or [whole(sheet, full)],
    }


def test(line) -> dict:
    status = {True: "pass", False: "fail", None: "error"}[line.passed]
    name = line.title if line.id == "hidden" else f"{line.id}: {line.title}"
    found = test_of(name, status, line.text, round(line.seconds * 1000))
    return found if line.score is None else found | {"score": number(line.score)}


def whole(sheet, full) -> dict:
    found = test_of("grading", "pass" if full else "fail", sheet.summary, 0)
    return found | {"score": number(sheet.score)}


def test_of(name, status, message, milliseconds) -> dict:
    return {
        "name": name,
        "status": status,
        "message": shortened(message, SHOWN) or None,
        "test_code": "",
        "filename": "",
        "line_no": 0,
        "duration": milliseconds,
    }
