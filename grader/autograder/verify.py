"""Proves that labs, solutions, steps, checks, mutants and handouts belong together. For
maintainers and CI."""
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile

from . import labs, mutants
from .check import checks_of
from .engine import Grading
from .machine import KIT
from .report_terminal import console
from .result import CANNOT_JUDGE, FAILED, PASSED
from .whitebox import checks as whitebox_checks

sys.path.insert(0, str(KIT / "grader"))
import skeleton  # noqa: E402  (a script of its own, one folder up)


def verify(chosen) -> int:
    """Runs all proofs for the labs chosen; returns the number of those that failed, 0 if all
    hold."""
    wrong = 0
    for lab in chosen:
        for proof in PROOFS:
            troubles = list(proof(lab))
            sign = "[red]✘[/]" if troubles else "[green]✔[/]"
            console.print(f"{sign} lab {lab.number}: {proof.__doc__.splitlines()[0]}")
            for trouble in troubles:
                console.print(f"    {trouble}", markup=False)
            wrong += bool(troubles)
    return min(wrong, 1)


def every_check(lab):
    return checks_of(lab.number) + whitebox_checks(lab)


def generated(lab):
    """labs/ is what solutions/ generates."""
    for source, made in skeleton.pairs():
        if source.parent.name == lab.name and (
            not made.is_file() or made.read_text() != skeleton.expected(source)
        ):
            yield f"{made.relative_to(KIT)} is out of date: make skeletons"


def solution_full(lab):
    """The solution gets full marks."""
    result = Grading(lab, "solutions").run()
    for outcome in result.outcomes.values():
        if outcome.outcome not in (PASSED, CANNOT_JUDGE):
            yield f"{outcome.check.id}: {outcome.saw}"
    if not result.count(CANNOT_JUDGE) and result.score != 100:
        yield f"{result.score} points, not 100"


def skeleton_untouched(lab):
    """The untouched skeleton compiles, gets 0, and is told what is still to be written."""
    place = partial(lab, "")
    grading = Grading(lab, str(place), flavours=())  # most checks are not run: see what they need
    for outcome in grading.run().outcomes.values():
        if outcome.outcome == PASSED:
            yield f"{outcome.check.id} passes on the untouched skeleton"
        elif outcome.outcome != CANNOT_JUDGE and "is still to be written" not in outcome.saw:
            yield f"{outcome.check.id} says: {outcome.saw}"


def steps_build_up(lab):
    """With the steps up to k written, the checks of the steps up to k pass, and the next one
    says what to write."""
    for step, following in zip(lab.steps, lab.steps[1:]):
        upto = tuple(other.id for other in lab.steps if other.id <= following.id)
        result = Grading(lab, str(partial(lab, step.id)), only=upto).run()
        for outcome in result.outcomes.values():
            if outcome.check.step <= step.id and outcome.outcome not in (PASSED, CANNOT_JUDGE):
                yield f"steps up to {step.id}: {outcome.check.id} says: {outcome.saw}"
        if result.count(CANNOT_JUDGE) < len(result.outcomes) and not any(
            f"TODO({following.id})" in o.saw
            for o in result.outcomes.values()
            if o.outcome == FAILED
        ):
            yield f"steps up to {step.id}: nothing says that {following.id} is still to be written"


def partial(lab, through):
    """A tree in which the steps up to `through` are written."""
    place = KIT / "build/partial" / lab.name / (through or "none")
    place.mkdir(parents=True, exist_ok=True)
    for name in lab.files:
        text = skeleton.skeleton((KIT / "solutions" / lab.name / name).read_text(), through)
        if not (place / name).exists() or (place / name).read_text() != text:
            (place / name).write_text(text)
    return place


def steps_and_checks(lab):
    """Steps name checks that exist, every step has checks, and their points add up."""
    checks, solution = every_check(lab), KIT / "solutions" / lab.name
    for marker in labs.markers(lab, solution, "STEP"):
        for name in re.findall(r"check: (\w+)", " ".join(marker.hint)):
            if f"{marker.step}/{name}" not in [c.id for c in checks]:
                yield (
                    f"{marker.file}:{marker.line} names check {name}, which step {marker.step} does"
                    " not have"
                )
    for step in lab.steps:
        points = sum(c.points for c in checks if c.step == step.id)
        if points != step.points:
            yield f"the checks of {step.id} are worth {points} points, lab.toml says {step.points}"
        if step.id not in {marker.step for marker in labs.markers(lab, solution, "STEP")}:
            yield f"no file has a marker of step {step.id}"
    for check in checks:
        if check.step not in {step.id for step in lab.steps}:
            yield f"{check.id} belongs to no step"


def mutants_die(lab):
    """Every mutant fails the check that it names, and every check is named by a mutant."""
    found = mutants.load(lab)
    for check in every_check(lab):
        if check.id not in {m.killed_by for m in mutants.load(lab, include_hidden=True)}:
            yield f"no mutant names {check.id}"
    with concurrent.futures.ThreadPoolExecutor(mutants.AT_ONCE) as pool:
        for mutant, result in zip(found, pool.map(lambda m: m.grade(only=(m.killed_by,)), found)):
            outcome = result.outcomes.get(mutant.killed_by)
            if outcome is None or outcome.outcome not in (FAILED, CANNOT_JUDGE):
                yield f"{mutant.name} survives {mutant.killed_by}"


def handout_runs(lab):
    """The commands of the handout run, in a copy of the kit in which the lab is complete."""
    blocks = re.findall(
        r"^```sh\n(.*?)^```", (lab.home / "README.md").read_text(), re.MULTILINE | re.DOTALL
    )
    if not blocks:
        yield "the handout has no command to run"
    with tempfile.TemporaryDirectory() as scratch:
        copy = f"{scratch}/kit"
        shutil.copytree(
            KIT, copy, ignore=shutil.ignore_patterns("build", ".git", "__pycache__"), symlinks=True
        )
        shutil.copytree(
            f"{copy}/solutions/{lab.name}", f"{copy}/labs/{lab.name}", dirs_exist_ok=True
        )
        os.mkdir(f"{copy}/build")
        open(f"{copy}/build/.setup", "w").close()
        subprocess.run(
            ["make", "build", f"LAB={lab.number}"], cwd=copy, capture_output=True, check=True
        )
        for block in blocks:
            ran = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", block],
                cwd=copy,
                capture_output=True,
                text=True,
                timeout=120,
                stdin=subprocess.DEVNULL,
            )
            if ran.returncode:
                yield (
                    f"status {ran.returncode}: {block.strip().splitlines()[0]} ...:"
                    f" {ran.stderr.strip()[-300:]}"
                )


PROOFS = (
    generated,
    steps_and_checks,
    solution_full,
    skeleton_untouched,
    steps_build_up,
    mutants_die,
    handout_runs,
)
