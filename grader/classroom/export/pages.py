"""The pages of a class, made anew in the directory that `grader/lab class` wrote (SOURCE).

DIR/index.html for the instructor, DIR/students/STUDENT.html for each student."""
from autograder.labs import UsageError

from .. import course as courses
from .. import reader


def make(source: str, out: str | None, course_file: str | None, view: str | None) -> int:
    """Writes the pages below `source`; returns the exit status."""
    from ..report import pages

    if out or view:
        raise UsageError(
            "html is written into the class's own directory, for both readers: leave --out and"
            " --view out"
        )
    reader.of_class(source)
    try:
        print(pages.write(source, courses.load(course_file)))
    except OSError as error:
        raise UsageError(f"{error.filename or source}: {error.strerror}") from None
    return 0
