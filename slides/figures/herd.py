#!/usr/bin/python3
"""Figure: eight processes wait for one listener: how many wake up for a client, and who says so."""
from drawing import BLUE, INK, LINE, RED, experiment, keep, main


def measure():
    """Runs support/async/experiments/herd.cpp."""
    rows = experiment("herd")["rows"]
    method = "300 clients, each when all eight processes are asleep again."
    keep("herd", {"method": method, "rows": rows})


def draw(axes, data):
    bars = (
        (-0.19, "switches/client", RED, "switched to a process"),
        (0.19, "returns/client", BLUE, "returns of the call"),
    )
    for shift, key, colour, label in bars:
        places = [place + shift for place in range(len(data["rows"]))]
        sizes = [row[key] for row in data["rows"]]
        axes.barh(places, sizes, height=0.36, color=colour, label=label)
        for place, size in zip(places, sizes):
            axes.text(size + 0.1, place, f"{size:.2f}", va="center", color=INK, fontsize=13)
    names = [row["name"] for row in data["rows"]]
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.grid(axis="x", color=LINE, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.invert_yaxis()
    axes.set_xlim(0, 9.4)
    axes.set_xlabel("for each client that comes")
    axes.legend(loc="lower right", frameon=False)


if __name__ == "__main__":
    main("herd", measure, draw, size=(11, 4.8))
