"""Tables of results, as text for the terminal and as Markdown."""
import math
from dataclasses import dataclass, field

from rich.table import Table as RichTable

from .point import HTTP, TITLES, Point, bytes_text
from .results import COLUMNS, Results

BYTES = ("resident", "virtual")


@dataclass
class Table:
    title: str
    header: list[str]
    rows: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def markdown(self) -> str:
        lines = [self.header, ["---"] + ["---:"] * (len(self.header) - 1), *self.rows]
        text = "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
        notes = "".join(f"\n\n{note}" for note in self.notes)
        return f"**{self.title}**\n\n{text}{notes}\n"

    def show(self, console):
        table = RichTable(box=None, padding=(0, 1), title_justify="left", title_style="bold")
        table.title = self.title
        for number, head in enumerate(self.header):
            table.add_column(head, justify="right" if number else "left", no_wrap=True)
        for cells in self.rows:
            table.add_row(*cells)
        console.print(table)
        for note in self.notes:
            console.print(f"[dim]{note}[/]")
        console.print()


def short(value: float, column="") -> str:
    """Three digits that count; bytes in KiB or MiB."""
    if column in BYTES:
        if abs(value) >= 1 << 20:
            return f"{value / (1 << 20):,.1f} MiB"
        return f"{value / 1024:,.0f} KiB" if abs(value) >= 10240 else f"{value / 1024:.2f} KiB"
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    digits = 2 - math.floor(math.log10(abs(value)))
    return f"{round(value, digits):,.{max(0, min(digits, 3))}f}"


def by_clients(results: Results, mode: str, column: str, size: int) -> Table:
    """A line a server, a column a number of clients."""
    points = sorted(p for p in results.points(mode) if p.size == size and not p.idle)
    if column == "calls":
        points = [
            p for p in points if any(results.spread(c, p, column) for c in results.contenders())
        ]
    title = COLUMNS[column].replace("message", "request") if mode == HTTP else COLUMNS[column]
    table = Table(
        f"{title}: {bytes_text(size)}, {TITLES[mode]}",
        ["server", *(f"{p.connections:,}" for p in points)],
    )
    missing = results.missing()
    for name in results.contenders("http" if mode == HTTP else "echo"):
        if name not in missing:
            table.rows.append([name, *(cell(results, name, p, column) for p in points)])
    if any("failed" in text for cells in table.rows for text in cells):
        table.notes.append("failed: the reasons are listed below.")
    return table


def cell(results: Results, name: str, point: Point, column: str) -> str:
    found = results.spread(name, point, column)
    failed = results.failure(name, point)
    if not found:
        return "failed" if failed else "-"
    return short(found.median, column) + (" (once failed)" if failed else "")


def failures(results: Results) -> list[str]:
    """A sentence for each point that failed, and each server that is not here."""
    said = [f"{name}, {point.title}: {reason}" for name, point, reason in results.failures()]
    return said + [f"{name}: {reason}" for name, reason in results.missing().items()]
