"""Exercism's test runner interface, version 3: results.json.

Its `output` holds at most 500 characters."""
from autograder.printable import shortened

from . import as_json

MANY, VIEW, SUFFIX = False, "student", ".json"
OUTPUT = 500
MESSAGE = 4_000


def text(sheet) -> str:
    if sheet.score is None or not sheet.lines:
        why = shortened(sheet.summary or sheet.verdict, MESSAGE)
        status = "pass" if sheet.verdict == "OK" else "error"
        return as_json({"version": 3, "status": status, "message": why, "tests": []})
    full = sheet.raw == sheet.maximum
    tests = [test(line) for line in sheet.lines]
    return as_json({"version": 3, "status": "pass" if full else "fail", "tests": tests})


def test(line) -> dict:
    status = {True: "pass", False: "fail", None: "error"}[line.passed]
    found = {"name": line.title, "status": status}
    if status != "pass":
        found["message"] = shortened(line.text or line.title, MESSAGE)
    if line.transcript:
        found["output"] = shortened(line.transcript, OUTPUT)
    return found
