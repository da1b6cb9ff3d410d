"""A control group for one box, where root may make one: the kernel ends what needs too much memory,
starts no more processes than allowed, and shares the CPU among boxes rather than threads (cgroups(7),
both versions)."""
import contextlib
import functools
import itertools
import os
import pathlib
import re
import time

from . import proc

ROOT = pathlib.Path("/sys/fs/cgroup")
NICE = 10  # of a box that shares the CPU thread by thread: behind the grader, setpriority(2)
_numbers = itertools.count(1)


@functools.cache
def sweep():
    """Once in a process: groups of graders that are gone, whose wardens were killed too."""
    for left in {*ROOT.glob("asynclab-*-*"), *ROOT.glob("*/asynclab-*-*")}:
        pid = left.name.split("-")[1]
        if pid.isdigit() and not os.path.exists(f"/proc/{pid}"):
            with contextlib.suppress(OSError):
                left.rmdir()


class Group:
    """Context manager. `entrances`: files into which a process writes 0 to go in; empty where groups
    cannot be made. `nice`: how much the box steps back by itself where no group weighs it. `reason`:
    "memory" when the kernel has ended a process of it for that."""

    def __init__(self, limits):
        name = f"asynclab-{os.getpid()}-{next(_numbers)}"
        self._made, self.entrances, self._events, self.nice = [], [], None, NICE
        if os.geteuid() == 0:
            sweep()
            self._version_1(name, limits) or self._version_2(name, limits)

    def _version_1(self, name, limits) -> bool:
        memory, pids = ROOT / "memory" / name, ROOT / "pids" / name
        try:
            self._make(memory, {"memory.limit_in_bytes": limits.memory})
        except OSError:
            return self._undo()
        for home, file, value in (
            (memory, "memory.memsw.limit_in_bytes", limits.memory),  # with swap, if that is counted
            (pids, "pids.max", 2 * limits.processes),
        ):
            with contextlib.suppress(OSError):
                self._make(home, {file: value})
        with contextlib.suppress(OSError):
            self._make(ROOT / "cpu" / name, {"cpu.shares": 1024})  # as much as one process has
            self.nice = 0
        self._events = memory / "memory.oom_control"
        return True

    def _version_2(self, name, limits) -> bool:
        home = ROOT / name
        try:
            self._make(home, {"memory.max": limits.memory, "pids.max": 2 * limits.processes})
        except OSError:
            return self._undo()
        with contextlib.suppress(OSError):
            (home / "memory.swap.max").write_text("0")
        with contextlib.suppress(OSError):
            self._make(home, {"cpu.weight": 100})  # as much as one process has
            self.nice = 0
        self._events = home / "memory.events"
        return True

    def _make(self, home, values):
        """A group with these values in its files."""
        if not home.parent.joinpath("cgroup.procs").exists():
            raise FileNotFoundError(home.parent)
        if home not in self._made:
            home.mkdir()
            self._made.append(home)
            self.entrances.append(str(home / "cgroup.procs"))
        for file, value in values.items():
            with open(home / file, "r+") as told:
                told.write(str(value))

    def _undo(self) -> bool:
        self.remove()
        self.entrances = []
        return False

    @property
    def reason(self) -> str:
        """Read before the group is removed."""
        told = proc.read(self._events) if self._events else ""
        return "memory" if re.search(r"^oom_kill [1-9]", told, re.MULTILINE) else ""

    def remove(self):
        """Once its processes are gone; the last of them may take a moment to be forgotten."""
        until = time.monotonic() + 1
        while self._made:
            try:
                self._made[-1].rmdir()
                self._made.pop()
            except OSError:
                if time.monotonic() > until or not self._made[-1].exists():
                    self._made.pop()
                time.sleep(0.002)
