"""Reads results: one of `grader/lab grade --json`, a record, or all of DIR/results/STUDENT/NN.json."""
import json
import pathlib

from autograder import labs
from autograder.labs import UsageError

from . import sheet

LIMIT = 64_000_000  # bytes of a file of results
BLANK = {
    "shown": "", "digest": "", "submitted": "", "source": "", "ignored": [], "attempts": [], "seed": "",
    "verdict": "", "sentence": "", "isolation": "", "score": None, "max_score": None, "steps": [],
    "measurements": {}, "environment": {},
}  # fmt: skip
CHECK = {
    "title": "", "outcome": "not_run", "verdict": "", "score": 0, "max_score": 0, "saw": "", "means": "",
    "read": "", "transcript": [], "where": [], "last_words": [], "replay": "",
}  # fmt: skip


def parsed(path: pathlib.Path) -> dict:
    """What a file holds, a UsageError when that is no table of JSON."""
    try:
        if path.stat().st_size > LIMIT:
            raise UsageError(f"{path}: more than {LIMIT:,} bytes")
        told = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: no JSON ({error})") from None
    if not isinstance(told, dict):
        raise UsageError(f"{path}: this is no result of the kit")
    return told


def files(directory) -> list[pathlib.Path]:
    return sorted(pathlib.Path(directory).glob("results/*/[0-9][0-9].json"))


def read(source) -> list[dict]:
    """The records of `source`: a file, or the directory that `grader/lab class` wrote."""
    path = pathlib.Path(source)
    if path.is_dir():
        return [{"student": path.parent.name, **sound(path)} for path in of_class(path)]
    if not path.is_file():
        raise UsageError(f"there is no file `{source}`")
    return [sound(path)]


def of_class(directory) -> list[pathlib.Path]:
    """The files of a class; a UsageError where there are none."""
    if found := files(directory):
        return found
    raise UsageError(f"no results/STUDENT/NN.json in {directory}: `grader/lab class` writes them")


def sound(path: pathlib.Path) -> dict:
    """The record in a file. That a sheet can be made of it shows that it is one."""
    record = parsed(path)
    try:
        sheet.make(record)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None
    return record


def load(directory) -> dict[str, list[dict]]:
    """student -> records with every field, in the order of names and of labs; for pages, so that one
    that is broken says so there. The name of the directory is the id."""
    found = {}
    for path in files(directory):
        found.setdefault(path.parent.name, []).append(whole(path))
    return dict(sorted(found.items(), key=lambda item: (item[1][0]["shown"].casefold(), item[0])))


def whole(path: pathlib.Path) -> dict:
    student = path.parent.name
    try:
        record = parsed(path)
        return completed(record, student, record["lab"])
    except (UsageError, KeyError, ValueError, TypeError, AttributeError) as error:
        told = f"{student}/{path.name} is no record: {type(error).__name__}: {error}"
        lab = next((lab.name for lab in labs.all_labs() if lab.number == path.stem), path.stem)
        return completed({"verdict": "HARNESS_ERROR", "sentence": told}, student, lab)


def completed(record, student, lab) -> dict:
    steps = [
        {"title": "", **step, "checks": [CHECK | check for check in step["checks"]]}
        for step in record.get("steps", ())
    ]
    made = BLANK | record | {"student": student, "lab": lab, "steps": steps}
    return made | {"shown": made["shown"] or student, "number": lab[:2]}
