"""Takes hidden checks out of the grader that students get: the check, what only it used, and every
mention of its name. `course.toml` names them by patterns of fnmatch: `hidden = ["05.4/*"]`."""
import ast
import fnmatch
import re
from dataclasses import dataclass, replace

from autograder.labs import UsageError
from autograder.whitebox import TEST

from . import cutting
from .course import Course

CHECKS = "grader/autograder/checks/"
GOOGLE_TEST = re.compile(TEST.pattern + r"(?:.*\n)*?^}\n+", re.MULTILINE)


@dataclass(frozen=True)
class Hidden:
    id: str  # 05.4/a_flood_starves_nobody
    path: str  # of the source that it stands in
    points: int
    source: str  # as it stands there

    @property
    def name(self):
        return self.id.split("/")[1]

    @property
    def lab(self):
        return self.id[:2]


def find(kit, labs, patterns) -> list[Hidden]:
    """The checks of `labs` that a pattern names. A pattern that names no check of any lab would
    show what it was to hide: UsageError."""
    checks = [check for path in sorted(kit) for check in checks_in(path, kit[path])]
    for pattern in patterns:
        if not fnmatch.filter([check.id for check in checks], pattern):
            raise UsageError(f'hidden = ["{pattern}"]: no check has such an id')
    numbers, course = [lab[:2] for lab in labs], Course(hidden=tuple(patterns))
    return [check for check in checks if check.lab in numbers and course.hides(check.id)]


def checks_in(path, entry):
    """Every check that a source defines, whether it is to be hidden or not."""
    found = ()
    if path.startswith(CHECKS) and path.endswith(".py"):
        found = cutting.decorated(entry.text)
    elif re.match(r"grader/whitebox/\d\d-", path):
        found = python_suite(entry.text) if path.endswith(".py") else google_suite(entry.text)
    for step, name, points, source in found:
        yield Hidden(f"{step}/{name}", path, points, source)


PROMISE = re.compile(r"\W*(\d\d\.\d), (\d+) points?:")


def google_suite(text):
    for found in GOOGLE_TEST.finditer(text):
        if told := PROMISE.match(found[0]):
            yield told[1], found[3], int(told[2]), found[0]


def python_suite(text):
    for node in ast.parse(text).body:
        promise = isinstance(node, ast.FunctionDef) and ast.get_docstring(node) or ""
        if told := PROMISE.match(promise):
            yield told[1], node.name, int(told[2]), cutting.source(text, node)


def without(entries, hidden) -> dict:
    """The entries of an archive without these checks."""
    left = dict(entries)
    for path in {check.path for check in hidden}:
        text = left[path].text
        for check in (check for check in hidden if check.path == path):
            text = text.replace(check.source, "")
        left[path] = replace(left[path], data=text.encode())
    gone = {}
    for check in (check for check in hidden if check.path.startswith(CHECKS)):
        gone.setdefault(check.path, set()).add(check.name)
    left |= cutting.tidied(entries, left, CHECKS, gone) if gone else {}
    for path, entry in left.items():
        if path.startswith(("labs/", "grader/skeletons/")):
            left[path] = replace(entry, data=unnamed(path, entry.text, hidden).encode())
    return left


def unnamed(path, text, hidden) -> str:
    """A file of a lab in which the names of its hidden checks do not stand."""
    mine = [check for check in hidden if f"/{check.lab}-" in path]
    for check in mine:
        text = text.replace(f"`{check.name}`", "a hidden check")
        text = re.sub(rf"check: {check.name}\b", "check: a hidden one", text)
    text = re.sub(r"a hidden check(,\s+a hidden check)+", "hidden checks", text)
    if mine and path.endswith("/lab.toml"):
        text = f"hidden = {sum(check.points for check in mine)}  # points\n{text}"
    return text
