"""A program that is no server: run to its end in a box, then judged by what it printed and how it
ended."""
from .server import Server

RUN_LIMIT = 60  # seconds of wall time; the slowest run measured under sixteen spinners took 3


class Run(Server):
    """Context manager, as a Server is: inside it the program has ended, with status 0."""

    serves = False

    def _await_listener(self):
        self.note("the program runs")
        self.wait(self.box.wait_for_exit, calm=5, cpu=20, limit=RUN_LIMIT)
        self.box.stdout.join(1), self.box.stderr.join(1)
        if not self.box.exited():
            self.fail("the program does not come to its end", "it waits for what never comes")
        if self.box.exit_status() != 0:
            self.fail(
                f"the program ended with {self.ending()}", "it prints what it found, and ends"
            )

    @property
    def lines(self) -> list[list[str]]:
        """The words of each line of its output."""
        return [line.split() for line in str(self.box.stdout).splitlines() if line.strip()]
