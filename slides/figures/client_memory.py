#!/usr/bin/python3
"""Figure: the memory that a server takes for its clients: processes, threads, event loops."""
from drawing import BLUE, GREEN, LINE, OCHRE, RED, keep, main
from running import grown, medians

COLOUR = {"forking": RED, "threaded": OCHRE, "epoll": BLUE, "io_uring": GREEN}
MARKER = {"forking": "s", "threaded": "o", "epoll": "D", "io_uring": "^"}
MOST = 10_000  # clients
DOWN = {"io_uring": 2, "epoll": -13}  # points: two lines that end close to each other
LABEL = {"forking": "a process each", "threaded": "a thread each"}


def measure():
    """`bench growth memory`: the labs' servers with their clients connected and answered once."""
    rows = [{**row, "kib": row["resident"] * row["connections"] / 1024} for row in grown("memory")]
    lines = {n: p for n, p in medians(rows, "connections", "kib").items() if n in COLOUR}
    method = (
        "Anonymous memory that the labs' echo servers took for their clients (PSS, without the"
        " kernel's share)."
    )
    keep("client_memory", {"method": method, "lines": lines})


def draw(axes, data):
    axes.set(xscale="log", yscale="log", xlabel="clients", ylabel="MiB")
    axes.grid(color=LINE, linewidth=0.7)
    for name, points in data["lines"].items():
        x, y = zip(*[(clients, kib / 1024) for clients, kib in points if kib > 0])
        axes.plot(x, y, color=COLOUR[name], marker=MARKER[name], linewidth=2.2)
        text = f"{LABEL.get(name, name)}: {y[-1]:,.{0 if y[-1] > 10 else 1}f} MiB"
        short = x[-1] < MOST  # its label to the left, where no other line passes
        axes.annotate(
            text, (x[-1], y[-1]), (-10, 6) if short else (10, DOWN.get(name, -5)), textcoords="offset points",
            ha="right" if short else "left", color=COLOUR[name], fontweight="bold", annotation_clip=False,
        )  # fmt: skip
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,g}")
    axes.set_xlim(0.8, 120_000)


if __name__ == "__main__":
    main("client_memory", measure, draw, size=(11, 5))
