"""check50 JSON, as `check50 --output json` writes it.

Passed is null for what was not run or could not be judged, as it is for a check whose dependency
failed. There are no scores in it."""
from . import as_json

MANY, VIEW, SUFFIX = False, "student", ".json"
VERSION = "3.3.11"
LOG = 100  # lines of a log


def text(sheet) -> str:
    told = {"slug": f"asynclab/{sheet.lab}", "version": VERSION}
    if sheet.score is None and not sheet.lines:
        error = {"type": sheet.verdict, "value": sheet.summary, "traceback": [], "data": {}}
        return as_json(told | {"error": error})
    return as_json(told | {"results": [result(line) for line in sheet.lines] or [whole(sheet)]})


def result(line) -> dict:
    passed = {"passed": True, "failed": False}.get(line.outcome)
    return {
        "name": line.id,
        "description": line.title,
        "passed": passed,
        "log": line.transcript.splitlines()[:LOG],
        "cause": None if passed else cause(line),
        "data": {},
        "dependency": None,
    }


def cause(line) -> dict:
    """`help` is what the failure means and what to read."""
    told = {"rationale": line.saw or line.title}
    help = "\n".join(filter(None, (line.means, f"read: {line.read}" if line.read else "")))
    return told | ({"help": help} if help else {})


def whole(sheet) -> dict:
    passed = sheet.verdict == "OK"
    return {
        "name": "grading",
        "description": sheet.lab,
        "passed": passed,
        "log": [],
        "cause": None if passed else {"rationale": sheet.summary or sheet.verdict},
        "data": {},
        "dependency": None,
    }
