"""One job: the files of a submission go to a fresh directory, and the lab's grading runs on them.

A job is plain data: {"student", "lab", "files": {name: base64}, "seed", "digest"}; "before" is the
record of an earlier grading, of which only what could not be judged is run again. The answer is a
record without its owner (`record.stamped` adds that), because identical submissions share it."""
import base64
import json
import os
import pathlib
import shutil
import threading

from autograder import isolation, labs
from autograder.engine import Grading
from autograder.result import CANNOT_JUDGE, NOT_RUN, Outcome

from . import record
from .submission import Submission

ROOM = 256 << 20  # bytes that a grading needs on disk; the largest lab's programs take 60 MB
TELL = 2.0  # seconds between two words about what is under way
MISSING = {
    ".py": 'raise ImportError("{name} was not handed in")\n',
    "": '#error "{name} was not handed in"\n',
}


class NotOurs(Exception):
    """The machine or the kit is at fault, never the submission; the message says how."""


def of(submission: Submission, seed: str) -> dict:
    """The job that grades a submission. `seed`: the same for a whole class."""
    files = {name: base64.b64encode(data).decode() for name, data in submission.files.items()}
    about = {"student": submission.student, "lab": submission.lab, "digest": submission.digest}
    return {**about, "files": files, "seed": seed}


def again(job: dict, before: dict) -> dict:
    """The job that runs once more those checks that could not be judged."""
    return {**job, "before": before}


def write_files(job: dict, place: pathlib.Path):
    """Writes the files asked for, and for each that is missing one that says so."""
    for name in labs.find(job["lab"]).files:
        if os.path.basename(name) != name:
            raise NotOurs(f"lab.toml asks for {name!r}: a name without a directory is wanted")
        data = job["files"].get(name)
        words = MISSING.get(os.path.splitext(name)[1], MISSING[""]).format(name=name)
        fd = os.open(
            place / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
        )
        with os.fdopen(fd, "wb") as file:
            file.write(words.encode() if data is None else base64.b64decode(data, validate=True))


def run(job: dict, work: pathlib.Path, slot: int, tell=lambda **word: None) -> dict:
    """Grades in `work`, a directory of its own. `tell` hears what is under way."""
    enough_room(work)
    place = work / "source"
    place.mkdir(mode=0o700)
    write_files(job, place)
    grading = Grading(
        labs.find(job["lab"]),
        str(place),
        seed=job["seed"],
        on_change=lambda result: tell(partial=without(place, result.as_json())),
        policy=isolation.Policy(closed=True, slot=slot),
    )
    grading.tree = "labs"  # where the student has it: for the command that runs a check again
    if "before" in job:
        keep_what_was_judged(grading, job["before"])
    threading.Thread(target=watch, args=(grading, tell), daemon=True).start()
    result = grading.run()
    enough_room(work)  # a full disk looks like a fault of the program
    return without(place, finished(result, job))


def without(place: str | pathlib.Path, told: dict) -> dict:
    """A result that does not name the directory, which is gone by the time somebody reads it."""
    return {**json.loads(json.dumps(told).replace(f"{place}/", "")), "tree": ""}


def enough_room(work):
    free = shutil.disk_usage(work).free
    if free < ROOM:
        raise NotOurs(f"{free >> 20} MiB are free below {work.parent}, {ROOM >> 20} are needed")


def keep_what_was_judged(grading: Grading, before: dict):
    """Takes over the outcomes of an earlier grading; what could not be judged is to be run."""
    grading.checks = [c for c in grading.checks if c.id in record.unclear(before)]
    outcomes = grading.result.outcomes
    for told in record.checks(before):
        if told["id"] in outcomes and told["id"] not in record.unclear(before):
            restore(outcomes[told["id"]], told)
    grading.result.measurements.update(before["measurements"])


def restore(outcome: Outcome, told: dict):
    """The reverse of Outcome.as_json()."""
    for name in (
        "outcome",
        "verdict",
        "saw",
        "means",
        "read",
        "transcript",
        "where",
        "replay",
        "seconds",
    ):
        setattr(outcome, name, told[name])
    outcome.words = told.get("last_words", [])


def watch(grading: Grading, tell):
    """Says every now and then what is under way, as long as the process lives."""
    pause = threading.Event()
    while not pause.wait(TELL):
        begun = [o for o in list(grading.result.outcomes.values()) if o.replay]
        now = [o.check.id for o in begun if o.outcome == NOT_RUN and not o.seconds]
        tell(doing=", ".join(now) or ("compiling" if not begun else "finishing"))


def finished(result, job: dict) -> dict:
    told = result.as_json()
    attempts = list(job.get("before", {}).get("attempts", []))
    for outcome in result.outcomes.values():
        if outcome.outcome == CANNOT_JUDGE:
            attempts.append(f"{outcome.check.id} could not be judged: {outcome.saw}")
        elif "before" in job and outcome.check.id in record.unclear(job["before"]):
            attempts.append(f"{outcome.check.id} was run again, alone: {outcome.outcome}")
    return {**told, "isolation": isolation.closed_level().title, "attempts": attempts}
