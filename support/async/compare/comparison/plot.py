"""The picture: a panel for each workload and number of clients, bars of wall time by server."""
import pathlib

import matplotlib

matplotlib.use("Agg")  # no display
import matplotlib.pyplot as plt
from matplotlib.patches import Patch

from .bars import COLOURS, HATCH, choose_axis, draw_bars, mark_failure
from .cells import CLIENTS, TIMED, Cell
from .claims import Verdict
from .configurations import ALL, LANGUAGES, MODELS
from .headlines import asked, caption, main_title, panel_title
from .results import Results

LABELS = {
    "cpp": "C++",
    "python": "Python",
    "loop": "Python on\nC++ loop",
    "handler": "C++ with\nPython handler",
}
GAP = 1.2  # between languages, in bars
STYLE = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "hatch.linewidth": 0.6,
    "svg.fonttype": "none",  # text stays text: smaller, and it can be searched
    "svg.hashsalt": "asynclab",  # the same results give the same file
}


def draw(results: Results, verdicts: list[Verdict], out: pathlib.Path):
    """Writes compare.svg and compare.png, 1400 pixels wide."""
    with plt.rc_context(STYLE):
        figure, panels = plt.subplots(len(CLIENTS), len(TIMED), figsize=(14, 8.2))
        for column, workload in enumerate(TIMED):
            for row, clients in enumerate(CLIENTS):
                draw_panel(panels[row][column], results, workload, clients)
            panels[0][column].set_title(
                panel_title(workload, verdicts),
                loc="left",
                fontsize=11.5,
                fontweight="bold",
                pad=20,
            )
            choose_axis(panels[:, column])
        decorate(figure, results, verdicts)
        figure.savefig(out / "compare.svg", metadata={"Date": None})
        figure.savefig(out / "compare.png", dpi=100)
        plt.close(figure)


def decorate(figure, results: Results, verdicts: list[Verdict]):
    figure.suptitle(main_title(verdicts), x=0.01, ha="left", fontsize=14, fontweight="bold")
    handles = [Patch(facecolor=COLOURS[m], hatch=HATCH.get(m), label=MODELS[m]) for m in MODELS]
    figure.legend(
        handles=handles,
        ncol=len(MODELS),
        loc="upper left",
        bbox_to_anchor=(0.005, 0.955),
        frameon=False,
        fontsize=10,
    )
    figure.text(0.01, 0.012, caption(results), fontsize=8.5, color="#555555")
    figure.tight_layout(rect=(0, 0.03, 1, 0.945), h_pad=2, w_pad=2)


def draw_panel(axes, results: Results, workload: str, clients: int):
    what = axes.text(0, 1.03, asked(results, workload, clients), transform=axes.transAxes)
    what.set(color="#555555", in_layout=False)  # a long one must not make the panels narrow
    place, middles, bars = 0.0, {}, []
    for language in LANGUAGES:
        first = place
        for configuration in (c for c in ALL if c.language == language):
            cell = Cell(configuration, workload, clients)
            if results.failure(cell):
                mark_failure(axes, place)
            elif results.rounds(cell):
                bars.append((place, configuration.model, results.spread(cell, "wall")))
            place += 1
        middles[(first + place - 1) / 2] = LABELS[language]
        place += GAP
    draw_bars(axes, bars)
    axes.set_xticks(list(middles), middles.values())
    axes.tick_params(axis="x", length=0)
    axes.set_xlim(-1, place - GAP + 0.5)
    axes.set_ylabel("seconds")
