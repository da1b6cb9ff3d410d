"""What one student handed in for one lab, in a directory that a platform has unpacked."""
import os
import pathlib

from autograder.labs import Lab

from ..submission import Submission
from .directory import OPEN, Directory
from .entry import Refused
from .take import choose, left_out, opened, take


def read_one(path: pathlib.Path, lab: Lab) -> Submission:
    """By the rules of a class: at the top, in a directory below, or in the one archive there. The
    submission has no student yet."""
    parent = os.open(path.parent, OPEN | os.O_DIRECTORY)
    try:
        survey = opened(Directory(parent, path.name), [lab])
        place = choose(survey, lab)
        files = take(survey, lab, place) if place is not None else {}
        return Submission("", lab.name, files, ignored=left_out(survey, lab, place))
    except Refused as reason:
        return Submission("", lab.name, refused=str(reason))
    except OSError as error:
        return Submission("", lab.name, refused=f"it cannot be read here: {error.strerror}")
    finally:
        os.close(parent)
