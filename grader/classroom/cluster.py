"""The same jobs on a Dask cluster: `grader/lab class ... --scheduler tcp://HOST:PORT`.

A worker is `grader/lab worker tcp://HOST:PORT`: it runs its own kit's job processes, one at a time,
and offers the scheduler a resource that is named after its kit's fingerprint. A job asks for one of
that resource, so a worker of another kit never gets it, and one that comes later is used at once.
A job is a pure function with its digest as key: a scheduler runs it elsewhere when a worker dies.
"""
import functools
import os
import shutil
import sys

from autograder import isolation
from autograder.labs import UsageError
from autograder.machine import KIT
from autograder.verdict import HARNESS_ERROR

from . import fingerprint, record
from .workers import Abandoned, Workers

RETRIES = 2  # of a job that ended with an exception, which is never the submission's fault
REACH = 20  # seconds for the scheduler to answer
LOOK = 5  # seconds between two looks at which workers are there
PATIENCE = 60  # looks without a single worker of this kit, then the batch stops


def resource() -> str:
    return f"asynclab-{fingerprint.of_kit()}"


class Unfit(Exception):
    """A worker that cannot judge; the message says why."""


# -- what runs on a worker -------------------------------------------------------------------------
def grade_here(job: dict, kit: str) -> dict:
    """The record of a job, made by the kit that lies beside this file."""
    if kit != fingerprint.of_kit():
        raise Unfit(f"the kit on {os.uname().nodename} has changed: start its workers anew")
    if not isolation.closed_level().trusted_enough and not os.environ.get("ASYNCLAB_TRUST"):
        raise Unfit(
            f"{os.uname().nodename} cannot keep a submission in: {isolation.closed_level().title}"
        )
    trouble, deadline = examined(job["lab"], job["seed"])
    if trouble:
        return record.not_run(job["lab"], trouble[0], f"on {os.uname().nodename}: {trouble[1]}")
    with Workers(1) as workers:
        return workers.run(job, deadline)


@functools.cache
def examined(lab_name: str, seed: str):
    """The preflight of a lab, once on each worker."""
    with Workers(1) as workers:
        return workers.prepare(lab_name, seed)


def start(address: str, jobs: int):
    """Becomes Dask workers, `jobs` processes of one thread each. Does not return."""
    from .slots import cores

    command = shutil.which("dask-worker")
    if not command:
        raise UsageError("dask-worker is missing: `apt-get install python3-distributed`")
    count = str(jobs or len(cores()))
    path = os.pathsep.join(filter(None, (str(KIT / "grader"), os.environ.get("PYTHONPATH"))))
    argv = [address, "--nworkers", count, "--nthreads", "1", "--no-dashboard"]
    argv += ["--resources", f"{resource()}=1", "--memory-limit", "0"]
    os.execve(sys.executable, [sys.executable, command, *argv], {**os.environ, "PYTHONPATH": path})


# -- what runs with the instructor -----------------------------------------------------------------
class Cluster:
    """Stands in for Workers. `say`: prints a line."""

    def __init__(self, address: str, heard, say):
        self._heard, self._say, self._named = heard, say, set()
        try:
            import distributed
        except ImportError:
            raise UsageError("--scheduler needs `apt-get install python3-distributed`")
        self._dask = distributed
        try:
            self._client = distributed.Client(address, timeout=REACH)
        except (OSError, ValueError, TimeoutError) as error:
            raise UsageError(f"--scheduler {address}: nobody answers there ({error})")
        self.jobs = 0

    def __enter__(self):
        self.look()
        return self

    def __exit__(self, *_):
        self._client.close()  # what was submitted and is not done is forgotten by the scheduler

    def look(self) -> int:
        """How many workers have this kit; names each that has another one, once."""
        found = self._client.scheduler_info()["workers"]
        fit = [w for w, told in found.items() if resource() in told.get("resources", {})]
        for address in found.keys() - set(fit) - self._named:
            self._named.add(address)
            self._say(
                (
                    f"worker {address} is refused: it has another kit than this one, or none; start"
                    f" it with `grader/lab worker` of kit {fingerprint.of_kit()}"
                ),
                highlight=False,
            )
        self.jobs = max(self.jobs, len(fit))
        return len(fit)

    def prepare(self, lab_name, seed):
        """Each worker makes its own preflight, before its first job of a lab."""
        return None, 0

    def grade(self, jobs, deadline):
        futures = {self._submit(job): job for job in jobs}
        waiting, lonely = set(futures), 0
        while waiting:
            try:
                done = self._dask.wait(waiting, timeout=LOOK, return_when="FIRST_COMPLETED").done
            except self._dask.TimeoutError:
                done = set()
            lonely = 0 if self.look() or done else lonely + 1
            if lonely > PATIENCE:
                raise Abandoned("no worker of this kit is left: start some, then --resume")
            for future in done:
                waiting.discard(future)
                yield futures[future], self._record(futures.pop(future), future)

    def alone(self, jobs, deadline):
        for job in jobs:
            yield from self.grade([job], deadline)

    def _submit(self, job):
        again = "-again" if "before" in job else ""
        return self._client.submit(
            grade_here,
            job,
            fingerprint.of_kit(),
            key=f"{job['lab']}-{job['digest']}-{job['seed']}-{fingerprint.of_kit()}{again}",
            resources={resource(): 1},
            retries=RETRIES,
            pure=True,
        )

    def _record(self, job, future) -> dict:
        """What a job came to; one that workers died of, or that none could do, is not judged."""
        error = future.exception()
        told = future.result() if error is None else None
        future.release()
        if told:
            return told
        words = f"{type(error).__name__}: {error}".splitlines()[0]
        return record.not_run(job["lab"], HARNESS_ERROR, words)
