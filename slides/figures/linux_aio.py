#!/usr/bin/python3
"""Figure: the share of io_submit() in the time of a read, buffered and with O_DIRECT."""
import os
import re
import subprocess
import tempfile

from drawing import BLUE, INK, KIT, LINE, RED, keep, main
from running import built

SIZES = {"4 KiB": 4096, "128 KiB": 128 << 10, "1 MiB": 1 << 20, "32 MiB": 32 << 20}
RUNS = 7
LINE_OF = re.compile(r"^(buffered|direct) bytes=\d+ submit_us=(\d+) total_us=(\d+)", re.MULTILINE)


def run(demo, size) -> dict:
    """The run of each way that took the least, of RUNS: the others met other work."""
    with tempfile.NamedTemporaryFile(dir=KIT / "build") as file:  # /tmp may be memory
        file.write(os.urandom(size))
        file.flush()
        os.fsync(file.fileno())  # what is not on the disk stays in the cache
        best = {}
        for _ in range(RUNS):
            told = subprocess.run([demo, file.name], capture_output=True, text=True, check=True)
            for way, submit, total in LINE_OF.findall(told.stdout):
                took = {"submit": int(submit), "total": int(total)}
                best[way] = min(best.get(way, took), took, key=lambda took: took["total"])
        return best


def measure():
    demo = built("07", "aio_demo")
    sizes = {name: run(demo, size) for name, size in SIZES.items()}
    method = f"aio_demo of lab 07, file not in the page cache, the quickest of {RUNS} runs."
    keep("linux_aio", {"method": method, "sizes": sizes})


def told(us) -> str:
    return f"{us / 1000:,.1f} ms" if us >= 1000 else f"{us} µs"


def draw(axes, data):
    ticks = []
    for group, ways in enumerate(data["sizes"].values()):
        for index, way in enumerate(("buffered", "direct")):
            took, place = ways[way], group * 2.7 + index
            share = 100 * took["submit"] / took["total"]
            ticks.append((place, "buffered" if way == "buffered" else "O_DIRECT"))
            axes.barh(place, 100, color=LINE, height=0.8)
            axes.barh(place, share, color=RED if way == "buffered" else BLUE, height=0.8)
            words = f"{told(took['submit'])} of {told(took['total'])}"
            axes.text(102, place, words, va="center", color=INK, fontsize=13)
        axes.text(-17, group * 2.7 + 0.5, list(data["sizes"])[group], ha="right", va="center",
                  fontweight="bold")  # fmt: skip
    axes.set_yticks(*zip(*ticks))
    axes.tick_params(axis="y", length=0, labelcolor=INK, labelsize=13)
    axes.invert_yaxis()
    axes.set_xlim(0, 130)
    axes.set_xticks(range(0, 101, 25), [f"{part} %" for part in range(0, 101, 25)])
    axes.set_xlabel("time inside io_submit(), of the time until the event was there")


if __name__ == "__main__":
    main("linux_aio", measure, draw, size=(11, 4.8))
