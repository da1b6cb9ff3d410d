"""Rows and results that were never measured."""
from benchmark.point import CONNECTIONS, FAILED, OK, Point, row
from benchmark.contenders import Contender
from benchmark.results import Results

MACHINE = {
    "processor": "a processor", "cores": 2, "memory_gib": 4, "kernel": "6.1", "architecture": "x",
    "descriptors": 1024, "date": "2026-01-02", "arena": "In a test", "cpu_time": "a test",
}  # fmt: skip
ARGUMENTS = {"what": "architectures", "rounds": 3, "seconds": 1, "complete": True}
FIFTY = Point(CONNECTIONS, 50)
HUNDRED = Point(CONNECTIONS, 100)


def contender(name, architecture="epoll", own=True, **more):
    return Contender(name, "echo", architecture, ("x",), own, **more)


def good(who, number=1, point=FIFTY, **numbers):
    return row(who, point, number, OK, messages=100, seconds=1.0, **numbers)


def bad(who, reason, number=1, point=FIFTY, **numbers):
    return row(who, point, number, FAILED, reason, **numbers)


def results(*rows, **arguments):
    return Results(MACHINE, {**ARGUMENTS, **arguments}, list(rows))
