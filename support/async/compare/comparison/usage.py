"""What a process tree has used so far: CPU time, context switches, memory. From /proc and clocks.

CPU time of what lives is the process clock, in ns, threads that have ended included; that of
children which their parent has waited for is in ticks only (proc(5), /proc/PID/stat), but at the
beginning of a load there are none worth mentioning, and at the end wait4(2) tells (process.py).
"""
import os
import threading
import time
from dataclasses import dataclass

from .process import read, tasks, tree

SCHEDULED = 2  # CPUCLOCK_SCHED, linux/posix-timers.h
PAUSE = 50  # the sampler rests 50 times as long as a look has taken: 2 % of one CPU
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """CPU time in seconds; how often a thread gave up its CPU, and how often it was taken away."""

    cpu: float
    voluntary: int
    involuntary: int

    def __sub__(self, before: "Usage") -> "Usage":
        return Usage(
            self.cpu - before.cpu,
            self.voluntary - before.voluntary,
            self.involuntary - before.involuntary,
        )


def used_by(pids: list[int]) -> Usage:
    """What these processes, alive, have used until now."""
    cpu, voluntary, involuntary = 0.0, 0, 0
    for pid in pids:
        cpu += process_clock(pid) + reaped_children(pid)
        for task in tasks(pid):
            for line in read(f"/proc/{pid}/task/{task}/status").splitlines():
                name, _, value = line.partition(":")
                voluntary += int(value) if name == "voluntary_ctxt_switches" else 0
                involuntary += int(value) if name == "nonvoluntary_ctxt_switches" else 0
    return Usage(cpu, voluntary, involuntary)


def used_in_all(rusages: list) -> Usage:
    """What processes that wait4(2) has collected have used from their start to their end."""
    return Usage(
        sum(usage.ru_utime + usage.ru_stime for usage in rusages),
        sum(usage.ru_nvcsw for usage in rusages),
        sum(usage.ru_nivcsw for usage in rusages),
    )


def process_clock(pid: int) -> float:
    """clock_getcpuclockid(3) of another process, which Python does not offer."""
    try:
        return time.clock_gettime((~pid << 3) | SCHEDULED)
    except OSError:
        return 0.0


def reaped_children(pid: int) -> float:
    fields = read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / TICKS if fields else 0.0  # cutime, cstime


@dataclass(frozen=True)
class Memory:
    """Bytes: PSS, in which a page shared by n processes counts 1/n for each, and the anonymous part
    of it. RSS would count what fork(2) shares once for every child."""

    total: int = 0
    anonymous: int = 0


def memory(pids: list[int]) -> Memory:
    """proc(5), /proc/PID/smaps_rollup"""
    total = anonymous = 0
    for pid in pids:
        for line in read(f"/proc/{pid}/smaps_rollup").splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
            elif line.startswith("Pss_Anon:"):
                anonymous += int(line.split()[1]) * 1024
    return Memory(total, anonymous)


class MemorySampler:
    """Looks at a tree's memory now and then, in a thread, and keeps the most that it saw."""

    def __init__(self, pid: int):
        self.pid, self.peak, self.ended = pid, 0, threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()

    def watch(self):
        rest = 0.005  # the first look: soon, but when the connections are there
        while not self.ended.wait(rest):
            begin = time.perf_counter()
            self.peak = max(self.peak, memory(tree(self.pid)).total)
            rest = max(0.01, PAUSE * (time.perf_counter() - begin))
