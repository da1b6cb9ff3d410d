"""The guard: watches what the processes of one box use together, and ends the box above its limits.

Limits of the kernel hold for one process each (setrlimit(2)) and control groups are root's; so the
grader looks itself, some twenty times a second. Memory is first the sum of the resident sets, which is
cheap and counts shared pages several times; only where that is too much, the proportional sets are
added up (proc(5), smaps_rollup), in which a page shared by four counts as a quarter. To both come
page tables and what waits in sockets, which are in no set.
"""
import contextlib
import os
import re
import signal
import threading
import time

from . import proc, sockets

PAUSE = 0.04  # seconds between two looks: a program fills some 100 MiB meanwhile
SHARE = 20  # a look may cost one part in so many of the grader's time


class Guard:
    """Context manager for the life of a box. `reason`: "" or what it was ended for: `memory`,
    `output` or `processes`."""

    def __init__(self, box, limits):
        self._box, self._limits = box, limits
        self.reason, self._over = "", threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._diag = None

    def __enter__(self):
        if self._box.level.network:  # elsewhere all of the machine's would be told
            self._diag = self._box.diag()
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        if self._thread.ident:
            self._thread.join()
        if self._diag:
            self._diag.close()

    def _watch(self):
        pause = PAUSE
        while not self._over.wait(pause):
            began = time.thread_time()  # not the time in which others had the CPU
            if reason := self._excess():
                self.reason = reason
                return self._end()
            pause = max(PAUSE, SHARE * (time.thread_time() - began))

    def _excess(self) -> str:
        if self._box.stdout.total + self._box.stderr.total > self._limits.output:
            return "output"
        pids = self._box.processes()
        if sum(len(proc.tasks(pid)) for pid in pids) > 2 * self._limits.processes:
            return "processes"  # where the kernel counts them by itself it never gets so far
        most = self._limits.memory
        beside = sum(map(table_bytes, pids)) + self._in_sockets(most // 2)
        if beside + sum(map(proc.resident_bytes, pids)) <= most:
            return ""
        if beside > most:
            return "memory"  # smaps_rollup would take seconds for page tables that large
        return "memory" if beside + sum(map(proportional_bytes, pids)) > most else ""

    def _in_sockets(self, enough) -> int:
        return sockets.held(self._diag, self._box.network_pid, enough) if self._diag else 0

    def _end(self):
        """Bubblewrap's init, whose end ends all; else every process, until none is left."""
        while not self._over.wait(0.001):
            pids = [self._box.root] if self._box.level.bubblewrap else self._box.processes()
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if self._box.exited():
                return


def table_bytes(pid: int) -> int:
    """Page tables: a program that reads one byte in every 2 MiB of a large mapping has little else."""
    found = re.search(r"^VmPTE:\s+(\d+)", proc.read(f"/proc/{pid}/status"), re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def proportional_bytes(pid: int) -> int:
    for line in proc.read(f"/proc/{pid}/smaps_rollup").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return proc.resident_bytes(pid)
