"""One grading in a child process: it says what it does through a pipe that it alone holds, until it has
ended, the deadline has passed, or nobody waits for the record any more."""
import json
import os
import select
import shutil
import signal
import tempfile
import threading
import time
import traceback
from dataclasses import dataclass, field

from autograder import warden

from . import ending
from . import job as jobs
from . import slots

PR_SET_PDEATHSIG = 1  # prctl(2)
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
            end.students = ending.running_programs(pid)
        status = ending.finish(pid)
        shutil.rmtree(work, ignore_errors=True)
    if end.late:
        end.why = f"the grader had not ended after {deadline:.0f} s, and no program was running"
    elif not end.record and not end.why:
        end.why = f"the grader died: {ending.how(status)}"
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


def say(fd, word: dict):
    data = memoryview(json.dumps(word).encode() + b"\n")
    with ONE_AT_A_TIME:  # a line longer than PIPE_BUF is written in parts, pipe(7)
        while data:
            data = data[os.write(fd, data) :]


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
