"""Makes every page of a graded class anew from DIR/results, and nothing else."""
import base64
import hashlib
import pathlib

import jinja2
from autograder import report_html, whole
from autograder.printable import printable

from .. import reader
from ..course import Course
from . import classpage, similarity, student

TEMPLATES = pathlib.Path(__file__).with_name("templates")


def write(directory: pathlib.Path, course=Course()) -> pathlib.Path:
    """Writes DIR/students/STUDENT.html and DIR/index.html; returns the latter.

    course  which checks are kept from the students' pages
    """
    directory = pathlib.Path(directory)
    by_student = reader.load(directory)
    made = environment()
    for name, some in by_student.items():
        text = made.get_template("student.html").render(student.context(some, course))
        whole.write(directory / "students" / f"{name}.html", text)
    script = (TEMPLATES / "class.js").read_text()
    found = classpage.context(by_student, similarity.load(directory), course)
    page = made.get_template("class.html").render(found, script=script, digest=digest(script))
    whole.write(directory / "index.html", page)
    return directory / "index.html"


def environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader([TEMPLATES, report_html.TEMPLATES]),
        autoescape=True,
        finalize=inert,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def inert(value):
    """Text of strangers on a page: seen, never obeyed. Jinja escapes the markup, this the rest."""
    return value if not isinstance(value, str) or hasattr(value, "__html__") else printable(value)


def digest(script: str) -> str:
    """What the page's policy calls our script: no other one runs, whatever a name contains."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() + "'"
