"""Results that nobody measured, to see what is made of them."""
from comparison.cells import Cell, Sizes
from comparison.configurations import Configuration
from comparison.results import Results

SECONDS = {8: 0.25, 64: 0.0955}
SIZES = Sizes(
    {"C++": {8: 38, 64: 36}, "Python": {8: 31, 64: 29}}, 50, {"C++": SECONDS, "Python": SECONDS}
)
MACHINE = {
    "kernel": "Linux 6.1",
    "architecture": "x86_64",
    "processor": "made up",
    "cpus": 2,
    "python": "3.11.2",
    "gil": True,
    "compiler": "g++ 12",
    "date": "2026-01-01 00:00 UTC",
    "others_cpus": 0.0,
}


def cell(key: str) -> Cell:
    """From its key: cell("cpp/threads/io/64")."""
    language, model, workload, clients = key.split("/")
    return Cell(Configuration(language, model), workload, int(clients))


def run(wall: float, **others) -> dict[str, float]:
    usual = {"p50": wall / 2, "p99": wall, "cpu": 1.0, "voluntary": 16, "involuntary": 8}
    return {"wall": wall, **usual, **others}


def results(walls: dict[str, list[float]], **machine) -> Results:
    """One run for each wall time; keys are those of cells."""
    made = Results(SIZES, {**MACHINE, **machine})
    for key, seconds in walls.items():
        for each in seconds:
            made.add(cell(key), run(each))
    return made
