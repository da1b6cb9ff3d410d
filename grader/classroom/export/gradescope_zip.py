"""Gradescope's autograder for a lab (SOURCE is the lab): the zip that is uploaded there.

In it: setup.sh and run_autograder at the root, as Gradescope wants them, assignment.json, the
course.toml if there is one, and kit/, the part of the kit that grades. No solution, no mutant."""
import calendar
import json
import os
import pathlib

from autograder import labs
from autograder.labs import UsageError
from autograder.machine import KIT

from ..packing import Entry, zipped

SECONDS = 540  # Gradescope ends a run after 600
TAKEN = ("Makefile", "compile_flags.txt", "LICENSE", "grader", "support", "labs", "slides/build.mk")
LEFT = {"__pycache__", "tests", "http_tests", "mutants", "corpus", "examples", "peer", "compare"}
SETUP = """#!/bin/sh
# Gradescope runs this once, when it makes the image: installs what the kit needs.
exec "${AUTOGRADER_ROOT:-/autograder}/source/kit/grader/setup.sh"
"""
RUN = """#!/bin/sh
# Gradescope runs this for each submission. It ends with 0: what went wrong is in results.json.
run=source/kit/grader/classroom/export/gradescope_run.py
exec /usr/bin/python3 -I "${AUTOGRADER_ROOT:-/autograder}/$run"
"""
OLDEST = calendar.timegm((1980, 1, 1, 0, 0, 0))  # that a zip can tell: the same kit, the same zip


def make(lab_name: str, out: str | None, course_file=None, view=None) -> int:
    """Writes the zip of a lab to `out`; returns the exit status."""
    from . import VIEWS, gradescope, store

    lab = labs.find(lab_name)
    if not out:
        raise UsageError("name the zip: --out autograder.zip")
    assert view is None or view in VIEWS
    told = {"lab": lab.name, "view": view or gradescope.VIEW, "seconds": SECONDS}
    entries = {
        "setup.sh": Entry(SETUP.encode(), executable=True),
        "run_autograder": Entry(RUN.encode(), executable=True),
        "assignment.json": Entry(json.dumps(told).encode() + b"\n"),
    }
    if course_file:
        entries["course.toml"] = Entry(pathlib.Path(course_file).read_bytes())
    for path in kit_files():
        entry = Entry(path.read_bytes(), os.access(path, os.X_OK))
        entries[f"kit/{path.relative_to(KIT)}"] = entry
    store(pathlib.Path(out), zipped(entries, OLDEST))
    return 0


def kit_files():
    """The files of the kit that grading needs, sorted."""
    for taken in sorted(TAKEN):
        found = KIT / taken
        inside = sorted(found.rglob("*")) if found.is_dir() else [found]
        for path in inside:
            parts = path.relative_to(KIT).parts
            needed = path.name == "build.mk" or not LEFT & set(parts)
            if needed and path.is_file() and not path.is_symlink():
                yield path
