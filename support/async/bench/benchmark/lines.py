"""Lines of a chart: how each architecture looks, the axes, and each line's name at its end.

Colours are those of Okabe and Ito, which people with any kind of colour blindness can tell apart;
one family of architectures has one colour, and its members differ in marker and dash besides.
"""
import math

from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

BLACK, ORANGE, SKY, GREEN, BLUE, RED, PURPLE = (
    *("#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7"),
)
LOOKS = {  # colour, marker, dash
    "iterative": (BLACK, "P", "-"),
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


def draw_line(axes, who: str, good: list, bad: list):
    colour, marker, dash = LOOKS.get(who, OTHER)
    if good:
        size = 9 if marker == "*" else 6
        axes.plot(
            *zip(*good), color=colour, marker=marker, linestyle=dash, linewidth=1.9, markersize=size
        )
    if seen := [(x, y) for x, y in bad if y > 0]:
        axes.plot(
            *zip(*seen), color=colour, marker="x", markersize=9, markeredgewidth=2.2, linestyle=""
        )


def finish(axes, unit: str, log: bool):
    wide = axes.get_xlim()[1] > 20 * max(1, axes.dataLim.x0)
    axes.set_xscale("log" if log or wide else "linear")
    axes.set_yscale("log" if log else "linear")
    axes.set_xlabel("clients at once" + ("" if axes.get_xscale() == "linear" else " (logarithmic)"))
    axes.set_ylabel(unit + (" (logarithmic)" if log else ""))
    if not log:
        axes.set_ylim(bottom=0)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(
            FuncFormatter(lambda value, _: f"{value:,g}" if value < 1 else f"{value:,.0f}")
        )
        if axis.get_scale() == "log":
            axis.set_major_locator(LogLocator(subs=(1, 2, 5) if decades(axis) < 2.5 else (1,)))
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
                  transform=axes.transAxes, clip_on=False, markevery=[1]).pop().set_in_layout(False)  # fmt: skip
        axes.text(
            1.065,
            height,
            who,
            color=colour,
            fontweight="bold",
            va="center",
            transform=axes.transAxes,
        ).set_in_layout(False)


def decades(axis) -> float:
    low, high = axis.get_view_interval()
    return math.log10(high / low)
