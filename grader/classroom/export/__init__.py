"""Results in the formats of other graders. A module a format, each with

    MANY    True: one text for any number of results; False: a text for each
    VIEW    whose view it shows when nobody says: "student" or "instructor"
    SUFFIX  of a file of it
    text()  the text, of a sheet (or of a list of sheets), or NoScore

Those read a Sheet (../sheet.py), so that no two of them can differ in a score. What stands APART
has make() instead, which writes it and returns the exit status."""
import importlib
import json
import pathlib

from autograder import whole
from autograder.labs import UsageError

from .. import sheet

FORMATS = {
    "csv": "gradebook",
    "json": "result",
    "junit": "junit",
    "gradescope": "gradescope",
    "prairielearn": "prairielearn",
    "autolab": "autolab",
    "classroom50": "classroom50",
    "github": "github",
    "github-autograding": "autograding",
    "check50": "check50",
    "exercism": "exercism",
}
APART = {"html": "pages", "gradescope-zip": "gradescope_zip"}  # not made of sheets: make() writes
VIEWS = ("student", "instructor")


class NoScore(Exception):
    """The format demands a number and there is none: nothing is written, so that nobody gets a 0."""


def module(name: str):
    if name not in FORMATS:
        raise UsageError(f"there is no format `{name}`; there are {', '.join([*FORMATS, *APART])}")
    return importlib.import_module(f".{FORMATS[name]}", __name__)


def apart(name: str):
    """The module of a format that is not made of sheets."""
    return importlib.import_module(f".{APART[name]}", __name__)


def listed() -> list[tuple[str, str, str]]:
    """(format, what it is, whose view it shows when nobody says) of every format."""
    made = [(name, module(name)) for name in FORMATS] + [(name, apart(name)) for name in APART]
    return [
        (name, one.__doc__.split("\n")[0].rstrip("."), getattr(one, "VIEW", ""))
        for name, one in made
    ]


def sheets(name: str, records, course, view=None):
    return [sheet.make(record, course, view or module(name).VIEW) for record in records]


def text(name: str, records, course, view=None) -> str:
    """The text of records in a format; one record where the format holds one."""
    made = sheets(name, records, course, view)
    return module(name).text(made if module(name).MANY else made[0])


def write(name: str, records, course, out: pathlib.Path, view=None) -> list[str]:
    """Writes a file, or a directory of STUDENT/NN.SUFFIX where a format holds one result and there
    are several. Returns a line for each result that has no score and so could not be written."""
    if module(name).MANY or len(records) == 1 and not out.is_dir():
        store(out, text(name, records, course, view))
        return []
    left = []
    for record in records:
        student = record.get("student") or "student"
        try:
            told = text(name, [record], course, view)
        except NoScore as reason:
            left.append(f"{student} {record['lab']}: {reason}")
            continue
        store(out / student / (record["lab"][:2] + module(name).SUFFIX), told)
    return left


def store(path: pathlib.Path, told: str | bytes):
    """Writes the file whole or not at all."""
    try:
        whole.write(path, told)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None


def as_json(value) -> str:
    """JSON in plain ASCII, without NaN, which not every reader takes."""
    return json.dumps(value, indent=1, allow_nan=False) + "\n"
