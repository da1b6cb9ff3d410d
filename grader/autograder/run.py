"""A program that is no server: run to its end in a box, then judged by what it printed and how it
ended."""
import time

from .limits import FLOOD
from .server import Server
from .verdict import TIMEOUT

RUN_LIMIT = 60  # seconds of wall time; the slowest run measured under sixteen spinners took 3
RUN_CPU = 20  # seconds on a CPU; the most that a right one was seen to use is 2, sanitized
RUN_CALM = 5  # seconds of sleep of all of it; aio_demo sleeps for two


class Run(Server):
    """Context manager, as a Server is: inside it the program has ended, with status 0."""

    serves = False

    def __enter__(self):
        self._began = time.monotonic()
        return super().__enter__()

    def _await_listener(self):
        self.note("the program runs")
        self.wait(self._over, calm=RUN_CALM, cpu=RUN_CPU, limit=RUN_LIMIT)
        if not self.box.exited():
            self._endless()
        self.seconds = time.monotonic() - self._began  # at least that of the program
        self.box.stdout.join(1), self.box.stderr.join(1)
        if self.box.exit_status() != 0:
            self.fail(
                f"the program ended with {self.ending()}", "it prints what it found, and ends"
            )

    def _over(self, seconds):
        return self.flooded() or self.box.wait_for_exit(seconds)

    def _endless(self):
        """Fails: by its output, its CPU time or its sleep it is seen that it does not end."""
        if self.flooded():
            self.fail(f"it has printed more than {FLOOD >> 20} MiB and goes on", "", "")
        ran = self.run_seconds()
        if ran > RUN_CPU:
            self.fail(
                f"the program does not end: {ran:.0f} s on a CPU, and it goes on",
                "a loop asks again and again for what does not come",
                verdict=TIMEOUT,
            )
        self.fail(
            f"the program does not end: it has used {ran:.1f} s of CPU, and now it sleeps",
            "it waits for what never comes; `stuck` says in which call",
            verdict=TIMEOUT,
        )

    @property
    def lines(self) -> list[list[str]]:
        """The words of each line of its output."""
        return [line.split() for line in str(self.box.stdout).splitlines() if line.strip()]
