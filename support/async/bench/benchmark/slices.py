"""All servers of a point at once, each for a tenth of a second in turn, again and again.

What the neighbours of a machine do to its caches comes and goes within seconds. Who is measured one
second after the other meets different neighbours; who takes turns every other second meets the
same ones. The load generator of who has no turn is stopped (SIGSTOP), so its server sleeps. A
message's CPU time is all that the server has used from `begin` to `end` over the messages in between.
Latency and throughput would be those of the turns, so nobody is told.
"""
import contextlib
import time
from dataclasses import replace

from comparison import interrupt
from comparison.load import LoadError
from comparison.process import StartError

from . import load
from .measure import Failed, Run, Window, failure
from .server import Server

SLICE = 0.1  # seconds: the first millisecond or two of it the caches are cold
LARGE, LONG_SLICE = 5000, 0.4  # so many clients: a shorter one would not come round to all of them
PACE = 40_000  # messages a second of a fast server and its load, on one CPU
SLOWEST = 40  # times the window: a server that takes longer is given up
CALM, RESTLESS = 0.002, 0.25  # seconds: without CPU time the server sleeps; some never do
OF_TURNS = ("seconds", "per_second", "p50", "p99", "p99_9", "bottleneck")


class Lane:
    """A server and its load, which stands still but for its turns. Context manager."""

    def __init__(self, contender, point, arena, window: Window):
        self.spent = 0.0
        with contextlib.ExitStack() as stack:
            self.server = stack.enter_context(Server(contender, arena))
            self.run = Run(self.server, point, arena, window)
            self.load = stack.enter_context(load.Load(arena, self.run.options()))
            self.run.begin(self.load.until("begin", 2 * window.connect + 10))
            self.load.pause()
            self._rest()
            self._stack = stack.pop_all()

    def turn(self, seconds: float) -> dict | None:
        """Lets it go on for so long, or until all its messages have come back; its numbers then."""
        began = time.monotonic()
        self.load.go_on()
        told = self.load.event(seconds)
        self.spent += time.monotonic() - began
        if not told:
            self.load.pause()
            self._rest()
            return None
        self.run.end(told)
        self.load.release()
        result = self.load.until("result", 60)
        if reason := failure(result):
            raise Failed(reason)
        counted = self.run.counted(result)
        counted["late"] = self.run.late / self.spent
        return {name: n for name, n in counted.items() if name not in OF_TURNS}

    def _rest(self):
        """What was under way is done, so that nobody else's turn pays for it."""
        used, deadline = self.server.cpu(), time.monotonic() + RESTLESS
        while time.monotonic() < deadline:
            time.sleep(CALM)
            before, used = used, self.server.cpu()
            if used == before:
                return

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stack.close()


def measure(contenders, point, arena, window: Window) -> dict:
    """Contender -> its numbers, all but latency and throughput as of measure.measure(), or the Failed
    that it came to."""
    length = LONG_SLICE if point.connections >= LARGE else SLICE
    messages = max(int(PACE * window.seconds), 5 * point.connections)
    window = replace(window, messages=messages, give_up=60 * len(contenders))
    found, lanes = dict.fromkeys(contenders), {}
    with contextlib.ExitStack() as stack:
        for contender in contenders:
            try:
                if refused := contender.missing or arena.refuses(point.connections):
                    raise Failed(refused)
                lanes[contender] = stack.enter_context(Lane(contender, point, arena, window))
            except (Failed, LoadError, StartError) as problem:
                found[contender] = failed(problem)
        while left := [contender for contender in lanes if not found[contender]]:
            for contender in left:
                interrupt.check()
                try:
                    found[contender] = lanes[contender].turn(length)
                    if not found[contender] and lanes[contender].spent > SLOWEST * window.seconds:
                        raise Failed(f"not done after {lanes[contender].spent:.0f} s of its own")
                except (Failed, LoadError) as problem:
                    found[contender] = failed(problem)
    return found


def failed(problem: Exception) -> Failed:
    return problem if isinstance(problem, Failed) else Failed(str(problem))
