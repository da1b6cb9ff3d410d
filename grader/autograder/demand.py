"""Is a program asleep, spinning, or polling? CPU *demand* tells, also on a machine that is busy.

demand = (time on a CPU + time waiting for a CPU) / wall time, summed over all threads: a spinning
thread shows 1.0 and a sleeping one 0.0 whatever else runs (/proc/PID/task/TID/schedstat).
Plain CPU time would call a spinner on a loaded machine half asleep. Wake-ups (voluntary context
switches) tell a loop with a 1 ms timeout from sleep. Controls, a spinner and a sleeper measured
in the same window, replace any constant about the machine: where they mislead, nothing is judged.
"""
import time
from dataclasses import dataclass

from . import blocked, proc
from .controls import Controls

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
        return int(times[0]), int(times[1]), wakeups, blocked.where(pid, task)[0] == "futex"

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


def window(pids, seconds, controls=()):
    """Reads `pids()` over `seconds`; returns (Reading, whether the controls read as they must)."""
    before, checks = Sample(pids()), [Sample([pid]) for pid in controls]
    time.sleep(seconds)
    reading = before.until(Sample(pids()))
    verdicts = [check.until(Sample([pid])).verdict for check, pid in zip(checks, controls)]
    return reading, verdicts in ([], [BUSY, IDLE])


def judge(pids, expected: str, seconds: float = 1.0) -> Reading | None:
    """The verdict on an idle program, or None when this machine cannot tell now.

    Before each of three attempts, of which each is longer, it waits until a short window agrees, for
    3 s at most: a ring with SQPOLL spins for its first idle second, a runtime may still compile.
    """
    for attempt in range(3):
        settle(pids, expected)
        with Controls.running() as controls:
            reading, trusted = window(pids, seconds * 2**attempt, controls)
        if trusted and reading.verdict != UNCLEAR:
            return reading
    return None


def settle(pids, expected: str, limit=3.0):
    """Waits until a short window shows what is expected, for `limit` seconds at most."""
    deadline = time.monotonic() + limit
    while window(pids, 0.25)[0].verdict != expected and time.monotonic() < deadline:
        pass
