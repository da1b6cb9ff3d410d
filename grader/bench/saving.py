"""How soon `watch` answers: a wrong file is saved, and then the right one, under a `grader/lab watch`
in a terminal of its own; the time from the save to the word about the step at hand is read there."""
import os
import pty
import re
import select
import shutil
import subprocess
import tempfile
import time

from autograder import build, mutants
from autograder.machine import KIT

LIMIT = 600  # seconds; the first grading under watch compiles everything
GRADED = re.compile(rb"of [0-9]+ points")
ANSWER = re.compile(rb"s after the save")


class Terminal:
    """Context manager: a command in a terminal, of which all output is kept."""

    def __init__(self, *command):
        self.command, self.output = command, bytearray()

    def __enter__(self):
        self.end, theirs = pty.openpty()
        terminal = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
        self.process = subprocess.Popen(self.command, start_new_session=True, cwd=KIT, **terminal)
        os.close(theirs)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        os.close(self.end)

    def wait(self, pattern) -> float:
        """Until what has come since the last match matches; returns when."""
        until = time.monotonic() + LIMIT
        while not (found := pattern.search(self.output)):
            poll = select.poll()
            poll.register(self.end, select.POLLIN)
            if not poll.poll(max(0, until - time.monotonic()) * 1000):
                raise TimeoutError(f"{pattern.pattern!r} did not come in {LIMIT} s")
            self.output += os.read(self.end, 1 << 16)
        del self.output[: found.end()]
        return time.monotonic()


def example(lab):
    """A mutant of the lab that a check of its own program kills, or None."""
    suites = build.whitebox_suites(lab)
    judged = {mutant: mutant.killed_by.split("/")[0] for mutant in mutants.load(lab)}
    plain = [m for m in judged if not any(s in str(m.edits) for s in suites)]
    return (plain or [*judged] or [None])[0]


def measured(lab, mutant) -> dict:
    """Seconds from a save to the answer: of a version as wrong as before, then of the right one."""
    with tempfile.TemporaryDirectory(prefix="asynclab-watch-") as place:
        home = os.path.join(place, lab.name)
        shutil.copytree(mutant.materialise(), home)
        command = [
            "/usr/bin/python3",
            str(KIT / "grader/lab"),
            "watch",
            lab.number,
            "--from",
            place,
        ]
        try:
            with Terminal(*command) as screen:
                screen.wait(GRADED)
                wrong = answered(screen, lambda: touch(home, mutant))
                screen.wait(GRADED)
                right = answered(screen, lambda: correct(home, mutant))
        finally:
            shutil.rmtree(build.output_directory(KIT / home), ignore_errors=True)
    return {
        "step": mutant.killed_by.split("/")[0],
        "wrong_seconds": round(wrong, 2),
        "right_seconds": round(right, 2),
    }


def answered(screen, save) -> float:
    began = time.monotonic()
    save()
    return screen.wait(ANSWER) - began


def touch(home, mutant):
    """The student has changed something, but not what is wrong."""
    name = mutant.edits[0][0]
    with open(os.path.join(home, name), "a") as file:
        file.write(f"\n{'#' if name.endswith('.py') else '//'} saved\n")


def correct(home, mutant):
    for name in {file for file, _, _ in mutant.edits}:
        shutil.copyfile(KIT / "solutions" / mutant.lab.name / name, os.path.join(home, name))
