#!/usr/bin/python3
"""Figure: what a message costs a server beside idle clients, for select, poll, epoll and io_uring."""
from drawing import BLUE, GREEN, LINE, OCHRE, RED, keep, main
from running import grown, medians

COLOUR = {"select": OCHRE, "poll": RED, "epoll": BLUE, "io_uring": GREEN}
MARKER = {"select": "s", "poll": "o", "epoll": "D", "io_uring": "^"}
BELOW = {"epoll": 6, "io_uring": -14}  # points: the two lines lie one on the other


def measure():
    """`bench growth idle`: the labs' servers, one client that speaks, others that do not."""
    method = "CPU time of the labs' echo servers for 64 bytes there and back, beside idle clients."
    keep("cpu_beside_idle", {"method": method, "lines": medians(grown("idle"), "idle", "cpu_us")})


def draw(axes, data):
    axes.set(xscale="log", yscale="log", xlabel="idle clients", ylabel="µs of CPU a message")
    axes.grid(color=LINE, linewidth=0.7)
    for name, points in data["lines"].items():
        x, y = zip(*points)
        axes.plot(x, y, color=COLOUR[name], marker=MARKER[name], linewidth=2.2)
        text = f"{name}: {y[-1]:,.{0 if y[-1] > 20 else 1}f} µs"
        axes.annotate(
            text, (x[-1], y[-1]), (10, BELOW.get(name, -4)), textcoords="offset points",
            color=COLOUR[name], fontweight="bold", annotation_clip=False,
        )  # fmt: skip
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,g}")
    axes.set_xlim(0.8, 60_000)
    axes.set_ylim(bottom=min(y for points in data["lines"].values() for _, y in points) / 2)


if __name__ == "__main__":
    main("cpu_beside_idle", measure, draw, size=(11, 5))
