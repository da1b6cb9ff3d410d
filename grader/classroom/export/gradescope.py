"""Gradescope: /autograder/results/results.json.

In the instructor's view hidden checks are there with `visibility` hidden, which Gradescope keeps
from students, together with the total. In the student's view they are one line."""
from autograder.printable import shortened

from ..points import number
from . import as_json

MANY, VIEW, SUFFIX = False, "instructor", ".json"
SHOWN = 16_000  # characters of a check's output


def text(sheet) -> str:
    return as_json(results(sheet))


def results(sheet, kept=None) -> dict:
    """`kept`: the score of an earlier submission, which stands when this one has none. Gradescope
    takes no results without a number."""
    unjudged = {"score": kept or 0} if sheet.score is None else {"score": number(sheet.score)}
    return {
        **unjudged,
        "execution_time": round(float(sheet.record.get("seconds", 0)), 2),
        "output": output(sheet, kept),
        "output_format": "text",
        "visibility": "visible",
        "tests": [test(line, sheet.score is not None) for line in sheet.lines],
        "extra_data": {
            "judged": sheet.score is not None,
            "verdict": sheet.verdict,
            "max_score": number(sheet.maximum),
            "late_penalty": number(sheet.penalty),
            "box": sheet.record["environment"].get("box", ""),
        },
    }


def output(sheet, kept) -> str:
    told = [sheet.summary] if sheet.summary else []
    if sheet.score is None:
        told.append(
            f"the score of an earlier submission stays: {kept}"
            if kept
            else "the 0 above only fills a field that must hold a number"
        )
    return "\n".join(told)


def test(line, judged: bool) -> dict:
    told = "\n\n".join(filter(None, (line.text, line.transcript)))
    found = {
        "name": line.title if line.id == "hidden" else f"{line.id}: {line.title}",
        "number": line.step,
        "output": shortened(told, SHOWN),
        "output_format": "text",
        "visibility": "hidden" if line.hidden else "visible",
    }
    if judged and line.score is not None:
        found |= {"score": number(line.score), "max_score": number(line.maximum)}
    if line.passed is not None:
        found["status"] = "passed" if line.passed else "failed"
    return found
