"""PrairieLearn: /grade/results/results.json.

The file may hold 1 MB, so that long outputs are cut. Points of tests are those before lateness,
and are all left out when one test could not be judged: PrairieLearn would hide them anyway."""
from autograder.printable import shortened

from ..points import number
from . import as_json

MANY, VIEW, SUFFIX = False, "student", ".json"
LIMIT = 1_000_000  # bytes
SHOWN = 16_000  # characters of a test's output, less when there are many


def text(sheet) -> str:
    shown = SHOWN
    while len(told := as_json(results(sheet, shown))) > LIMIT and shown:
        shown //= 2
    if len(told) > LIMIT:
        told = as_json(results(sheet, 0) | {"tests": [], "output": "too many tests to show"})
    return told


def results(sheet, shown: int) -> dict:
    if sheet.score is None or not sheet.maximum:
        why = sheet.summary or "nothing could be judged"
        return {"gradable": False, "format_errors": [shortened(why, SHOWN)]}
    pointed = all(line.score is not None for line in sheet.lines)
    return {
        "gradable": True,
        "score": sheet.score / sheet.maximum,
        "message": shortened(sheet.summary, SHOWN),
        "tests": [test(line, pointed, shown) for line in sheet.lines],
    }


def test(line, pointed: bool, shown: int) -> dict:
    found = {
        "name": shortened(line.title, 500),
        "description": line.id,
        "message": shortened(line.text, shown),
        "output": shortened(line.transcript, shown),
    }
    if pointed:
        found |= {"points": number(line.score), "max_points": number(line.maximum)}
    return found
