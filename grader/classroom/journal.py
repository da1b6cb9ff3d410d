"""The journal: DIR/results/STUDENT/NN.json, a record a file, each written whole or not at all.

All else in DIR is derived from these files. DIR belongs to one batch at a time."""
import fcntl
import json
import pathlib
import random
import re

from autograder import whole
from autograder.labs import UsageError

from . import reader

STUDENT = re.compile(r"[A-Za-z0-9._@+-]{1,100}")


class CannotWrite(Exception):
    """The results cannot be kept: a full disk, a file system gone read-only."""


class Journal:
    """Context manager: holds DIR's lock."""

    def __init__(self, place: pathlib.Path, resume: bool):
        self.place, self.resume = place, resume

    def __enter__(self):
        try:
            self.place.mkdir(parents=True, exist_ok=True)
            self._lock = open(self.place / ".lock", "a")
        except OSError as error:
            raise UsageError(f"--out {self.place}: {error.strerror}")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(
                f"--out {self.place}: another batch is at work there; wait for it, or take another"
                " --out"
            )
        if not self.resume and reader.files(self.place):
            raise UsageError(
                f"--out {self.place} has results already: `--resume` finishes that batch, another"
                " --out begins a new one"
            )
        return self

    def __exit__(self, *_):
        self._lock.close()

    def path(self, student: str, lab: str) -> pathlib.Path:
        if not STUDENT.fullmatch(student) or student in (".", ".."):
            raise ValueError(f"{student!r} is no student's id")
        return self.place / "results" / student / f"{lab[:2]}.json"

    def read(self, student: str, lab: str) -> dict | None:
        return parsed(self.path(student, lab))

    def write(self, record: dict):
        write_whole(self.path(record["student"], record["lab"]), json.dumps(record, indent=1))

    def records(self) -> list[dict]:
        """Every record, by student and lab."""
        found = map(parsed, reader.files(self.place))
        return [record for record in found if record]

    def seed(self) -> str:
        """The seed of the whole class, so that all get the same payloads; kept for --resume."""
        kept = parsed(self.place / "batch.json") or {"seed": f"{random.randrange(10**6):06}"}
        write_whole(self.place / "batch.json", json.dumps(kept))
        return kept["seed"]


def parsed(path: pathlib.Path) -> dict | None:
    """None for a file that is missing or no record: it will be made anew."""
    try:
        return reader.parsed(path)
    except UsageError:
        return None


def write_whole(path: pathlib.Path, text: str):
    """All of `text` or what was there before, also after a power cut."""
    try:
        whole.write(path, text, lasting=True)
    except OSError as error:
        raise CannotWrite(f"{path} cannot be written: {error.strerror}")
