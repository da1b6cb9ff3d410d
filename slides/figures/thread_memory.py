#!/usr/bin/python3
"""Figure: what 1,000 idle threads reserve, and what they take."""
from drawing import BLUE, INK, LINE, RED, experiment, keep, main

PARTS = {
    "VmSize MiB": "address space, reserved",
    "VmRSS MiB": "resident memory",
    "VmPTE MiB": "page tables",
    "kernel stacks MiB": "stacks in the kernel",
}


def measure():
    """Runs support/async/experiments/thread_memory.cpp."""
    rows = experiment("thread_memory")["rows"]
    method = "1,000 threads with stacks of 8 MiB that have started and wait."
    keep("thread_memory", {"method": method, "rows": rows})


def draw(axes, data):
    thousand = next(row for row in data["rows"] if row["name"] == "1000")
    sizes = [thousand[part] for part in PARTS][::-1]
    axes.barh(range(len(sizes)), sizes, color=[RED, BLUE, BLUE, LINE], height=0.62)
    for row, size in enumerate(sizes):
        axes.text(size + 90, row, f"{size:,.{0 if size > 100 else 1}f} MiB", va="center", color=INK)
    axes.set_yticks(range(len(sizes)), list(PARTS.values())[::-1])
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.set_xlim(0, 9600)
    axes.set_xlabel("MiB")


if __name__ == "__main__":
    main("thread_memory", measure, draw, size=(11, 4.2))
