"""Runs the load generator (../load) and tells what it says, as it says it."""
import json
import os
import select
import signal
import subprocess
import time

from autograder.machine import KIT
from comparison.load import LoadError
from comparison.process import die_with_parent

PROGRAM = KIT / "build/load/load"
OVERDUE = "the load generator did not end in time"


class Load:
    """A generator that runs. Context manager."""

    def __init__(self, arena, options: list[str]):
        self._text = b""
        self._process = subprocess.Popen(
            [str(PROGRAM), *options, "--hold"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=lambda: (die_with_parent(), arena.settle(arena.load_cpu)),
        )

    def event(self, seconds: float) -> dict | None:
        """The next that it says, None if nothing comes for so long; raises LoadError at its end."""
        deadline, source = time.monotonic() + seconds, self._process.stdout.fileno()
        while b"\n" not in self._text:
            if not select.select([source], [], [], max(0, deadline - time.monotonic()))[0]:
                return None
            data = os.read(source, 65536)
            if not data:
                raise LoadError(self._last_words())
            self._text += data
        line, self._text = self._text.split(b"\n", 1)
        return json.loads(line)

    def until(self, name: str, seconds: float) -> dict:
        """That event, whatever comes before it; raises LoadError if it does not come."""
        deadline = time.monotonic() + seconds
        while told := self.event(deadline - time.monotonic()):
            if told["event"] == name:
                return told
        raise LoadError(OVERDUE)

    def pause(self):
        """Returns when it stands still, or has ended."""
        self._process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def go_on(self):
        self._process.send_signal(signal.SIGCONT)

    def release(self):
        """After the event `end`: it need not stay connected any longer."""
        self._process.stdin.close()

    def _last_words(self) -> str:
        self._process.wait(5)
        words = self._process.stderr.read().decode(errors="replace").strip().splitlines()
        return (words or ["the load generator ended without a result"])[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            stream.close()


def drive(arena, options: list[str], events: dict, patience: float) -> dict:
    """Runs it to its end and returns its result; calls events[name](told) when that event comes. It
    stays connected until events["end"] has returned. Raises LoadError without a result.

    patience  seconds for all of it
    """
    deadline = time.monotonic() + patience
    with Load(arena, options) as load:
        while told := load.event(deadline - time.monotonic()):
            if told["event"] == "result":
                return told
            if react := events.get(told["event"]):
                react(told)
            if told["event"] == "end":
                load.release()
        raise LoadError(OVERDUE)
