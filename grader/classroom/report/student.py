"""The page of one student: what each lab gave, and for each failure what was seen and what to read."""
from . import records
from .view import for_student

FEW = 6  # lines of a transcript that are shown at once; longer ones unfold
SIGNS = {"passed": "✔", "failed": "✘", "not_run": "·", "cannot_judge": "?"}
WORDS = {
    "passed": "passed",
    "failed": "failed",
    "not_run": "not run",
    "cannot_judge": "could not be judged",
}


def context(student_records, hidden) -> dict:
    """What student.html shows."""
    labs = [lab(for_student(record, hidden)) for record in student_records]
    return {
        "labs": labs,
        "shown": labs[0]["shown"],
        "student": labs[0]["student"],
        "signs": SIGNS,
        "words": WORDS,
        "few": FEW,
        "kind": records.kind,
    }


def lab(view) -> dict:
    """A lab as the student sees it, with its CPU picture and what could not be judged."""
    return view | {
        "lab_title": records.title(view["lab"]),
        "demands": demands(view["measurements"]),
        "others": {
            name.replace("_", " "): f"{value:,.4g}" if isinstance(value, float) else f"{value:,}"
            for name, value in view["measurements"].items()
            if "idle_demand" not in name and isinstance(value, (int, float))
        },
        "unjudged": [c for c in records.checks(view) if c["outcome"] == "cannot_judge"],
    }


def demands(measurements) -> list[dict]:
    """Pictures of demand: bars of this server and of both controls, widths in percent of the
    longest. The controls read 0 and 1, or nothing would have been judged (autograder/demand.py)."""
    found = []
    for name, demand in measurements.items():
        if "idle_demand" in name and isinstance(demand, (int, float)):
            bars = [
                ("a process that sleeps", 0.0, "control"),
                ("this server", demand, "bar"),
                ("a process that spins", 1.0, "control"),
            ]
            widest = max(1.0, demand)
            rows = [(*bar, max(0.6, round(100 * bar[1] / widest, 1))) for bar in bars]
            found.append({"name": name.replace("_", " "), "says": says(demand), "rows": rows})
    return found


def says(demand) -> str:
    """In words, with the borders of demand.Reading.verdict."""
    if demand >= 0.85:
        return "It spins: it burns a CPU while nothing happens."
    return "It sleeps: it costs nothing." if demand <= 0.02 else "It neither sleeps nor spins."
