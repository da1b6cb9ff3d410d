"""The page of one student: what each lab gave, and for each failure what was seen and what to read."""
import re

from ..record import checks
from ..view import for_student
from .words import kind, title

DEMAND = re.compile(r"(\d+\.\d+) CPUs (?:were )?in demand\b.*? while (.+)")
FEW = 6  # lines of a transcript that are shown at once; longer ones unfold
SIGNS = {"passed": "✔", "failed": "✘", "not_run": "·", "cannot_judge": "?"}
WORDS = {
    "passed": "passed",
    "failed": "failed",
    "not_run": "not run",
    "cannot_judge": "could not be judged",
}


def context(records, course) -> dict:
    """What student.html shows."""
    labs = [lab(for_student(record, course)) for record in records]
    return {
        "labs": labs,
        "shown": labs[0]["shown"],
        "student": labs[0]["student"],
        "signs": SIGNS,
        "words": WORDS,
        "few": FEW,
        "kind": kind,
    }


def lab(view) -> dict:
    """A lab as the student sees it, with its CPU picture and what could not be judged."""
    bars = demands(view)
    return view | {
        "lab_title": title(view["lab"]),
        "demands": bars,
        "demands_say": says(bars),
        "others": {
            name.replace("_", " "): f"{value:,.4g}" if isinstance(value, float) else f"{value:,}"
            for name, value in view["measurements"].items()
            if "idle_demand" not in name and isinstance(value, (int, float))
        },
        "unjudged": [c for c in checks(view) if c["outcome"] == "cannot_judge"],
    }


def demands(view) -> list[tuple]:
    """The CPU picture, a bar each: (name, CPUs in demand, width in percent of the longest, class).

    This server at rest, and in each state in which a check found that it did not rest, between the
    two controls. They read 0 and 1, or nothing would have been judged (autograder/demand.py)."""
    states = [
        ("this server: " + name.replace("_", " "), float(value), "bar")
        for name, value in view["measurements"].items()
        if "idle_demand" in name and isinstance(value, (int, float))
    ]
    for check in checks(view):
        if check["outcome"] == "failed" and (told := DEMAND.match(check["saw"])):
            states.append((f"this server while {told[2]}", float(told[1]), "bar"))
    if not states:
        return []
    bars = [("a process that sleeps", 0.0, "control"), *states, ("one that spins", 1.0, "control")]
    widest = max(demand for _, demand, _ in bars)
    return [
        (name, cpus, max(0.6, round(100 * cpus / widest, 1)), look) for name, cpus, look in bars
    ]


def says(bars) -> str:
    """The picture in words, with the borders of demand.Reading.verdict."""
    most = max((demand for _, demand, _, look in bars if look == "bar"), default=0)
    if most >= 0.85:
        return "It spins: it burns a CPU while nothing happens."
    return "It sleeps: it costs nothing." if most <= 0.02 else "It neither sleeps nor spins."
