"""What pages call a lab, and how they colour a verdict."""
import functools

from autograder import labs
from autograder.verdict import NO_SUBMISSION, NOT_JUDGED, OK, PARTIAL

UNSURE = (*NOT_JUDGED, PARTIAL, NO_SUBMISSION)


@functools.cache
def title(lab: str) -> str:
    """The title of a lab that this kit has, else nothing."""
    return next((known.title for known in labs.all_labs() if known.name == lab), "")


def kind(verdict: str) -> str:
    """The colour of a verdict; the word beside it says the same to who sees no colour."""
    return "good" if verdict == OK else "unsure" if verdict in UNSURE else "bad"
