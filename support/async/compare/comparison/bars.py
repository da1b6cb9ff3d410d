"""The bars of one panel, and its axis.

Colours are those of Okabe and Ito, which people with any kind of colour blindness can tell apart;
the same model has the same colour everywhere, and inline is hatched besides.
"""
from matplotlib.ticker import FuncFormatter, NullFormatter

from .spread import Spread

COLOURS = {
    "sync": "#999999",
    "processes": "#E69F00",
    "threads": "#56B4E9",
    "async": "#009E73",
    "inline": "#8FD3BC",
    "io_uring": "#CC79A7",
}
HATCH = {"inline": "////"}
WIDE = 20  # times: more between the least and the most than this wants a logarithmic axis


def draw_bars(axes, bars: list[tuple[float, str, Spread]]):
    """The medians, with lines from the least to the most, and the medians in figures."""
    for place, model, wall in bars:
        axes.bar(
            place,
            wall.median,
            0.86,
            color=COLOURS[model],
            hatch=HATCH.get(model),
            edgecolor="white",
            linewidth=0,
        )
        axes.annotate(
            short(wall.median),
            (place, wall.high),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            va="bottom",
            rotation=90,
            fontsize=7.5,
        )
    if bars:
        axes.errorbar(
            [place for place, _, _ in bars],
            [wall.median for _, _, wall in bars],
            [
                [wall.median - wall.low for _, _, wall in bars],
                [wall.high - wall.median for _, _, wall in bars],
            ],
            fmt="none",
            ecolor="#333333",
            elinewidth=0.9,
            capsize=2,
        )


def mark_failure(axes, place: float):
    axes.text(
        place,
        0.02,
        "failed",
        rotation=90,
        ha="center",
        va="bottom",
        color="#B00020",
        fontsize=7.5,
        transform=axes.get_xaxis_transform(),
    )


def choose_axis(axes):
    """Of the panels of one workload: logarithmic, the same for all, where bars differ much;
    else each from zero, for 8 and 64 clients may ask for different things."""
    heights = [[bar.get_height() for bar in one.patches] for one in axes]
    low, high = min(sum(heights, []), default=1), max(sum(heights, []), default=1)
    for one, own in zip(axes, heights):
        if high > WIDE * low > 0:
            one.set_yscale("log")
            one.set_ylim(low / 2.5, high * 3)
            one.set_ylabel(one.get_ylabel() + ", logarithmic")
            one.yaxis.set_minor_formatter(NullFormatter())
        else:
            one.set_ylim(0, max(own, default=1) * 1.25)
        one.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        one.grid(axis="y", color="#DDDDDD", linewidth=0.6)
        one.set_axisbelow(True)


def short(value: float) -> str:
    return f"{value:.3f}" if value < 0.1 else f"{value:.2f}" if value < 10 else f"{value:.1f}"
