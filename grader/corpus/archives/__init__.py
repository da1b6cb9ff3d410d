"""Hostile and broken archives, made when they are asked for, each with its expected outcome.

    for case in ARCHIVES.values():
        data = case.make({"blocking_echo.cpp": b"..."})  # handed in as STUDENT + case.suffix

`make` gets the files of a lab that the archive should hold, too: what is wrong is in the archive,
not in them. Outcomes:
    REJECTED       the whole submission is refused; the reason contains `words`
    ENTRY_REFUSED  the one entry is left out and listed with `words`; the files are taken
    TAKEN          nothing is wrong
    NO_SUBMISSION  there is nothing to grade
"""
from . import bombs, damage, names, outside, right, special
from .case import ARCHIVES, ENTRY_REFUSED, NO_SUBMISSION, REJECTED, TAKEN, tarred, zipped
