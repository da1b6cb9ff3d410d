"""What the figures that run a lab's server share: to build it, and to have it for a while."""
import contextlib
import json
import pathlib
import statistics
import subprocess
import sys

from drawing import KIT

sys.path.insert(0, str(KIT / "grader"))
from autograder import build, labs, verify  # noqa: E402


def built(number: str, program: str, through: str | None = None) -> pathlib.Path:
    """The optimised program of a lab's solution; with `through`, its steps up to that one only."""
    lab = labs.find(number)
    place = verify.partial(lab, through) if through else KIT / "solutions" / lab.name
    done = build.build(lab, place, {program}, flavours=("release",))
    if done.errors:
        sys.exit(f"error: {done.errors}")
    return done.programs[program, "release"]


@contextlib.contextmanager
def running(command):
    """Starts a server with port 0 and gives the port that it has printed; kills it at the end."""
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield int(server.stdout.readline().rpartition(":")[2])
    finally:
        server.kill()
        server.wait()


def grown(what: str) -> list[dict]:
    """The rows of `bench growth WHAT` (support/async/bench), medians of its rounds; exits if it fails."""
    out = KIT / "build/bench/results" / what
    command = [KIT / "support/async/bench/bench", "growth", what, "--out", out]
    subprocess.run(["make", "-s", "load"], cwd=KIT, check=True)
    if subprocess.run(command).returncode:
        sys.exit(f"error: bench growth {what} did not come to its end")
    rows = json.loads((out / "results.json").read_text())["rows"]
    return [row for row in rows if row["outcome"] == "ok"]


def medians(rows: list[dict], x: str, y: str) -> dict[str, list[list[float]]]:
    """Architecture -> [x, median of y], by x."""
    values = {}
    for row in rows:
        values.setdefault(row["architecture"], {}).setdefault(row[x], []).append(row[y])
    return {
        name: [[at, statistics.median(found)] for at, found in sorted(points.items())]
        for name, points in values.items()
    }
