"""Gradescope's autograder for a lab (SOURCE is the lab): the zip that is uploaded there.

In it: setup.sh and run_autograder at the root, as Gradescope wants them, assignment.json, the
course.toml if there is one, and kit/, the part of the kit that grades. No solution, no mutant."""
import io
import json
import os
import pathlib
import zipfile

from autograder import labs
from autograder.labs import UsageError
from autograder.machine import KIT

NAME = "gradescope-zip"
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
OLDEST = (1980, 1, 1, 0, 0, 0)  # the same kit makes the same zip, byte by byte


def pack(lab_name: str, out: str, course_file=None, view=None) -> int:
    """Writes the zip of a lab to `out`; returns the exit status."""
    from . import VIEWS, gradescope

    lab = labs.find(lab_name)
    if not out:
        raise UsageError("name the zip: --out autograder.zip")
    assert view is None or view in VIEWS
    told = {"lab": lab.name, "view": view or gradescope.VIEW, "seconds": SECONDS}
    entries = {
        "setup.sh": (SETUP.encode(), True),
        "run_autograder": (RUN.encode(), True),
        "assignment.json": (json.dumps(told).encode() + b"\n", False),
    }
    if course_file:
        entries["course.toml"] = (pathlib.Path(course_file).read_bytes(), False)
    for path in kit_files():
        entries[f"kit/{path.relative_to(KIT)}"] = (path.read_bytes(), os.access(path, os.X_OK))
    save(pathlib.Path(out), zipped(entries))
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


def zipped(entries: dict) -> bytes:
    """A zip of name -> (bytes, is it executable), with Unix permissions."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (data, executable) in entries.items():
            info = zipfile.ZipInfo(name, OLDEST)
            info.create_system = 3  # Unix: only then are the permissions read
            info.external_attr = (0o100755 if executable else 0o100644) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return made.getvalue()


def save(path: pathlib.Path, data: bytes):
    temporary = path.with_name(f".{path.name}.part")
    try:
        temporary.write_bytes(data)
        os.replace(temporary, path)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
