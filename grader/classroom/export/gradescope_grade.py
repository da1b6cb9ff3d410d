"""Grades the submission on Gradescope, and writes results.json after each check.

The time of submission and the due date come from submission_metadata.json, never from the clock."""
import dataclasses
import json
import math
import pathlib
import re
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
from autograder import isolation, labs  # noqa: E402
from autograder.engine import Grading  # noqa: E402
from autograder.printable import printable  # noqa: E402
from classroom import course as courses, job, sheet  # noqa: E402
from classroom.export import gradescope, gradescope_run  # noqa: E402
from classroom.intake.one import read_one  # noqa: E402

SOURCE = gradescope_run.ROOT / "source"


class Assignment:
    """What the zip and Gradescope tell of this submission."""

    def __init__(self):
        told = json.loads((SOURCE / "assignment.json").read_text())
        self.lab, self.view = labs.find(told["lab"]), told["view"]
        self.metadata = metadata()
        named = SOURCE / "course.toml"
        self.course = self.due_by_gradescope(courses.load(named if named.exists() else None))

    def due_by_gradescope(self, course):
        """The course, with Gradescope's due date for this lab where it has none of its own."""
        assignment = self.metadata.get("assignment") or {}
        due = course.due(self.lab.name) or courses.moment(assignment.get("due_date") or "")
        return dataclasses.replace(course, dues={**course.dues, self.lab.name: due})

    def about(self) -> dict:
        users = self.metadata.get("users") or [{}]
        mail = str(users[0].get("email") or users[0].get("id") or "student")
        return {
            "student": re.sub(r"[^A-Za-z0-9._@+-]", "_", mail)[:100],
            "shown": printable(", ".join(str(user.get("name", "")) for user in users)),
            "submitted": str(self.metadata.get("created_at") or ""),
        }

    def kept(self):
        """The score of the last submission that was graded, if it is a number."""
        for earlier in reversed(self.metadata.get("previous_submissions") or []):
            try:
                score = float(earlier["score"])
            except (KeyError, TypeError, ValueError):
                continue
            if math.isfinite(score) and not earlier.get("autograder_error"):
                return score
        return None

    def write(self, record: dict, note=""):
        made = sheet.make({**record, **self.about()}, self.course, self.view)
        results = gradescope.results(made, self.kept())
        results["output"] = "\n".join(filter(None, (note, results["output"])))
        gradescope_run.write(results)


def metadata() -> dict:
    try:
        told = json.loads((gradescope_run.ROOT / "submission_metadata.json").read_text())
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def kept_in() -> tuple[isolation.Policy, str]:
    """How the submission is run, and what to tell where the platform allows no closed box: there the
    container, which Gradescope makes anew for each submission, is the only border."""
    if isolation.closed_level().trusted_enough:
        return isolation.Policy(closed=True), ""
    return (
        isolation.OPEN,
        "no closed box is to be had here: only the container kept this submission in",
    )


def nothing_to_grade(handed, lab) -> dict:
    """The record of a submission that is refused, or has none of the files that the lab asks for."""
    told = {"schema": sheet.SCHEMA, "lab": lab.name, "score": 0, "max_score": 100, "seconds": 0}
    told |= {"steps": [], "measurements": {}, "environment": {}}
    if handed.refused:
        return told | {"verdict": "REJECTED", "sentence": handed.refused}
    there = "; ".join(["there is nothing of it", *handed.ignored])
    why = f"lab {lab.number} asks for {', '.join(lab.files)}: {there}"
    return told | {"verdict": "NO_SUBMISSION", "sentence": why}


def main():
    assignment = Assignment()
    lab = assignment.lab
    handed = read_one(gradescope_run.ROOT / "submission", lab)
    if not handed.files:
        return assignment.write(nothing_to_grade(handed, lab))
    policy, told = kept_in()
    with tempfile.TemporaryDirectory(prefix="asynclab-") as tree:
        job.write_files(job.of(handed, seed=""), pathlib.Path(tree))
        unfinished = f"grading has not finished\n{told}"
        grading = Grading(
            lab,
            tree,
            on_change=lambda r: assignment.write(job.without(tree, r.as_json()), unfinished),
            policy=policy,
        )
        grading.tree = "labs"  # where the student has it: for the command that runs a check again
        result = grading.run()
    assignment.write(job.without(tree, result.as_json()), told)


if __name__ == "__main__":
    main()
