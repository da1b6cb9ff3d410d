"""How large must a request be? Asks a synchronous server: the smallest n that takes long enough."""
from dataclasses import dataclass

from . import load
from .configurations import Configuration
from .fibonacci import fibonacci
from .process import Server
from .usage import process_clock

FIRST, LAST = 14, 60
GROWTH = (1 + 5**0.5) / 2  # one more in the argument makes the computation so much longer
ASKED = {"C++": Configuration("cpp", "sync"), "Python": Configuration("python", "sync")}


class TooFast(Exception):
    """Nothing that may be asked takes long enough."""


@dataclass(frozen=True)
class Calibration:
    """The argument, and the seconds that a CPU needs for it."""

    argument: int
    seconds: float

    def shifted(self, by: int) -> "Calibration":
        """What an argument smaller by `by` takes, computed."""
        return Calibration(self.argument - by, self.seconds / GROWTH**by)


def smallest(target: float, ask) -> Calibration:
    """The smallest n with ask(n) >= target.

    ask       seconds that a request for n takes; called with rising n
    """
    n = FIRST
    while n <= LAST:
        seconds = ask(n)
        if seconds >= target:
            return Calibration(n, seconds)
        far = seconds < target / 20  # a short one is measured badly, so it only tells to go on
        n += 3 if far else 1
    raise TooFast(f"fibonacci({LAST}) takes less than {target} s")


def calibrate(language: str, target: float, python: str) -> Calibration:
    """Measures on the synchronous server of a language.

    raises    StartError, LoadError, TooFast
    """
    configuration = ASKED[language]
    options = ["0", "--quiet", "--limit", str(LAST)]
    server = Server([*configuration.command(python), *options], configuration.environment())
    try:
        return smallest(target, lambda n: seconds_of(server, n))
    finally:
        server.end()


def seconds_of(server: Server, n: int) -> float:
    """CPU time of a request, the least of three: it does not grow when others use the CPUs."""
    found = []
    while len(found) < 3:
        before = process_clock(server.pid)
        load.run(server.port, 1, n, fibonacci(n), 60)
        found.append(process_clock(server.pid) - before)
    return min(found)
