#!/usr/bin/python3
"""CPython's own tests of selectors and asyncio, with its selector and with asynclab.Selector.

`make peer-tests` prints both side by side. Exit status: 0 when no test fails on asynclab.Selector
that passes on the standard one, 1 when one does, 3 when the tests cannot be run here.
"""
import json
import os
import pathlib
import subprocess
import sys
import time

from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

HERE = pathlib.Path(__file__).resolve().parent
KIT = HERE.parents[2]
OUT = KIT / "build/peer-tests"
MODULES = ("test.test_selectors", "test.test_asyncio")
SELECTORS = ("standard", "asynclab")
ATTEMPTS = 3  # some of CPython's tests depend on time: what fails is run again, by itself
UNKNOWN = "it replaces the insides of the standard selectors, which it knows by name"
console = Console(highlight=False)


class Run:
    """One module under one selector, in a process of its own."""

    def __init__(self, selector, names, label):
        OUT.mkdir(parents=True, exist_ok=True)
        self.out = OUT / f"{selector}-{label}.json"
        self.log = open(self.out.with_suffix(".log"), "w")
        self.out.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-B", str(HERE / "run_suite.py"), selector, str(self.out), *names],
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            cwd=OUT,  # some tests leave files where they are
            env={**os.environ, "PYTHONPATH": os.path.abspath(os.environ.get("PYTHONPATH", "."))},
        )

    def done(self) -> int:
        """Tests that have ended so far."""
        return pathlib.Path(self.log.name).read_text(errors="replace").count(" ... ")

    def outcomes(self) -> dict:
        """test -> [outcome, why]. Ends with 3 when the run itself broke off."""
        status = self.process.wait()
        if not self.out.exists():
            last = pathlib.Path(self.log.name).read_text(errors="replace").strip().splitlines()
            console.print(
                f"error: the run ended with status {status}: {(last or ['no words'])[-1]}"
            )
            console.print(f"its whole log: {pathlib.Path(self.log.name).relative_to(KIT)}")
            sys.exit(3)
        return json.loads(self.out.read_text())["outcomes"]


def run_all() -> dict:
    """{(selector, module): outcomes}, all four at the same time."""
    runs = {(s, m): Run(s, [m], m) for m in MODULES for s in SELECTORS}
    columns = (
        TextColumn("{task.description}"),
        TextColumn("{task.completed} tests"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        tasks = {key: progress.add_task(f"{key[1]} on {key[0]}", total=None) for key in runs}
        while any(run.process.poll() is None for run in runs.values()):
            for key, run in runs.items():
                progress.update(tasks[key], completed=run.done())
            time.sleep(0.3)
    return {key: run.outcomes() for key, run in runs.items()}


def again(found, module) -> list:
    """Tests that pass on the standard selector and, also when run by themselves, fail on ours."""
    standard, ours = (found[selector, module] for selector in SELECTORS)
    failing = [name for name, (outcome, _) in ours.items() if outcome == "failed"]
    for attempt in range(1, ATTEMPTS):
        if failing:
            repeated = Run("asynclab", failing, f"{module}-again-{attempt}").outcomes()
            failing = [name for name in failing if repeated.get(name, ["failed"])[0] == "failed"]
    return [name for name in failing if standard.get(name, [""])[0] == "passed"]


def show(found, worse):
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
    for column in ("", "selector", "passed", "failed", "skipped"):
        table.add_column(column, justify="left" if column in ("", "selector") else "right")
    for (selector, module), outcomes in found.items():
        counts = [
            sum(outcome == kind for outcome, _ in outcomes.values())
            for kind in ("passed", "failed", "skipped")
        ]
        name = "asynclab.Selector" if selector == "asynclab" else "selectors.EpollSelector"
        table.add_row(module, name, *(f"{number:,}" for number in counts))
    console.print(table)
    skipped = [
        f"{name}: {why or UNKNOWN}"
        for module in MODULES
        for name, (outcome, why) in found["asynclab", module].items()
        if outcome == "skipped" and found["standard", module].get(name, [""])[0] == "passed"
    ]
    for line in skipped:
        console.print(f"skipped on asynclab.Selector only: {line}", soft_wrap=True)
    for name, why in worse.items():
        console.print(f"[red]fails on asynclab.Selector only[/]: {name}\n{why}", markup=True)
    console.print(
        "[green]No test fails on asynclab.Selector that passes on the standard one.[/]"
        if not worse
        else f"[red]{len(worse)} tests fail on asynclab.Selector only.[/]"
    )


def main():
    if subprocess.run(
        [sys.executable, "-c", "import test.test_asyncio"], capture_output=True
    ).returncode:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        console.print(
            f"error: CPython's tests are not here: apt-get install libpython{version}-testsuite"
        )
        sys.exit(3)
    if subprocess.run([sys.executable, "-c", "import asynclab"], capture_output=True).returncode:
        console.print("error: the module asynclab is not found: `make peer-tests` builds it")
        sys.exit(3)
    found = run_all()
    worse = {
        name: found["asynclab", module][name][1]
        for module in MODULES
        for name in again(found, module)
    }
    show(found, worse)
    sys.exit(1 if worse else 0)


if __name__ == "__main__":
    main()
