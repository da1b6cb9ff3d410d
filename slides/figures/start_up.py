#!/usr/bin/python3
"""Figure: the CPU time that echo servers take before they listen."""
import statistics

from drawing import BLUE, INK, LINE, SOFT, keep, main
from running import grown


def measure():
    """`bench growth start-up`: the labs' echo servers and other libraries', started again and again."""
    values = {}
    for row in grown("start-up"):
        values.setdefault((row["contender"], row["own"]), []).append(row["start_cpu_ms"])
    rows = [{"name": n, "own": own, "ms": statistics.median(ms)} for (n, own), ms in values.items()]
    method = (
        "CPU time from exec() until the server sleeps and listens, pools with 64 workers; medians."
    )
    keep("start_up", {"method": method, "rows": sorted(rows, key=lambda row: row["ms"])})


def draw(axes, data):
    rows = data["rows"][::-1]
    colours = [BLUE if row["own"] else SOFT for row in rows]
    axes.barh(range(len(rows)), [row["ms"] for row in rows], color=colours, height=0.66)
    for place, row in enumerate(rows):
        text = f"{row['ms']:,.{0 if row['ms'] >= 20 else 1}f} ms"
        axes.text(row["ms"] + 0.6, place, text, va="center", color=INK, fontsize=11)
    axes.set_yticks(range(len(rows)), [row["name"] for row in rows])
    axes.tick_params(axis="y", length=0, labelcolor=INK, labelsize=12)
    axes.set_xlabel("ms of CPU; blue: servers of the labs")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,g}")
    axes.grid(axis="x", color=LINE, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.margins(y=0.02)


if __name__ == "__main__":
    main("start_up", measure, draw, size=(11, 7.4))
