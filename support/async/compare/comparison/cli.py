"""The command line: calibrate, plan, measure, and show what came of it."""
import json
import math
import pathlib
import re
import time

import click
from rich.console import Console

from . import calibrate, export, interrupt, machine, schedule
from .cells import IO, SAME, WAITING, Cell, cells_to_run
from .claims import Verdict, judge_all
from .claims_computing import computing
from .claims_waiting import waiting
from .conclusions import show_conclusions
from .configurations import PYTHON, ROOT
from .load import LoadError
from .process import StartError, become_subreaper
from .progress import Display
from .report import WIDTH, show_tables
from .results import Results
from .runner import Options, Rounds

QUICK_TARGET, QUICK_BUDGET, QUICK_WAIT = 0.01, 30.0, 20


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDTH})
@click.option("--budget", default=240.0, show_default=True, help="Seconds that it may take.")
@click.option("--full", is_flag=True, help="Five rounds of everything, however long that takes.")
@click.option("--quick", is_flag=True, help="Small requests, 30 s: does everything run?")
@click.option("--only", default="", metavar="REGEX", help="Only cells like cpp/threads/io/64.")
@click.option("--seconds", default=0.2, show_default=True, help="What a CPU-bound request takes.")
@click.option("--wait", default=50, show_default=True, help="ms that an I/O-bound one waits.")
@click.option("--python", default=PYTHON, show_default=True, help="The servers' interpreter.")
@click.option("--out", default=ROOT / "build/compare", type=pathlib.Path, help="Where files go.")
@click.option("--show", type=click.Path(exists=True), help="Show an earlier results.json again.")
def main(budget, full, quick, only, seconds, wait, python, out, show):
    """Compares sync, processes, threads, async and io_uring, in C++ and in Python.

    Writes results.json, results.csv, compare.svg and compare.png into build/compare/.
    """
    if quick:
        budget, seconds, wait = QUICK_BUDGET, QUICK_TARGET, QUICK_WAIT
    console = Console(highlight=False)
    console.width = min(console.width, WIDTH) if console.is_terminal else WIDTH
    if show:
        return present(console, export.from_json(json.loads(pathlib.Path(show).read_text())), out)
    options = Options(math.inf if full else budget, time.monotonic(), python)
    results, complete = measure_all(console, only, seconds, wait, options)
    present(console, results, out)
    raise SystemExit(0 if complete else 130)


def measure_all(console, only, seconds, wait, options: Options) -> tuple[Results, bool]:
    """Returns the results, and whether it came to its end."""
    interrupt.listen()
    become_subreaper()
    try:
        cells = cells_to_run(only)
    except re.error as error:
        raise click.UsageError(f"--only {only}: {error}") from None
    if not cells:
        raise click.UsageError(f"--only {only}: no such cell")
    about = machine.describe(options.python)
    calibrations, problems = calibrate_all(console, cells, seconds, options.python)
    can = [cell for cell in cells if needed_language(cell) not in problems]
    plan = schedule.make_plan(can, calibrations, wait, about["cpus"])
    results = Results(plan.sizes, about)
    for cell in cells:
        if cell not in can:
            results.failures[cell] = problems[needed_language(cell)]
    about["arguments"] = {"budget": options.budget if math.isfinite(options.budget) else None,
                          "seconds": seconds, "wait": wait, "only": only,}  # fmt: skip
    complete = True
    try:
        with Display(console, sum(map(plan.first_rounds, plan.costs))) as display:
            Rounds(plan, results, options, display).run()
    except KeyboardInterrupt:
        console.print("[yellow]stopped; this is what there is[/]")
        complete = False
    about["seconds"] = round(time.monotonic() - options.began, 1)
    return results, complete


def needed_language(cell: Cell) -> str | None:
    """The language that must be calibrated for a cell; None if there is nothing to compute."""
    if cell.workload in (IO, WAITING):
        return None
    return "Python" if cell.workload == SAME else cell.configuration.computes_in


def calibrate_all(console, cells, seconds, python):
    """Calibrations by language, and the reasons for those that are missing."""
    calibrations, problems = {}, {}
    for language in sorted({needed_language(cell) for cell in cells} - {None}):
        console.print(f"[dim]how large is a request of {seconds} s in {language}?[/]", end=" ")
        try:
            calibrations[language] = found = calibrate.calibrate(language, seconds, python)
            console.print(f"fibonacci({found.argument}): {found.seconds:.3f} s")
        except (StartError, LoadError, calibrate.TooFast) as problem:
            problems[language] = str(problem)
            console.print(f"[red]{problem}[/]")
    return calibrations, problems


def present(console, results: Results, out: pathlib.Path):
    """Shows the results and writes the files."""
    from . import plot  # slow to import, and not needed while measuring

    verdicts = verdicts_on(results)
    out.mkdir(parents=True, exist_ok=True)
    export.write_json(out / "results.json", results, verdicts)
    export.write_csv(out / "results.csv", results)
    show_tables(console, results)
    show_conclusions(console, results, verdicts)
    plot.draw(results, verdicts, out)
    console.print(
        f"\n[dim]results.json, results.csv, compare.svg, compare.png are in {shown(out)}[/]"
    )


def verdicts_on(results: Results) -> list[Verdict]:
    """On all claims; with --only, on those whose cells were asked for."""
    verdicts = judge_all([*computing(results.machine["gil"]), *waiting()], results)
    only = results.machine.get("arguments", {}).get("only")
    return [v for v in verdicts if not (only and v.reason.endswith("was not measured"))]


def shown(path: pathlib.Path) -> pathlib.Path:
    """A path as a user of the kit would write it."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
