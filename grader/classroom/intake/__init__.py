"""Reads what a class handed in: `read(path)` gives one Submission a student and lab.

A broken or hostile submission is refused by itself and says why; the others go on. Only what no
submission can be blamed for is an error: UsageError, one line that says what to do.
"""
from ..submission import Class
from .reading import read

__all__ = ["Class", "read"]
