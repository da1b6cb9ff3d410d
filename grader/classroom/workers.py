"""This machine's workers: N gradings side by side, each in a process of its own (keeper.py)."""
import concurrent.futures
import io
import json
import os
import queue
import subprocess
import sys
import threading

from autograder.machine import KIT
from autograder.verdict import HARNESS_ERROR

from . import preflight, record, slots

TRIES = 2  # of a job whose keeper died
GRACE = 15  # seconds for the keepers to end all boxes after Ctrl-C


def entry() -> list[str]:
    """The command of a job's process. ASYNCLAB_JOB names another one: the tests' faulty ones."""
    return [sys.executable, "-I", os.environ.get("ASYNCLAB_JOB", str(KIT / "grader/lab-job"))]


class Abandoned(Exception):
    """No worker is left to go on with; the message says what to do."""


class Stopped(Exception):
    """The batch is being stopped: this job was not finished."""


class Workers:
    """Context manager; leaving it ends everything that still runs.

    `heard`: called with (job, words) when a job begins and when it says what it does."""

    def __init__(self, jobs: int, heard=lambda job, doing: None):
        self.jobs, self._heard = jobs, heard
        self._lock, self._running, self._stopped = threading.Lock(), {}, False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with self._lock:
            self._stopped = True
            running = list(self._running.values())
        for process in running:
            process.stdin.close()  # the keeper sees it, ends its boxes and itself
        for process in running:
            try:
                process.wait(GRACE)
            except subprocess.TimeoutExpired:
                process.kill()

    def grade(self, jobs, deadline, at_once=0):
        """Yields (job, record) in the order in which they end. `deadline`: lab -> seconds."""
        waiting, done = queue.SimpleQueue(), queue.SimpleQueue()
        jobs = list(jobs)
        for job in jobs:
            waiting.put(job)
        for _ in range(min(len(jobs), at_once or self.jobs)):
            arguments = (waiting, done, deadline)
            threading.Thread(target=self._work, args=arguments, daemon=True).start()
        for _ in jobs:
            job, future = done.get()
            yield job, future.result()

    def prepare(self, lab_name: str, seed: str):
        """(why the lab cannot be judged here or None, seconds that a submission may take). The
        reference runs alone; with more jobs than cores the others have to share theirs."""
        trouble, deadline = preflight.examine(self.run, lab_name, seed)
        return trouble, deadline * max(1, self.jobs / len(slots.cores()))

    def alone(self, jobs, deadline):
        """As grade(), one at a time."""
        return self.grade(jobs, deadline, at_once=1)

    def _work(self, waiting, done, deadline):
        while True:
            try:
                job = waiting.get_nowait()
            except queue.Empty:
                return
            future = concurrent.futures.Future()
            try:
                future.set_result(self.run(job, deadline[job["lab"]]))
            except BaseException as error:
                future.set_exception(error)
            done.put((job, future))

    def run(self, job: dict, deadline: float) -> dict:
        """The record of one job, in any case, unless the batch is stopped meanwhile (Stopped)."""
        try:
            self._heard(job, "begins")
            return self._persist(job, deadline)
        finally:
            self._heard(job, "ends")

    def _persist(self, job, deadline):
        died = []
        for _ in range(TRIES):
            found, status = self._once(job, deadline)
            if found:
                found["attempts"] = died + found["attempts"]
                return found
            died.append(f"the grading process died: {how(status)}")
        return {**record.not_run(job["lab"], HARNESS_ERROR, died[-1]), "attempts": died}

    def _once(self, job, deadline):
        process = self._start(job, [*entry(), "--deadline", f"{deadline:.0f}"])
        found = None
        try:
            write_all(process.stdin.fileno(), json.dumps(job).encode() + b"\n")
            for line in io.BufferedReader(process.stdout):
                word = parsed(line)
                found = word.get("record", found)
                if "doing" in word:
                    self._heard(job, word["doing"])
        except (OSError, ValueError):
            pass  # it died, or the batch is being stopped: asked below
        status = process.wait()
        with self._lock:
            del self._running[id(job)]
            if self._stopped:
                raise Stopped
        process.stdin.close()
        return found, status

    def _start(self, job, command):
        with self._lock:
            if self._stopped:
                raise Stopped
            pipe = subprocess.PIPE
            self._running[id(job)] = process = subprocess.Popen(
                command,
                bufsize=0,
                stdin=pipe,
                stdout=pipe,
                start_new_session=True,  # Ctrl-C is ours to handle
                env=environment(),
            )
        return process


def environment() -> dict:
    """What a job's process needs; nothing of the instructor's own."""
    kept = ("PATH", "TMPDIR", "CXX", "LANG")
    told = {k: v for k, v in os.environ.items() if k in kept or k.startswith("ASYNCLAB_")}
    return {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **told}


def parsed(line: bytes) -> dict:
    try:
        return json.loads(line)
    except ValueError:
        return {}  # cut off when it died


def write_all(fd, data):
    data = memoryview(data)
    while data:
        data = data[os.write(fd, data) :]


def how(status: int) -> str:
    return f"by signal {-status}" if status < 0 else f"with status {status}"
