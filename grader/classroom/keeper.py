"""The keeper: a small process that has one job done by a child of its own (attempt.py), and outlives
whatever becomes of that child. `grader/lab-job [--deadline S]` reads the job on standard input, a line
of JSON, and prints lines of JSON: {"doing": ...} now and then, {"record": ...} as the last one.

Standard input stays open: when it closes, whoever wanted the record has gone, and all is ended.
Every program of a submission is in a box.
"""
import json
import os
import signal
import sys

from autograder import isolation, warden
from autograder.verdict import HARNESS_ERROR, TIMEOUT

from . import record, slots
from .attempt import End, Gone, attempt, say

TRIES = 2  # of a grading that died
DEADLINE = 600  # seconds, where nobody has measured


def main():
    deadline = float(sys.argv[2]) if sys.argv[1:2] == ["--deadline"] else DEADLINE
    answer = os.dup(1)
    os.dup2(2, 1)  # whatever prints must not reach the answer
    told = json.loads(read_line(0))
    warden.libc.prctl(warden.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the end of standard input ends us
    slot, _lock = slots.take()
    slots.pin(slot)
    try:
        done = keep(told, slot, deadline, lambda **word: say(answer, word))
        say(answer, {"record": done})
    except (Gone, BrokenPipeError):
        sys.exit(1)
    finally:
        warden.end_all()


def read_line(fd) -> bytes:
    """The first line; what comes later, the end of file, stays unread."""
    read = bytearray()
    while not read.endswith(b"\n"):
        chunk = os.read(fd, 1 << 16)
        if not chunk:
            sys.exit(1)
        read += chunk
    return bytes(read)


def keep(told: dict, slot: int, deadline: float, tell) -> dict:
    """Has the job done, once more if the grading died; returns a record in any case."""
    died = []
    for _ in range(TRIES):
        end = attempt(told, slot, deadline, tell)
        if end.record:
            end.record["attempts"] = died + end.record["attempts"]
            return end.record
        if end.late and end.students:
            return too_late(told, end, deadline, died)
        died.append(end.why)
    return not_judged(told, end.partial, died)


def not_judged(told, partial, died) -> dict:
    found = record.judged(
        partial or record.blank(told["lab"], told["seed"]), HARNESS_ERROR, died[-1]
    )
    return {**found, "tree": "", "isolation": isolation.closed_level().title, "attempts": died}


def too_late(told, end: End, deadline, died) -> dict:
    """The submission's own programs still ran at the deadline: what was judged by then counts."""
    found = end.partial or record.blank(told["lab"], told["seed"])
    sentence = (
        f"the grading had not ended after {deadline:.0f} s of wall time, and then"
        f" {end.students[0]} was still running; the checks until then count"
    )
    found = record.judged(found, TIMEOUT, sentence)
    return {
        **found,
        "tree": "",
        "isolation": isolation.closed_level().title,
        "attempts": [*died, sentence],
    }
