"""Is a program asleep, spinning, or polling? CPU *demand* tells, also on a machine that is busy.

demand = (time on a CPU + time waiting for a CPU) / wall time, summed over all threads: a spinning
thread shows 1.0 and a sleeping one 0.0 whatever else runs (/proc/PID/task/TID/schedstat).
Plain CPU time would call a spinner on a loaded machine half asleep. Wake-ups (voluntary context
switches) tell a loop with a 1 ms timeout from sleep. Controls, a spinner and a sleeper measured
in the same window, replace any constant about the machine: where they mislead, nothing is judged.
"""
import contextlib
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

from . import proc

BUSY, IDLE, POLLING, UNCLEAR = "busy", "idle", "polling", "unclear"
HOUSEKEEPING = 30  # wake-ups a second that a thread waiting on a futex may have (a JVM's 20)


@dataclass(frozen=True)
class Reading:
    """One window: demand in CPUs, wake-ups a second, and how far timing of the reads may be off."""

    demand: float
    wakeups: float
    slop: float
    seconds: float

    @property
    def verdict(self) -> str:
        if self.demand - self.slop >= 0.85:
            return BUSY
        if self.wakeups > 5:
            return POLLING
        return IDLE if self.demand + self.slop <= 0.02 else UNCLEAR


class Sample:
    """Counters of every thread of some processes, and the interval in which they were read."""

    def __init__(self, pids):
        self.begin = time.monotonic()
        self.threads = {
            (pid, task): self.counters(pid, task) for pid in pids for task in proc.tasks(pid)
        }
        self.end = time.monotonic()

    @staticmethod
    def counters(pid, task):
        times = proc.read(f"/proc/{pid}/task/{task}/schedstat").split() or (0, 0, 0)
        wakeups = 0
        for line in proc.read(f"/proc/{pid}/task/{task}/status").splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                wakeups = int(line.split()[1])
        return int(times[0]), int(times[1]), wakeups, proc.blocked_in(pid, task)[0] == "futex"

    def until(self, later: "Sample") -> Reading:
        wall = (later.begin + later.end - self.begin - self.end) / 2
        slop = (self.end - self.begin + later.end - later.begin) / 2
        nanoseconds = wakeups = 0
        for thread, (run, delay, switches, waits) in later.threads.items():
            before = self.threads.get(thread, (0, 0, 0, False))
            nanoseconds += max(0, run + delay - before[0] - before[1])
            woken = max(0, switches - before[2])
            if not ((waits or before[3]) and woken <= HOUSEKEEPING * wall):
                wakeups += woken
        demand = nanoseconds / 1e9 / wall
        return Reading(demand, wakeups / wall, demand * slop / wall, wall)


class Activity:
    """What the threads of some processes have done so far: cheap enough to look at all the time.
    `without`: (process, thread) of those that somebody holds."""

    def __init__(self, pids, without=()):
        self.slices, self.waits, self.awake, nanoseconds = {}, set(), False, 0
        self.queued = {}  # nanoseconds that each thread was runnable and had no CPU
        self.on_disk = False  # a thread waits for the disk: a page of the program, or a file's
        for pid in pids:
            for task in proc.tasks(pid):
                if (pid, task) in without:
                    continue
                fields = proc.read(f"/proc/{pid}/task/{task}/schedstat").split() or ("0", "0", "0")
                self.slices[task], self.queued[task] = int(fields[2]), int(fields[1])
                nanoseconds += int(fields[0])
                stat = proc.stat(pid, task)
                state, call = stat.state if stat else "", proc.blocked_in(pid, task)[0]
                self.awake |= state in ("R", "D", "T", "t")
                self.on_disk |= state == "D" and call not in proc.MAKES_A_PROCESS
                if call == "futex":
                    self.waits.add(task)
        self.ran = nanoseconds / 1e9  # seconds on a CPU

    def starved_since(self, before: "Activity") -> float:
        """Seconds for which the thread that fared worst has waited for a CPU."""
        waits = [self.queued[task] - before.queued.get(task, 0) for task in self.queued]
        return max(waits, default=0) / 1e9

    def quiet_since(self, before: "Activity") -> bool:
        """True if nobody ran meanwhile, but for a runtime's housekeeping (a JVM's timer thread)."""
        return (
            not self.awake
            and self.slices.keys() == before.slices.keys()
            and all(
                count == before.slices[task]
                or (task in self.waits and count - before.slices[task] <= 3)
                for task, count in self.slices.items()
            )
        )


# The spinner ends with the grader, also when that is killed; the sleeper reads the end of its input.
SPIN = """
os.nice(5)
grader = os.getppid()
while os.getppid() == grader:
    for _ in range(100_000): pass
"""


class Controls:
    """A spinner and a sleeper, shared by all windows that are open at the moment."""

    _lock, _users, _processes = threading.Lock(), 0, []

    @classmethod
    @contextlib.contextmanager
    def running(cls):
        with cls._lock:
            cls._users += 1
            if cls._users == 1:
                cls._processes = [
                    cls._start(SPIN),
                    cls._start("os.read(0, 1)"),
                ]
            processes = list(cls._processes)
        try:
            yield [process.pid for process in processes]
        finally:
            with cls._lock:
                cls._users -= 1
                if cls._users == 0:
                    for process in processes:
                        process.kill()
                        process.communicate()

    @staticmethod
    def _start(code):
        """Returns when the process has begun: an interpreter's start is no part of a window."""
        ready = "import os; os.write(1, b'r')\n"
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", ready + code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        process.stdout.read(1)
        return process


def window(pids, seconds, controls=()):
    """Reads `pids()` over `seconds`; returns (Reading, whether the controls read as they must)."""
    before, checks = Sample(pids()), [Sample([pid]) for pid in controls]
    time.sleep(seconds)
    reading = before.until(Sample(pids()))
    verdicts = [check.until(Sample([pid])).verdict for check, pid in zip(checks, controls)]
    return reading, verdicts in ([], [BUSY, IDLE])


def judge(pids, expected: str, seconds: float = 1.0) -> Reading | None:
    """The verdict on an idle program, or None when this machine cannot tell now.

    Waits until two successive short windows agree (a ring with SQPOLL spins for its first idle
    second), 3 s at most; then judges over `seconds`, longer if unclear, at most three times.
    """
    settled = time.monotonic() + 3
    last = window(pids, 0.25)[0].verdict
    while last != expected and time.monotonic() < settled:
        last = window(pids, 0.25)[0].verdict
    with Controls.running() as controls:
        for attempt in range(3):
            reading, trusted = window(pids, seconds * 2**attempt, controls)
            if trusted and reading.verdict != UNCLEAR:
                return reading
    return None
