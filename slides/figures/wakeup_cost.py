#!/usr/bin/python3
"""Figure: what one wake-up costs beside idle descriptors, for select, poll and epoll."""
from drawing import BLUE, LINE, OCHRE, RED, experiment, keep, main

COLOUR = {"select": OCHRE, "poll": RED, "epoll": BLUE}
MARKER = {"select": "s", "poll": "o", "epoll": "D"}


def measure():
    """Runs support/async/experiments/wakeup_cost.cpp."""
    measured = experiment("wakeup_cost")
    notes = ". ".join(measured["notes"])
    method = f"One call and finding who is ready, beside idle UDP sockets: {notes}."
    keep("wakeup_cost", {"method": method, "rows": measured["rows"]})


def draw(axes, data):
    axes.set(xscale="log", yscale="log", xlabel="idle descriptors", ylabel="µs of CPU a wake-up")
    axes.grid(color=LINE, linewidth=0.7)
    for way, colour in COLOUR.items():
        points = [(int(row["name"]), row[way]) for row in data["rows"] if row[way] is not None]
        x, y = zip(*points)
        axes.plot(x, y, color=colour, marker=MARKER[way], linewidth=2.2, label=way)
        if way != "select":
            axes.annotate(
                f"{way}: {y[-1]:,.{0 if y[-1] > 10 else 2}f} µs", (x[-1], y[-1]), (10, -5), textcoords="offset points",
                color=colour, fontweight="bold", annotation_clip=False,
            )  # fmt: skip
    last = max(int(row["name"]) for row in data["rows"] if row["select"] is not None)
    height = next(row["select"] for row in data["rows"] if int(row["name"]) == last)
    axes.annotate(
        "select ends at descriptor 1,023", (last, height), (-12, 14), textcoords="offset points",
        color=OCHRE, fontweight="bold", ha="right",
    )  # fmt: skip
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,g}")
    axes.set_xlim(0.8, 60_000)


if __name__ == "__main__":
    main("wakeup_cost", measure, draw, size=(11, 5))
