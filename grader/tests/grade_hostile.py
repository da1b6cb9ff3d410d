"""Grades one hostile submission in a closed box, in a process of its own, as whoever starts it:

    python3 grade_hostile.py NAME SLOT KNOWN        KNOWN: JSON, see corpus/submissions.py

Prints JSON: the result, the level of the box, and what this process has kept that it should not:
descriptors, threads, files below TMPDIR.
"""
import json
import os
import pathlib
import sys
import tempfile
import threading

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / part) for part in ("", "corpus")]
import submissions  # noqa: E402
from autograder import isolation, labs  # noqa: E402
from autograder.engine import Grading  # noqa: E402
from autograder.machine import KIT, raise_descriptor_limit  # noqa: E402


def hand_in(case, lab, place, known):
    for name in lab.files:
        other = KIT / "solutions" / lab.name / name
        own = name == case.file
        (place / name).write_bytes(case.text(**known) if own else other.read_bytes())


def kept() -> dict[str, set]:
    """What a process could forget to give back."""
    descriptors = set()
    for fd in os.listdir("/proc/self/fd"):
        try:
            descriptors.add(f"{fd} {os.readlink(f'/proc/self/fd/{fd}')}")
        except FileNotFoundError:
            pass  # that of the listing itself
    return {
        "descriptors": descriptors,
        "threads": {t.name for t in threading.enumerate()},
        "files": set(os.listdir(tempfile.gettempdir())),
    }


def grade(name, slot, known) -> dict:
    case = submissions.CASES[name]
    lab = labs.find(case.lab)
    level = isolation.closed_level()
    raise_descriptor_limit()
    with tempfile.TemporaryDirectory() as place:
        hand_in(case, lab, pathlib.Path(place), {"GRADER": os.getpid(), "KIT": KIT, **known})
        before = kept()
        policy = isolation.Policy(closed=True, slot=slot)
        grading = Grading(lab, place, policy=policy, only=case.checks, seed="4711")
        result = grading.run().as_json()
        after = kept()
    left = {what: sorted(after[what] - before[what]) for what in before}
    return {
        "result": result,
        "level": level.title,
        "closed": level.bubblewrap,
        "left": left,
        "pid": os.getpid(),
    }


if __name__ == "__main__":
    print(json.dumps(grade(sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3]))))
