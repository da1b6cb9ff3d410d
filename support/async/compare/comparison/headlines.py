"""Titles of the picture: they say what is seen, if that is what was measured, else what is shown."""
from .cells import CLIENTS, IO, SAME, SIZED
from .claims import HOLDS, Verdict, number
from .results import Results


def holding(verdicts: list[Verdict]) -> dict[str, Verdict]:
    return {v.claim.key: v for v in verdicts if v.outcome == HOLDS}


def main_title(verdicts: list[Verdict]) -> str:
    true = holding(verdicts)
    computing = {"python-processes", "python-threads", "cpp-threads"} <= true.keys()
    waiting = {"sync-waiting", "cpp-waiting", "python-waiting"} <= true.keys()
    if computing and waiting:
        return (
            "Whoever waits needs anything but sync; whoever computes needs CPUs, and in Python"
            " processes"
        )
    return "How long until every client has its reply"


def panel_title(workload: str, verdicts: list[Verdict]) -> str:
    true = holding(verdicts)
    if workload == SIZED and {"python-processes", "cpp-threads"} <= true.keys():
        return "Computing: C++ threads are parallel,\nPython needs processes"
    if workload == SAME and "language" in true:
        factor = number(true["language"].ratio.median)
        return f"Computing the same:\nC++ is {factor} times as fast as Python"
    if workload == IO and {"sync-waiting", "cpp-waiting", "python-waiting"} <= true.keys():
        return "Waiting: only sync makes\neverybody wait in turn"
    return {SIZED: "Computing, sized\nfor each language", SAME: "Computing the same\n"}.get(
        workload, "Waiting\n"
    )


def asked(results: Results, workload: str, clients: int) -> str:
    """What each client of a panel asks for."""
    sizes = results.sizes
    if workload == IO:
        return f"{clients} clients, each waits {sizes.wait} ms"
    arguments = {name: by[clients] for name, by in sizes.arguments.items()}
    if workload == SAME:
        return f"{clients} clients, each asks for fibonacci({arguments.get('Python', '?')})"
    each = ", ".join(f"({n}) in {name}" for name, n in arguments.items())
    return f"{clients} clients, each asks for fibonacci{each}"


def caption(results: Results) -> str:
    machine = results.machine
    rounds = [
        len(runs) for cell, runs in results.runs.items() if cell.workload in (SIZED, SAME, IO)
    ]
    return (
        "Bars: seconds until every client has its reply, median of"
        f" {min(rounds, default=0)} to {max(rounds, default=0)} rounds; lines: least to most."
        f" {CLIENTS[0]} or {CLIENTS[1]} clients, all at once."
        f" {machine['cpus']} CPUs, {machine['kernel']}, Python {machine['python']},"
        f" {machine['date'][:10]}."
    )
