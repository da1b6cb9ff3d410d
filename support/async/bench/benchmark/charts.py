"""The pictures: requests a second, CPU and memory by number of clients, a line an architecture.

A cross marks a point that failed, at what it still did.
"""
import matplotlib

matplotlib.use("Agg")  # no display
import matplotlib.pyplot as plt

from .lines import draw_line, finish, label_ends
from .machine import caption
from .point import CONNECTIONS, FAILED, REQUESTS, TITLES, bytes_text
from .results import Results

STYLE = {
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.fonttype": "none",  # text stays text: smaller, and it can be searched
    "svg.hashsalt": "asynclab",  # the same results give the same file
}
CROSS = "\nA cross: some clients were not served; what it did for the others."
PART = 1000  # clients, where the first chart ends and the second begins
PARTS = {
    "to-1000": (1, PART, False),
    "above-1000": (PART, 1 << 30, False),
    "all": (1, 1 << 30, True),
}
RANGES = {
    "to-1000": "up to 1,000 clients",
    "above-1000": "1,000 clients and more",
    "all": "from few to many",
}


def lines(results: Results, mode: str, column: str, size: int) -> dict[str, tuple[list, list]]:
    """Architecture -> points (clients, value) that are valid, and those that failed (value 0 where
    nothing was measured)."""
    found = {}
    for name, architecture in results.contenders("echo", own=True).items():
        good, bad = [], []
        for point in sorted(p for p in results.points(mode) if p.size == size and not p.idle):
            if spread := results.spread(name, point, column):
                good.append((point.connections, spread.median))
            elif results.failure(name, point):
                failed = results.values(name, point, column, (FAILED,)).values()
                bad.append((point.connections, max(failed, default=0)))
        found[architecture] = good, bad
    return found


def draw_all(results: Results, out) -> list[tuple[str, str]]:
    """Draws all charts for which there are results; returns the SVG files and what they show."""
    made = []
    for size in sorted({point.size for point in results.points()}):
        for mode in (REQUESTS, CONNECTIONS):
            made += draw_mode(results, mode, size, out)
    return made


def draw_mode(results: Results, mode: str, size: int, out) -> list[tuple[str, str]]:
    made, end = [], "" if size == 64 else f"-{size}"
    rates = lines(results, mode, "per_second", size)
    for part, (low, high, log) in PARTS.items():
        title = f"Requests a second: {TITLES[mode]}, {bytes_text(size)}, {RANGES[part]}"
        name = f"{mode}-{part}{end}"
        made += draw(results, within(rates, low, high), name, title, "requests/s", log, out)
    cost = lines(results, mode, "cpu_us", size)
    title = f"What a message costs: {TITLES[mode]}, {bytes_text(size)}"
    made += draw(results, cost, f"{mode}-cpu{end}", title, "server CPU µs a message", True, out)
    memory = lines(results, mode, "resident", size)
    memory = {
        who: ([(x, y / 1024) for x, y in good if y > 0], []) for who, (good, _) in memory.items()
    }
    title = "Anonymous memory of the server for each client, the kernel's share left out"
    return made + draw(results, memory, f"{mode}-memory{end}", title, "KiB a client", True, out)


def within(found: dict, low: int, high: int) -> dict:
    return {
        who: tuple([(x, y) for x, y in points if low <= x <= high] for points in both)
        for who, both in found.items()
    }


def draw(results, found: dict, name: str, title: str, unit: str, log: bool, out) -> list:
    if len({x for good, bad in found.values() for x, _ in good + bad}) < 2:
        return []  # one number of clients is no line
    crossed = any(y > 0 for _, bad in found.values() for _, y in bad)
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(10, 6))
        for who, (good, bad) in found.items():
            draw_line(axes, who, good, bad)
        finish(axes, unit, log)
        label_ends(axes, found)
        axes.set_title(title, loc="left", fontsize=13, fontweight="bold", pad=14)
        figure.tight_layout(rect=(0, 0.1, 0.85, 1))
        figure.text(
            0.012, 0.02, caption(results.machine) + CROSS * crossed, fontsize=8.5, color="#555555"
        )
        figure.savefig(out / f"{name}.svg", metadata={"Date": None})
        figure.savefig(out / f"{name}.png", dpi=110)
        plt.close(figure)
    return [(f"{name}.svg", title)]
