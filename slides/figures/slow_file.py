#!/usr/bin/python3
"""Figure: while clients read a file from a slow disk, how long waits who wants another file?"""
import http.client
import pathlib
import tempfile
import time

from drawing import BLUE, INK, LINE, RED, keep, main
from running import built, running

DELAY = 0.5  # seconds: strace holds each read of the file `slow`
AHEAD = 0.2  # ... and the others come so much earlier
READERS = (0, 1, 3, 4, 8)
STEPS = {"in the loop": "07.3", "in a pool of 4": None}  # step 07.4 uses the pool


def ask(port, name):
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    client.request("GET", "/" + name)
    return client


def latency(port, readers) -> float:
    """Milliseconds until `quick` has come, while `readers` clients want `slow`."""
    slow = [ask(port, "slow") for _ in range(readers)]
    time.sleep(AHEAD)
    began = time.monotonic()
    ask(port, "quick").getresponse().read()
    took = time.monotonic() - began
    for client in slow:
        client.getresponse().read()
    return round(took * 1000, 1)


def run(program) -> list[float]:
    with tempfile.TemporaryDirectory() as root:
        for name in ("slow", "quick"):
            (pathlib.Path(root) / name).write_bytes(bytes(50_000))
        command = ["strace", "-D", "-f", "--seccomp-bpf", "-o", f"{root}/calls"]
        command += ["-P", f"{root}/slow", "-e", "trace=pread64"]
        command += ["-e", f"inject=pread64:delay_enter={DELAY * 1e6:.0f}"]
        with running([*command, program, "0", "--root", root]) as port:
            latency(port, 0)  # the first is always slower
            return [latency(port, readers) for readers in READERS]


def measure():
    ways = {way: run(built("07", "file_server", through)) for way, through in STEPS.items()}
    method = "strace holds each read of one file for 500 ms; another is asked for 200 ms later."
    keep("slow_file", {"method": method, "readers": READERS, "ways": ways})


def draw(axes, data):
    for shift, (way, colour) in zip((-0.2, 0.2), zip(data["ways"], (RED, BLUE))):
        places = [place + shift for place in range(len(data["readers"]))]
        axes.bar(places, data["ways"][way], width=0.38, color=colour, label=f"reads {way}")
        for place, height in zip(places, data["ways"][way]):
            axes.text(place, height + 50, f"{height:,.0f}", ha="center", color=INK, fontsize=13)
    axes.set_xticks(range(len(data["readers"])), data["readers"])
    axes.grid(axis="y", color=LINE, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.set(xlabel="clients that want the slow file", ylabel="ms until the quick one has come")
    axes.legend(loc="upper left", frameon=False)


if __name__ == "__main__":
    main("slow_file", measure, draw, size=(11, 4.8))
