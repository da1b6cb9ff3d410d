"""Records of a class that was never graded: the real checks of the labs, random outcomes."""
import hashlib
import json
import random

from autograder import labs, whitebox
from autograder.check import checks_of

ISOLATION = "closed box: bubblewrap, own user, seccomp"
MACHINE = {"kernel": "6.1.0", "machine": "x86_64", "cpus": 2, "compiler": "g++ 12.2.0"}


def checks(lab, chance):
    """The checks of a lab with outcomes; each passes with probability `chance`."""
    for check in sorted([*whitebox.checks(lab), *checks_of(lab.number)], key=lambda c: c.step):
        outcome = random.choices(
            ["passed", "failed", "not_run"], [chance, 1 - chance, 0.3 * (1 - chance)]
        )[0]
        failed = outcome == "failed"
        yield check.step, {
            "id": check.id,
            "title": check.promise,
            "outcome": outcome,
            "verdict": {"passed": "OK", "failed": "WRONG", "not_run": ""}[outcome],
            "score": check.points if outcome == "passed" else 0,
            "max_score": check.points,
            "saw": f"{random.randrange(9000):,} of 9,000 bytes came back" if failed else "",
            "means": "send() took a part, and the rest was dropped" if failed else "",
            "read": 'send(2), "RETURN VALUE"' if failed else "",
            "transcript": [f"client {n} sends 4,096 bytes" for n in range(9)] if failed else [],
            "where": ["thread 1 sleeps in recvfrom on client 1"] if failed else [],
            "last_words": [],
            "replay": (
                f"grader/lab grade {lab.number} --check {check.id} --seed 1" if failed else ""
            ),
            "seconds": 0.1,
        }


def record(student, number, chance=0.8, **changes) -> dict:
    """A record of `student` for the lab NN; `changes` replace whole fields."""
    lab = labs.find(number)
    made = list(checks(lab, chance))
    steps = []
    for step in lab.steps:
        own = [check for label, check in made if label == step.id]
        score, most = (sum(c[key] for c in own) for key in ("score", "max_score"))
        told = {"id": step.id, "title": step.title, "score": score, "max_score": most}
        steps.append(told | {"checks": own})
    failed = next((c for _, c in made if c["outcome"] == "failed"), None)
    return {
        "schema": "asynclab/result/v1",
        "lab": lab.name,
        "score": sum(step["score"] for step in steps),
        "max_score": sum(step["max_score"] for step in steps),
        "seconds": 3.0,
        "seed": "1",
        "steps": steps,
        "measurements": {"idle_demand": random.choice([0.0, 0.001, 0.4, 1.0])},
        "environment": MACHINE | {"io_uring": True, "box": "bubblewrap"},
        "student": student,
        "shown": f"Student {student}",
        "digest": hashlib.sha256(f"{student} {number}".encode()).hexdigest(),
        "submitted": "2026-10-31T22:59:00Z",
        "source": f"{student}.zip",
        "ignored": [],
        "attempts": [],
        "isolation": ISOLATION,
        "verdict": "WRONG" if failed else "OK",
        "sentence": f"{failed['id']}: {failed['saw']}" if failed else "All checks passed.",
    } | changes


def keep(directory, *records):
    """Writes records where the batch would: DIR/results/STUDENT/NN.json."""
    for one in records:
        path = directory / "results" / one["student"] / f"{one['lab'][:2]}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(one))
    return directory
