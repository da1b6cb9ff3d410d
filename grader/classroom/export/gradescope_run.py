"""Runs on Gradescope: sees to it that results.json is there and valid, whatever becomes of grading.

Needs nothing but Python, so that it can tell when something of the kit is missing. The grading
(gradescope_grade.py) is a process of its own, and writes the results after each check; when it dies
or takes too long, what it has written stays and is told to be unfinished."""
import json
import os
import pathlib
import signal
import subprocess
import sys

ROOT = pathlib.Path(os.environ.get("AUTOGRADER_ROOT", "/autograder"))
RESULTS = ROOT / "results/results.json"
GRADER = pathlib.Path(__file__).resolve().parents[2]
SECONDS = 540


def write(results: dict):
    """Writes results.json whole or not at all, with Unix newlines."""
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    temporary = RESULTS.with_name(".results.json.part")
    temporary.write_text(json.dumps(results, allow_nan=False) + "\n", newline="\n")
    os.replace(temporary, RESULTS)


def nothing_yet(why: str) -> dict:
    told = f"{why}. This is no grade: ask for the submission to be graded again."
    return {"score": 0, "output": told, "output_format": "text", "extra_data": {"judged": False}}


def amend(why: str):
    """Says in what the grading left behind that it is unfinished."""
    try:
        results = json.loads(RESULTS.read_text())
        told = f"{why}. What it had judged by then stands below; ask for it to be graded again."
        results["output"] = f"{told}\n{results.get('output', '')}" if results.get("tests") else ""
        results.setdefault("extra_data", {})["judged"] = False
    except (OSError, ValueError, AttributeError):
        results = {}
    write(results if results.get("output") else nothing_yet(why))


def seconds() -> float:
    try:
        return float(json.loads((ROOT / "source/assignment.json").read_text())["seconds"])
    except (OSError, ValueError, KeyError, TypeError):
        return SECONDS


def main():
    write(nothing_yet("The grader has not begun"))
    command = [sys.executable, "-I", str(GRADER / "classroom/export/gradescope_grade.py")]
    grading = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        status = grading.wait(seconds())
        why = f"with status {status}" if status >= 0 else f"by signal {-status}"
    except subprocess.TimeoutExpired:
        os.killpg(
            grading.pid, signal.SIGKILL
        )  # what it has started sees its sockets close, and ends
        status, why = grading.wait(), "because it took too long"
    if status:
        amend(f"The grader ended early, {why}")


if __name__ == "__main__":
    main()
