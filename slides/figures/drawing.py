"""What the figures share: the colours of the theme, and that data and picture are kept together."""
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile

import matplotlib

matplotlib.use("Agg")  # no display
import matplotlib.pyplot as plt

HERE = pathlib.Path(__file__).resolve().parent
KIT = HERE.parents[1]
INK, SOFT, LINE = "#1c2430", "#5b6675", "#d9dee5"
BLUE, RED, GREEN, OCHRE = "#3b6fd4", "#c62a2f", "#18794e", "#8a6100"
STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 15,
    "text.color": INK,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": SOFT,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.fonttype": "path",  # looks the same wherever it is shown
    "svg.hashsalt": "asynclab",  # the same data give the same file
}


def machine() -> dict:
    """What to know about where a figure was measured; no name of the machine."""
    kernel = ".".join(platform.release().split("-")[0].split(".")[:2])
    return {
        "cores": len(os.sched_getaffinity(0)),
        "kernel": kernel,
        "architecture": platform.machine(),
    }


def experiment(name: str) -> dict:
    """What `make experiment NAME=...` has measured."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        command = ["make", "-s", "experiment", f"NAME={name}", f"ARGS=--json {file.name}"]
        subprocess.run(command, cwd=KIT, check=True)
        return json.load(file)


def keep(name: str, data: dict):
    """Writes what was measured to NAME.json."""
    data = {"machine": machine(), **data}
    (HERE / f"{name}.json").write_text(json.dumps(data, indent=1) + "\n")


def figure(name: str, draw, size=(11, 4.6)):
    """Draws NAME.svg from NAME.json, the machine below it: draw(axes, data)."""
    data = json.loads((HERE / f"{name}.json").read_text())
    where = data["machine"]
    with plt.rc_context(STYLE):
        picture, axes = plt.subplots(figsize=size)
        draw(axes, data)
        told = (
            f"{data['method']} {where['cores']} cores, Linux {where['kernel']},"
            f" {where['architecture']}."
        )
        picture.tight_layout(rect=(0, 0.06, 1, 1))
        picture.text(0.01, 0.015, told, fontsize=11.5, color=SOFT)
        picture.savefig(HERE / f"{name}.svg", metadata={"Date": None})
        plt.close(picture)
    print(f"slides/figures/{name}.svg")


def main(name: str, measure, draw, size=(11, 4.6)):
    """Measures and draws; with --draw it only draws what was measured before."""
    if sys.argv[1:] not in ([], ["--draw"]):
        sys.exit(f"usage: {name}.py [--draw]")
    if not sys.argv[1:]:
        measure()
    figure(name, draw, size)
