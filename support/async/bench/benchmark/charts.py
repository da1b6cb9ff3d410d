"""The pictures: requests a second, CPU and memory by number of clients, a line an architecture.

Colours are those of Okabe and Ito, which people with any kind of colour blindness can tell apart;
one family of architectures has one colour, and its members differ in marker and dash besides. Each
line has its name at its end. A cross marks a point that failed, at what it still did.
"""
import matplotlib

matplotlib.use("Agg")  # no display
import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter, NullFormatter

from .machine import caption
from .point import CONNECTIONS, FAILED, OK, REQUESTS, TITLES, bytes_text
from .results import Results

BLACK, ORANGE, SKY, GREEN, BLUE, RED, PURPLE = (
    *("#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7"),
)
LOOKS = {  # colour, marker, dash
    "iterative": (BLACK, "x", "-"),
    "forking": (ORANGE, "o", "-"),
    "preforked": (ORANGE, "s", "--"),
    "threaded": (SKY, "o", "-"),
    "prethreaded": (SKY, "s", "--"),
    "select": (GREEN, "v", "-"),
    "poll": (PURPLE, "^", "-"),
    "epoll": (BLUE, "D", "-"),
    "io_uring": (RED, "*", "-"),
}
OTHER = ("#666666", ".", ":")
STYLE = {
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.fonttype": "none",  # text stays text: smaller, and it can be searched
    "svg.hashsalt": "asynclab",  # the same results give the same file
}
PART = 1000  # clients, where the first chart ends and the second begins
PARTS = {"to-1000": (1, PART, False), "above-1000": (PART, 1 << 30, False), "all": (1, 1 << 30, True)}
RANGES = {"to-1000": "up to 1,000 clients", "above-1000": "1,000 clients and more", "all": "all"}


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
    memory = {who: ([(x, y / 1024) for x, y in good if y > 0], []) for who, (good, _) in memory.items()}
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
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(10, 6))
        for who, (good, bad) in found.items():
            draw_line(axes, who, good, bad)
        finish(axes, unit, log)
        label_ends(axes, found)
        axes.set_title(title, loc="left", fontsize=13, fontweight="bold", pad=14)
        figure.tight_layout(rect=(0, 0.09, 0.87, 1))
        figure.text(0.012, 0.02, caption(results.machine), fontsize=8.5, color="#555555")
        figure.savefig(out / f"{name}.svg", metadata={"Date": None})
        figure.savefig(out / f"{name}.png", dpi=110)
        plt.close(figure)
    return [(f"{name}.svg", title)]


def draw_line(axes, who: str, good: list, bad: list):
    colour, marker, dash = LOOKS.get(who, OTHER)
    if good:
        size = 9 if marker == "*" else 6
        axes.plot(*zip(*good), color=colour, marker=marker, linestyle=dash, linewidth=1.9, markersize=size)
    if seen := [(x, y) for x, y in bad if y > 0]:
        axes.plot(*zip(*seen), color=colour, marker="x", markersize=9, markeredgewidth=2.2, linestyle="")


def finish(axes, unit: str, log: bool):
    wide = axes.get_xlim()[1] > 20 * max(1, axes.dataLim.x0)
    axes.set_xscale("log" if log or wide else "linear")
    axes.set_yscale("log" if log else "linear")
    axes.set_xlabel("clients at once" + ("" if axes.get_xscale() == "linear" else " (logarithmic)"))
    axes.set_ylabel(unit + (" (logarithmic)" if log else ""))
    if not log:
        axes.set_ylim(bottom=0)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}" if value < 1 else f"{value:,.0f}"))
        axis.set_minor_formatter(NullFormatter())
    axes.grid(color="#DDDDDD", linewidth=0.6)
    axes.set_axisbelow(True)


def label_ends(axes, found: dict):
    """Each line's name to the right of the plot, at the height of its end, none above another."""
    place = axes.transData.transform
    to_axes = axes.transAxes.inverted().transform
    ends = [(to_axes(place(good[-1]))[1], who) for who, (good, _) in found.items() if good]
    height, gap, labels = -1.0, 0.052, []
    for wanted, who in sorted(ends):
        height = max(wanted, height + gap)
        labels.append([height, who])
    shift = max(0.0, labels[-1][0] - 1.0) if labels else 0.0
    for number, (height, who) in reversed(list(enumerate(labels))):
        limit = labels[number + 1][0] - gap if number + 1 < len(labels) else 1.0
        labels[number][0] = min(height, limit) if shift else height
    for height, who in labels:
        colour, marker, dash = LOOKS.get(who, OTHER)
        axes.plot([1.02, 1.05], [height] * 2, color=colour, marker=marker, linestyle=dash,
                  transform=axes.transAxes, clip_on=False, markevery=[1])  # fmt: skip
        axes.text(1.065, height, who, color=colour, fontweight="bold", va="center", transform=axes.transAxes)
