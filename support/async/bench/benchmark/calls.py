"""System calls a message: what strace counts in a longer run, less what it counts in a shorter one.

The difference leaves out what starting, accepting and ending cost. The count depends on how many
messages come at once, which one CPU makes nearly the same every time, and not on how fast it is.
strace(1), -c; a machine without it, or one that forbids tracing, gives no number.
"""
import contextlib
import os
import signal
import tempfile

from autograder import machine
from comparison.load import LoadError
from comparison.process import StartError, tree

from . import load
from .measure import Failed, failure
from .point import REQUESTS, Point
from .server import Server

SHORT, LONG = 20, 120  # messages of each connection; a tenth of that when it ends with each
LEAST = 500  # messages by which the two runs differ at least
PATIENCE = 30


def system_calls(contender, point: Point, arena) -> dict | None:
    """`calls`: a message, in all; `calls_by_name`: of those that come once in 200 messages or more.
    None without strace; raises Failed."""
    if machine.tracing() or contender.missing:
        return None
    times = point.connections if point.mode != REQUESTS else max(1, point.connections // 10)
    short, long = SHORT * times, max(LONG * times, SHORT * times + LEAST)
    try:
        few, many = (counted(contender, point, arena, n) for n in (short, long))
    except (StartError, LoadError) as problem:
        raise Failed(f"under strace: {problem}") from None
    each = {name: (many[name] - few.get(name, 0)) / (long - short) for name in many}
    named = {name: round(n, 3) for name, n in sorted(each.items()) if n >= 0.005}
    return {"calls": sum(each.values()), "calls_by_name": named}


def counted(contender, point: Point, arena, messages: int) -> dict[str, int]:
    """System call -> how often, in a server's whole life of so many messages."""
    with tempfile.NamedTemporaryFile("r") as table:
        strace = ["strace", "-f", "-c", "-U", "calls,name", "-o", table.name, "--"]
        with Server(contender, arena, wrapper=strace) as server:
            told = load.drive(arena, options(server.port, point, messages), {}, PATIENCE)
            end_traced(server.pid)
        if reason := failure(told):
            raise LoadError(reason)
        return parsed(table.read())


def options(port: int, point: Point, messages: int) -> list[str]:
    by_request = int(point.mode == REQUESTS)
    return (
        f"--port {port} --connections {point.connections} --size {point.size} --warm-up 0"
        f" --messages {messages} --per-connection {by_request} --give-up 5"
    ).split()


def end_traced(strace: int):
    """strace writes its table when all that it follows has ended."""
    for pid in tree(strace)[1:]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitid(os.P_PID, strace, os.WEXITED | os.WNOWAIT)


def parsed(table: str) -> dict[str, int]:
    """Of lines like `  1200 recvfrom`; the last one is the total."""
    found = {}
    for line in table.splitlines():
        words = line.split()
        if len(words) == 2 and words[0].isdigit() and words[1] != "total":
            found[words[1]] = int(words[0])
    return found
