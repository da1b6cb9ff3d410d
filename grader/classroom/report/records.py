"""The records of a class, read back from DIR/results/STUDENT/NN.json: the only source of all pages."""
import functools
import json
import pathlib

from autograder import labs

GOOD, NOT_JUDGED = ("OK",), ("INCONCLUSIVE", "SKIPPED", "HARNESS_ERROR")
UNSURE = (*NOT_JUDGED, "PARTIAL", "NO_SUBMISSION")
BLANK = {
    "shown": "", "digest": "", "submitted": "", "source": "", "ignored": [], "attempts": [], "seed": "",
    "verdict": "", "sentence": "", "isolation": "", "score": None, "max_score": None, "steps": [],
    "measurements": {}, "environment": {},
}  # fmt: skip
CHECK = {
    "title": "", "outcome": "not_run", "verdict": "", "score": 0, "max_score": 0, "saw": "", "means": "",
    "read": "", "transcript": [], "where": [], "last_words": [], "replay": "",
}  # fmt: skip


def load(directory: pathlib.Path) -> dict[str, list[dict]]:
    """student -> records, in the order of names and of labs. The name of the directory is the id."""
    found = {}
    for path in sorted((directory / "results").glob("*/*.json")):
        found.setdefault(path.parent.name, []).append(read(path))
    return dict(sorted(found.items(), key=lambda item: (item[1][0]["shown"].casefold(), item[0])))


def read(path: pathlib.Path) -> dict:
    """One record with every field that a page asks for; one that is broken says so on the page."""
    try:
        record = json.loads(path.read_text())
        return completed(record, path.parent.name, record["lab"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        told = f"{path.parent.name}/{path.name} is no record: {type(error).__name__}: {error}"
        lab = next((lab.name for lab in labs.all_labs() if lab.number == path.stem), path.stem)
        broken = {"verdict": "HARNESS_ERROR", "sentence": told}
        return completed(broken, path.parent.name, lab)


def completed(record, student, lab) -> dict:
    steps = [
        {"title": "", **step, "checks": [CHECK | check for check in step["checks"]]}
        for step in record.get("steps", ())
    ]
    whole = BLANK | record | {"student": student, "lab": lab, "steps": steps}
    return whole | {"shown": whole["shown"] or student, "number": lab[:2]}


def checks(record) -> list[dict]:
    return [check for step in record["steps"] for check in step["checks"]]


@functools.cache
def title(lab: str) -> str:
    """The title of a lab that this kit has, else nothing."""
    return next((known.title for known in labs.all_labs() if known.name == lab), "")


def kind(verdict: str) -> str:
    """The colour of a verdict; the word beside it says the same to who sees no colour."""
    return "good" if verdict in GOOD else "unsure" if verdict in UNSURE else "bad"
