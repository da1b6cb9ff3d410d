"""Runs the load generator (../load) and tells what it says, as it says it."""
import json
import os
import select
import subprocess
import time

from autograder.machine import KIT
from comparison.load import LoadError
from comparison.process import die_with_parent

PROGRAM = KIT / "build/load/load"


def drive(arena, options: list[str], events: dict, patience: float) -> dict:
    """Runs it to its end and returns its result; calls events[name](told) when that event comes. It stays connected until events["end"] has returned. Raises LoadError without a result.

    patience  seconds for all of it
    """
    load = subprocess.Popen(
        [str(PROGRAM), *options, "--hold"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=lambda: (die_with_parent(), arena.settle(arena.load_cpu)),
    )
    try:
        result = {}
        for told in lines(load.stdout.fileno(), time.monotonic() + patience):
            if told["event"] == "result":
                result = told
            if react := events.get(told["event"]):
                react(told)
            if told["event"] == "end":
                load.stdin.close()
        if not result:
            load.wait(5)
            words = load.stderr.read().decode(errors="replace").strip().splitlines()
            raise LoadError((words or ["the load generator ended without a result"])[-1])
        return result
    finally:
        load.kill()
        load.wait()
        for stream in (load.stdin, load.stdout, load.stderr):
            stream.close()


def lines(fd: int, deadline: float):
    """The JSON lines that come, each at once; raises LoadError at the deadline."""
    text = b""
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([fd], [], [], left)[0]:
            raise LoadError("the load generator did not end in time")
        data = os.read(fd, 65536)
        if not data:
            return
        *whole, text = (text + data).split(b"\n")
        yield from map(json.loads, whole)
