"""Grades over and over, on an idle, a loaded and a single CPU, and counts the verdicts that were
wrong."""
import concurrent.futures
import contextlib
import functools
import os
import subprocess
import sys
import time

from . import mutants
from .engine import Grading
from .report_terminal import console
from .result import CANNOT_JUDGE, FAILED, PASSED


@contextlib.contextmanager
def spinning():
    """A spinner for each CPU."""
    spinners = [
        subprocess.Popen([sys.executable, "-I", "-S", "-c", "while True: pass"])
        for _ in range(os.cpu_count())
    ]
    try:
        yield
    finally:
        for spinner in spinners:
            spinner.kill()
            spinner.wait()


@contextlib.contextmanager
def one_core():
    """The grader and all that it starts on one CPU."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


STATES = {"idle": contextlib.nullcontext, "every core spinning": spinning, "one core": one_core}


def soak(chosen, rounds, mutant_rounds, jobs=1) -> int:
    """Prints wrong and unjudged verdicts for every state; returns 1 if any verdict was wrong.
    `jobs` gradings run side by side: they must not disturb each other either."""
    wrong_in_all = 0
    for state, context in STATES.items():
        for lab in chosen:
            began, tally = time.monotonic(), Tally()
            with context(), concurrent.futures.ThreadPoolExecutor(jobs) as pool:
                for record, result in pool.map(
                    lambda task: task(tally), tasks(lab, rounds, mutant_rounds)
                ):
                    record(result)
            console.print(
                f"{state:<20} lab {lab.number}: {tally.verdicts:>6,} verdicts,"
                f" {len(tally.wrong)} wrong, {tally.unjudged} not judged  "
                f" [dim]{time.monotonic() - began:.0f} s[/]"
            )
            for line in tally.wrong:
                console.print(f"    {line}", markup=False)
            wrong_in_all += len(tally.wrong)
    return 1 if wrong_in_all else 0


def tasks(lab, rounds, mutant_rounds):
    """Gradings to do, each a function that returns how to count its result, and the result."""
    for number in range(rounds):
        yield lambda tally, seed=f"soak{number}": (
            tally.reference,
            Grading(lab, "solutions", seed=seed).run(),
        )
    for mutant in mutants.load(lab):
        for number in range(mutant_rounds):
            yield lambda tally, mutant=mutant, seed=f"soak{number}": (
                functools.partial(tally.mutant, mutant),
                mutant.grade(only=(mutant.killed_by,), seed=seed),
            )


class Tally:
    def __init__(self):
        self.verdicts, self.unjudged, self.wrong = 0, 0, []

    def reference(self, result):
        for outcome in result.outcomes.values():
            self.verdicts += 1
            self.unjudged += outcome.outcome == CANNOT_JUDGE
            if outcome.outcome not in (PASSED, CANNOT_JUDGE):
                self.wrong.append(
                    f"reference, {outcome.check.id}, seed {result.seed}: {outcome.saw}"
                )

    def mutant(self, mutant, result):
        outcome = result.outcomes[mutant.killed_by]
        self.verdicts += 1
        self.unjudged += outcome.outcome == CANNOT_JUDGE
        if outcome.outcome not in (FAILED, CANNOT_JUDGE):
            self.wrong.append(f"mutant {mutant.name} passed {mutant.killed_by}, seed {result.seed}")
