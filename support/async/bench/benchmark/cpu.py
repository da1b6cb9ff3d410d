"""How much CPU time a server has used, its ended children and threads included.

A control group, where one can be made (root), counts in nanoseconds what every process that has ever
been in it has used: exact also for a server that forks for each connection. cgroups(7), cpuacct in
version 1, cpu.stat in version 2. Elsewhere: the clocks of the processes that live, plus what their
parents have waited for, which the kernel tells in ticks of 10 ms. proc(5), /proc/PID/stat, cutime
"""
import contextlib
import itertools
import os
import pathlib
import time

from comparison.process import tree
from comparison.usage import used_by

GROUPS = (
    (pathlib.Path("/sys/fs/cgroup/cpuacct"), "cpuacct.usage"),
    (pathlib.Path("/sys/fs/cgroup"), "cpu.stat"),
)
PREFIX = "asynclab-bench"
_numbers = itertools.count(1)


class Group:
    """`entrance`: the file to which a process writes 0 to go in."""

    told = "a control group, in ns"

    def __init__(self, home: pathlib.Path, file: str):
        self.home = home / f"{PREFIX}-{os.getpid()}-{next(_numbers)}"
        self.home.mkdir()
        self.entrance, self._file = str(self.home / "cgroup.procs"), self.home / file

    def seconds(self, pid: int) -> float:
        text = self._file.read_text()
        if self._file.name == "cpuacct.usage":
            return int(text) / 1e9
        return int(dict(line.split() for line in text.splitlines())["usage_usec"]) / 1e6

    def remove(self):
        """Once its processes have gone; the last of them may take a moment to be forgotten."""
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            try:
                return self.home.rmdir()
            except FileNotFoundError:
                return
            except OSError:
                time.sleep(0.002)


class Clocks:
    told = "the clocks of its processes, and of ended children in ticks of 10 ms"
    entrance = ""

    def seconds(self, pid: int) -> float:
        return used_by(tree(pid)).cpu

    def remove(self):
        pass


def meter(groups=GROUPS):
    """For one server: the best that can be had here."""
    for home, file in groups:
        with contextlib.suppress(OSError):
            made = Group(home, file)
            if made._file.exists() and os.access(made.entrance, os.W_OK):
                return made
            made.remove()
    return Clocks()


def remove_left(groups=GROUPS):
    """Groups of a bench that was killed, and of this one if it was stopped."""
    for home, _ in groups:
        for left in home.glob(f"{PREFIX}-*"):
            pid = left.name.split("-")[2]
            if pid == str(os.getpid()) or not pathlib.Path("/proc", pid).exists():
                with contextlib.suppress(OSError):
                    left.rmdir()
