"""What a server holds in memory, all its processes together."""
import time

from comparison.process import tree
from comparison.usage import memory

PAGE = 4096


def footprint(pid: int) -> tuple[int, int]:
    """Bytes of the whole process tree: anonymous resident memory (what n processes share counts 1/n
    for each, PSS), and virtual memory. proc(5), smaps_rollup and statm"""
    pids, virtual = tree(pid), 0
    for one in pids:
        try:
            with open(f"/proc/{one}/statm") as told:
                virtual += int(told.read().split()[0]) * PAGE
        except (OSError, IndexError):
            pass  # it has gone meanwhile
    return memory(pids).anonymous, virtual


def settled_footprint(pid: int) -> tuple[int, int]:
    """The same when two looks 20 ms apart agree: a pool starts its workers when it listens already."""
    seen, deadline = footprint(pid), time.monotonic() + 1
    while time.monotonic() < deadline:
        time.sleep(0.02)
        seen, before = footprint(pid), seen
        if seen == before:
            break
    return seen
