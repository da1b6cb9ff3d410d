"""The keeper: a small process that has one job done by a child of its own, and outlives whatever
becomes of that child. `grader/lab-job [--deadline S]` reads the job on standard input, a line of
JSON, and prints lines of JSON: {"doing": ...} now and then, {"record": ...} as the last one.

Standard input stays open: when it closes, whoever wanted the record has gone, and all is ended.
The grading child writes to a pipe that it alone holds; every program of a submission is in a box.
"""
import json
import os
import pathlib
import select
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from dataclasses import dataclass, field

from autograder import box, warden
from autograder.verdict import HARNESS_ERROR, TIMEOUT

from . import job as jobs
from . import record, slots

PR_SET_PDEATHSIG = 1  # prctl(2)
TRIES = 2  # of a grading that died
DEADLINE = 600  # seconds, where nobody has measured
ONE_AT_A_TIME = threading.Lock()


@dataclass
class End:
    """How a grading ended: with a record, with words why not, or not at all (`late`)."""

    record: dict | None = None
    why: str = ""
    partial: dict | None = None
    late: bool = False
    students: list = field(default_factory=list)  # programs that were running at the deadline


class Gone(Exception):
    """Nobody waits for the record any more."""


def main():
    deadline = float(sys.argv[2]) if sys.argv[1:2] == ["--deadline"] else DEADLINE
    answer = os.dup(1)
    os.dup2(2, 1)  # whatever prints must not reach the answer
    told = json.loads(read_line(0))
    warden.libc.prctl(warden.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the end of standard input ends us
    slot, _lock = slots.take()
    slots.pin(slot)
    try:
        done = keep(told, slot, deadline, lambda **word: say(answer, word))
        say(answer, {"record": done})
    except (Gone, BrokenPipeError):
        sys.exit(1)
    finally:
        warden.end_all()


def read_line(fd) -> bytes:
    """The first line; what comes later, the end of file, stays unread."""
    read = bytearray()
    while not read.endswith(b"\n"):
        chunk = os.read(fd, 1 << 16)
        if not chunk:
            sys.exit(1)
        read += chunk
    return bytes(read)


def say(fd, word: dict):
    data = memoryview(json.dumps(word).encode() + b"\n")
    with ONE_AT_A_TIME:  # a line longer than PIPE_BUF is written in parts, pipe(7)
        while data:
            data = data[os.write(fd, data) :]


def keep(told: dict, slot: int, deadline: float, tell) -> dict:
    """Has the job done, once more if the grading died; returns a record in any case."""
    died = []
    for _ in range(TRIES):
        end = attempt(told, slot, deadline, tell)
        if end.record:
            end.record["attempts"] = died + end.record["attempts"]
            return end.record
        if end.late and end.students:
            return too_late(told, end, deadline, died)
        died.append(end.why)
    return not_judged(told, end.partial, died)


def not_judged(told, partial, died) -> dict:
    found = record.judged(
        partial or record.blank(told["lab"], told["seed"]), HARNESS_ERROR, died[-1]
    )
    return {**found, "tree": "", "isolation": box.closed_level().title, "attempts": died}


def too_late(told, end: End, deadline, died) -> dict:
    """The submission's own programs still ran at the deadline: what was judged by then counts."""
    found = end.partial or record.blank(told["lab"], told["seed"])
    sentence = (
        f"the grading had not ended after {deadline:.0f} s of wall time, and then"
        f" {end.students[0]} was still running; the checks until then count"
    )
    found = record.judged(found, TIMEOUT, sentence)
    return {
        **found,
        "tree": "",
        "isolation": box.closed_level().title,
        "attempts": [*died, sentence],
    }


def attempt(told: dict, slot: int, deadline: float, tell) -> End:
    """One grading in a child process and a directory of its own, which is removed afterwards."""
    work = slots.directory_of(slot)
    results, answer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(results)
        child(told, work, slot, answer)
    os.close(answer)
    end = End()
    try:
        follow(pid, results, time.monotonic() + deadline, end, tell)
    finally:
        os.close(results)
        if end.late:
            end.students = running_programs(pid)
        status = finish(pid)
        shutil.rmtree(work, ignore_errors=True)
    if end.late:
        end.why = f"the grader had not ended after {deadline:.0f} s, and no program was running"
    elif not end.record and not end.why:
        end.why = f"the grader died: {how(status)}"
    return end


def child(told, work, slot, answer):
    """The grading process. Never returns."""
    code = 1
    try:
        warden.libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
        tempfile.tempdir = str(work)  # all that the grading makes goes with it
        try:
            found = jobs.run(told, work, slot, lambda **word: say(answer, word))
            say(answer, {"record": found})
            code = 0
        except (jobs.NotOurs, OSError, MemoryError) as error:
            say(answer, {"why": str(error) or type(error).__name__})
        except BaseException as error:
            traceback.print_exc()
            say(answer, {"why": f"the grader stumbled: {type(error).__name__}: {error}"})
    finally:
        os._exit(code)  # threads of checks that hang are not waited for


def follow(pid, results, until, end: End, tell):
    """Reads what the grading says until it has ended, or the deadline has passed."""
    poll, rest = select.poll(), bytearray()
    poll.register(results, select.POLLIN)
    poll.register(0, select.POLLIN)
    while True:
        ready = dict(poll.poll(max(0, until - time.monotonic()) * 1000))
        if 0 in ready and not os.read(0, 1):
            raise Gone
        if results in ready:
            chunk = os.read(results, 1 << 16)
            if not chunk:
                return
            rest += chunk
            *lines, rest = rest.split(b"\n")
            for line in lines:
                heard(json.loads(line), end, tell)
        elif time.monotonic() >= until:
            end.late = True
            return


def heard(word: dict, end: End, tell):
    if "doing" in word:
        tell(**word)
    for name in ("record", "partial", "why"):
        if name in word:
            setattr(end, name, word[name])


def running_programs(pid) -> list[str]:
    """The names of what runs below the grading's own processes: compilers, boxed programs."""
    names = []
    for one in warden.descendants(pid):
        try:
            name = pathlib.Path(f"/proc/{one}/comm").read_text().strip()
        except OSError:
            continue
        if name not in ("python3", "bwrap", "prlimit", "make", "sh", "strace"):
            names.append(name)
    return names


def finish(pid) -> int:
    """Ends the grading, gives its wardens the time to end their boxes, then ends what is left."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    _, status = os.waitpid(pid, 0)
    calm = time.monotonic() + 2
    while warden.descendants(os.getpid()) and time.monotonic() < calm:
        reap()
        time.sleep(0.005)
    warden.end_all()
    return status


def reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def how(status) -> str:
    if os.WIFSIGNALED(status):
        return f"by signal {os.WTERMSIG(status)} ({signal.Signals(os.WTERMSIG(status)).name})"
    return f"with status {os.waitstatus_to_exitcode(status)}"
