"""What is running and how long it still takes: a bar on a terminal, a line a point in a log."""
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn


class Display:
    """Context manager."""

    def __init__(self, console: Console):
        self.console, self.told = console, None
        columns = BarColumn(20), TextColumn("{task.fields[left]}"), TextColumn("{task.description}")
        self.bar = Progress(*columns, console=console, transient=True)

    def __enter__(self):
        if self.console.is_terminal:
            self.bar.start()
            self.task = self.bar.add_task("", total=1, left="")
        return self

    def __exit__(self, *_):
        self.bar.stop()

    def show(self, turn, share: float, left: float | None):
        """A turn begins; `share`: of all that is done; `left`: seconds, if there is an estimate."""
        time = f"about {clock(left)} left" if left is not None else ""
        what = f"round {turn.number}" if turn.number else "system calls"
        if self.console.is_terminal:
            text = escape(f"{what}, {turn.contender.name}: {turn.point.title}")
            self.bar.update(self.task, completed=share, description=text, left=time)
        elif self.told != (turn.number, turn.point):
            self.told = turn.number, turn.point
            self.console.print(f"{what}: {turn.point.title}  ({share:.0%} done, {time})")


def clock(seconds: float) -> str:
    return f"{seconds // 60:.0f}:{seconds % 60:02.0f} min" if seconds >= 60 else f"{seconds:.0f} s"
