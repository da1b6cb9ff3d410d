"""`grader/lab export FORMAT SOURCE`: exit status 0, or 3 when a format needs a score that is not
there, as `grade` has it."""
import pathlib
import sys

from autograder.labs import UsageError

from .. import course as courses
from .. import reader
from . import APART, NoScore, apart, listed, module, text, write


def show_formats():
    rows = listed()
    width = max(len(name) for name, _, _ in rows)
    for name, what, view in rows:
        print(f"  {name:<{width}}  {what}" + (f" ({view}'s view)" if view else ""))


def run(name: str, source: str, out: str, course_file: str, view: str | None) -> int:
    """Writes `source` in the format `name` to `out`, or to stdout; returns the exit status."""
    course = courses.load(course_file)
    if name in APART:
        return apart(name).make(source, out, course_file, view)
    module(name)
    records = reader.read(source)
    if not out and len(records) > 1 and not module(name).MANY:
        raise UsageError(f"{len(records)} results, and {name} holds one: --out DIRECTORY")
    try:
        left = write(name, records, course, pathlib.Path(out), view) if out else []
        sys.stdout.write("" if out else text(name, records, course, view))
    except NoScore as reason:
        left = [str(reason)]
    for line in left:
        print(f"not exported: {line}", file=sys.stderr)
    return 3 if left else 0
