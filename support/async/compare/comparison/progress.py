"""What is running, how far it is, how long it still takes: a bar, or plain lines in a log."""
import time

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Column

from .cells import SHORT, TITLES, Cell
from .report import duration
from .schedule import Plan


class Display:
    """Use it as a context manager. `planned`: runs that are expected."""

    def __init__(self, console: Console, planned: int):
        self.console, self.planned, self.began = console, planned, time.monotonic()
        self.block = None
        columns = (
            BarColumn(16, table_column=Column(min_width=16)),
            TextColumn("{task.fields[state]}", table_column=Column(min_width=40, no_wrap=True)),
            TextColumn("{task.description}", table_column=Column(no_wrap=True)),
        )
        self.bar = (
            Progress(*columns, console=console, transient=True) if console.is_terminal else None
        )

    def __enter__(self):
        if self.bar:
            self.bar.start()
            self.task = self.bar.add_task("", state="")
        return self

    def __exit__(self, *_):
        if self.bar:
            self.bar.stop()

    def show(self, number: int, cell: Cell, done: int, left: float):
        """A run begins. `left` in seconds."""
        runs = f"{done} of {self.planned} runs" if done < self.planned else f"{done} runs"
        if self.bar is None:
            return self.show_line(number, cell, runs, left)
        elapsed = time.monotonic() - self.began
        self.bar.update(
            self.task,
            total=elapsed + left,
            completed=elapsed,
            description=escape(
                f"{cell.configuration.title}: {SHORT[cell.workload]}, {cell.clients}"
            ),
            state=f"round {number}, {runs}, {left:.0f} s left",
        )

    def show_line(self, number: int, cell: Cell, runs: str, left: float):
        """A line for each workload, not for each run: a log is read, not watched."""
        block = (number, cell.workload, cell.clients)
        if block != self.block:
            self.block = block
            self.console.print(
                f"round {number}: {what(cell)}  ({runs} done, about {left:.0f} s left)"
            )

    def say_shift(self, plan: Plan):
        """How much less many clients ask for."""
        if plan.shift:
            each = ", ".join(
                f"{duration(by[64])} in {name}" for name, by in plan.sizes.seconds.items()
            )
            self.console.print(
                f"[dim]64 clients ask for {plan.shift} less ({each}), to end in time;"
                " --budget 600 or --full asks for more[/]"
            )


def what(cell: Cell) -> str:
    return f"{TITLES[cell.workload]}, {cell.clients} clients"
