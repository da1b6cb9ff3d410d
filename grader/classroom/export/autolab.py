"""Autolab: the last two lines of the autograder's output.

Autolab puts quotes around every word before a colon in the last line before it parses it, which
breaks any text with a colon in it. So there is no text in it but the names of problems, and they
have no colon: name the assessment's problems 01-1, 01-2 and so on by the steps; `Hidden` when the
course hides checks, `Late` (never above 0) when it has a rule for lateness.

Without a score nothing is written: Autolab then keeps what earlier submissions earned."""
import json
import re

from ..points import number
from . import NoScore

MANY, VIEW, SUFFIX = False, "student", ".txt"
HINT = 300  # characters of a failure that Autolab shows


def text(sheet) -> str:
    if sheet.score is None:
        raise NoScore(f"{sheet.verdict}: Autolab takes nothing but numbers")
    return f"{json.dumps(presentation(sheet))}\n{json.dumps({'scores': scores(sheet)})}\n"


def scores(sheet) -> dict:
    found = {}
    for line in sheet.lines:
        found[problem(line)] = found.get(problem(line), 0) + (line.score or 0)
    if not found:
        found["Score"] = sheet.raw
    if sheet.course.late.percent:
        found["Late"] = -sheet.penalty
    return {name: number(points) for name, points in found.items()}


def problem(line) -> str:
    """The problem that a line counts for: its step, without what Autolab would take for syntax."""
    return "Hidden" if line.step == "hidden" else re.sub(r"[^A-Za-z0-9 _-]", "-", line.step)


def presentation(sheet) -> dict:
    stages = {}
    for line in sheet.lines:
        told = {"passed": bool(line.passed)}
        if not line.passed and line.saw:
            told["hint"] = line.saw.partition("\n")[0][:HINT]
        stages.setdefault(problem(line), {})[line.title] = told
    return {"_presentation": "semantic", "stages": list(stages), **stages}
