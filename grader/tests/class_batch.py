"""Shared by the tests of batches: a class made of one-line submissions, and a batch as a process."""
import json
import os
import pathlib
import subprocess
import time

from autograder.machine import KIT

FAKE = str(KIT / "grader/tests/fake_job.py")
LOGGED = str(KIT / "grader/tests/logged_job.py")
LAB = "01-blocking-echo"
WAIT = 60


def make_class(place: pathlib.Path, **students) -> pathlib.Path:
    """student="word": a submission that asks fake_job.py for that; None: one without files."""
    for student, word in students.items():
        directory = place / student / LAB
        directory.mkdir(parents=True, exist_ok=True)
        if word is not None:
            # the student's name makes each different; `same` makes them identical
            name = "" if word == "same" else student
            (directory / "blocking_echo.cpp").write_text(f"// fake: {word} {name}\n")
    return place


class Batch:
    """`grader/lab class` on a class in `home`, with the fake grading unless `real`. Both write a line to
    `log` for each grading that begins."""

    def __init__(self, home: pathlib.Path, real=False, **environment):
        self.home, self.out, self.log = home, home / "out", home / "log"
        self.environment = {
            **os.environ,
            "ASYNCLAB_FAKE_LOG": str(self.log),
            "ASYNCLAB_FAKE_GATE": str(home / "gate"),
            "ASYNCLAB_JOB": LOGGED if real else FAKE,
            **environment,
        }

    def command(self, *arguments):
        place = [str(self.home / "class"), "--out", str(self.out)]
        return [str(KIT / "grader/lab"), "class", *place, *arguments]

    def run(self, *arguments, timeout=300):
        self.log.unlink(missing_ok=True)
        return subprocess.run(
            self.command(*arguments),
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    def start(self, *arguments):
        self.log.unlink(missing_ok=True)
        return subprocess.Popen(
            self.command(*arguments),
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def graded(self) -> list[str]:
        """Who was graded in the last run, in order, without the reference."""
        words = self.log.read_text().split() if self.log.exists() else []
        return [word for word in words if word != "(reference)"]

    def records(self) -> dict[str, dict]:
        found = self.out.glob("results/*/01.json")
        return {path.parent.name: json.loads(path.read_text()) for path in found}

    def book(self) -> dict[str, tuple]:
        """What does not depend on when and where it was graded."""
        return {
            student: (told["verdict"], told["score"], told["max_score"])
            for student, told in self.records().items()
        }

    def judged(self) -> dict[str, list]:
        """As book(), with the outcome, word and points of every check."""
        told = ("id", "outcome", "verdict", "score", "max_score")
        return {
            student: [
                self.book()[student],
                *([c[name] for name in told] for s in one["steps"] for c in s["checks"]),
            ]
            for student, one in self.records().items()
        }


def until(condition, what, seconds=WAIT):
    """Waits for something that another process does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.02)


def job_processes(log: pathlib.Path) -> list[int]:
    """The processes of gradings that write to this log."""
    found = []
    for environ in pathlib.Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"ASYNCLAB_FAKE_LOG={log}\0".encode() in environ.read_bytes():
                found.append(int(environ.parent.name))
        except OSError:
            pass
    return found
