"""How long a program is waited for: in time that the machine gave it, not in time on the wall.

On a machine with hundreds of runnable threads a program may wait minutes for its turn, and so may
the grader; where memory is short or the disk far, for the next page of its own text. None of it is
the program's fault, so none counts."""
import time

from .failure import CannotJudge

LOOK = 0.1  # seconds between two looks that count; what goes beyond, the grader had no CPU
HOPELESS = 300  # seconds on the wall after which the machine is no use


class Patience:
    """`calm`: seconds asleep after which nothing can come any more. `cpu`: seconds on a CPU in which no
    byte moves. `limit`: seconds in which the program could have run. `since`: its Activity when the
    wait began, None: the first one seen."""

    def __init__(self, progress, calm, cpu, limit, since=None):
        self.calm, self.cpu, self.limit = calm, cpu, limit
        self._progress, self._start, self._last = progress, since, since
        self._began = self._looked = self._still_since = time.monotonic()
        self._waited = 0.0

    def look(self, activity, progress, started=True):
        """Counts what has happened since the last look. `started`: the program has ever run; before,
        its box is being made.

        raises    CannotJudge after `HOPELESS` seconds on the wall."""
        now, before = time.monotonic(), self._last or activity
        if self._start is None or progress != self._progress:
            self._start, self._progress = activity, progress
        if started and not activity.on_disk:
            self._waited += min(now - self._looked, LOOK)
        # the kernel tells of a wait for a CPU when it is over: by then some of it has been counted
        self._waited = max(0, self._waited - activity.starved_since(before))
        if self._last is None or not started or not activity.quiet_since(before):
            self._still_since = now
        self._last, self._looked = activity, now
        if now - self._began > HOPELESS:
            raise CannotJudge(
                f"the program got {self._waited:.0f} s of CPU or rest in {now - self._began:.0f} s:"
                " this machine is too busy; grade again when it is quieter"
            )

    def spent(self) -> bool:
        """It had its time, or span past what it should have seen."""
        return self._ran() > self.cpu or self._waited > self.limit

    def asleep(self) -> bool:
        return self._looked - self._still_since >= self.calm

    def _ran(self):
        return self._last.ran - self._start.ran

    def __str__(self):
        """What the program did with its time, for who was not patient any more."""
        if self.asleep():
            return f"all of it slept for {self._looked - self._still_since:.0f} s"
        return f"it used {self._ran():.1f} s of CPU in {self._waited:.0f} s"
