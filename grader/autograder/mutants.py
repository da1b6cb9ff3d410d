"""Mutants: wrong servers, small variants of the solutions, each naming the check that must kill
it."""
import concurrent.futures
import shutil
from dataclasses import dataclass

from rich.table import Table

from . import build, isolation, labs
from .check import Check
from .engine import Grading
from .labs import Lab, UsageError
from .machine import KIT
from .report_terminal import SIGNS, console
from .result import FAILED, NOT_RUN, Result

AT_ONCE = 2  # mutants compiled and graded side by side: one for each core of a small machine


@dataclass(frozen=True)
class Mutant:
    """`edits`: (file, text that stands exactly once in it, its replacement)."""

    lab: Lab
    name: str
    why: str
    killed_by: str
    edits: tuple[tuple[str, str, str], ...]
    needs_network: bool = False  # its fault shows only in tiny buffers, so not in a plain process

    @property
    def hidden_here(self) -> bool:
        """True where this machine cannot show what is wrong with it."""
        return self.needs_network and not isolation.level().network

    def materialise(self):
        """Writes the mutated tree below build/mutants and returns its directory."""
        place = KIT / "build/mutants" / self.lab.name / self.name
        place.mkdir(parents=True, exist_ok=True)
        for name in self.lab.files:
            text = (KIT / "solutions" / self.lab.name / name).read_text()
            for file, find, replace in self.edits:
                if file == name:
                    text = self.edited(text, find, replace)
            if not (place / name).exists() or (place / name).read_text() != text:
                (place / name).write_text(text)
        return place

    def edited(self, text, find, replace):
        if text.count(find) != 1:
            raise UsageError(
                f"mutant {self.lab.number}/{self.name}: its text stands {text.count(find)} times in"
                f" the solution, must be once: {find.strip().splitlines()[0]!r}"
            )
        return text.replace(find, replace)

    def touches(self, check: Check) -> bool:
        """Can this mutant change what `check` sees? A file that is no other program's own can."""
        others = {name for name in self.lab.programs if name != check.program}
        return any(file.rsplit(".", 1)[0] not in others for file, _, _ in self.edits)

    def grade(self, only=(), seed="") -> Result:
        """Grades the mutant, by default with every check that it can change."""
        flavours = () if only else build.FLAVOURS  # one check needs one flavour, seldom both
        grading = Grading(
            self.lab, str(self.materialise()), only=only, seed=seed, flavours=flavours
        )
        grading.checks = [c for c in grading.checks if self.touches(c)]
        grading.result.outcomes = {c.id: grading.result.outcomes[c.id] for c in grading.checks}
        return grading.run()


def load(lab: Lab, include_hidden=False) -> list[Mutant]:
    """The mutants of a lab, without those whose fault this machine cannot show."""
    path = KIT / "grader/mutants" / f"{lab.name}.toml"
    told = labs.tomllib.loads(path.read_text())["mutant"] if path.exists() else []
    every = [
        Mutant(
            lab,
            m["name"],
            m["why"],
            m["killed_by"],
            tuple((e["file"], e["find"], e["replace"]) for e in m["edit"]),
            m.get("needs_network", False),
        )
        for m in told
    ]
    return [mutant for mutant in every if include_hidden or not mutant.hidden_here]


def matrix(chosen, only="") -> int:
    """Grades every mutant with every check and prints check x mutant; 1 when a mutant survives."""
    wrong = 0
    for lab in chosen:
        mutants = [m for m in load(lab) if only in m.name]
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            results = dict(zip(mutants, pool.map(Mutant.grade, mutants)))
        wrong += show(lab, results, complete=not only)
        shutil.rmtree(KIT / "build/mutants" / lab.name, ignore_errors=True)
    return 1 if wrong else 0


def show(lab, results: dict[Mutant, Result], complete) -> int:
    """Prints one lab's matrix; returns the survivors and the checks that kill nothing."""
    console.print(
        f"\n[bold]Lab {lab.number}[/]: {len(results)} mutants; {SIGNS[FAILED]} killed, "
        "a circled one by the check that it names"
    )
    checks = [c.id for c in Grading(lab, "solutions").checks]
    numbered = list(enumerate(results, start=1))
    columns = at_once(checks, len(numbered))
    for first in range(0, len(numbered), columns):
        console.print(part(checks, results, numbered[first : first + columns]))
    named = {m.killed_by for m in results}
    idle = [name for name in checks if complete and name not in named]
    killers = [killer(mutant, result) for mutant, result in results.items()]
    for number, (mutant, by) in enumerate(zip(results, killers), start=1):
        told = f"killed by {by}" if by else f"[red]SURVIVED[/] {mutant.killed_by}"
        before = f", before {mutant.killed_by} ran" if by not in ("", mutant.killed_by) else ""
        console.print(f"  [dim]{number:>2}[/] {mutant.name}: {mutant.why}  [dim]{told}{before}[/]")
    for name in idle:
        console.print(f"  [red]no mutant names[/] {name}")
    return killers.count("") + len(idle)


def killer(mutant, result: Result) -> str:
    """The check that killed it: the one that it names, or, where that was not run, what failed before;
    empty if nothing did. Alone the named check kills (test_mutants.py)."""
    named = result.outcomes.get(mutant.killed_by)
    if named and named.outcome == FAILED:
        return mutant.killed_by
    others = [name for name, o in result.outcomes.items() if o.outcome == FAILED]
    return others[0] if others and named and named.outcome == NOT_RUN else ""


def at_once(checks, mutants) -> int:
    """How many columns of the matrix fit beside the names of the checks."""
    width = len(str(mutants)) + 1
    return max(1, (console.width - max(map(len, checks)) - 1) // width)


def part(checks, results, columns) -> Table:
    """The matrix of some mutants, each with its number."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("", no_wrap=True, min_width=max(map(len, checks)))
    for number, _ in columns:
        table.add_column(f"{number}", no_wrap=True, min_width=len(str(number)))
    for name in checks:
        table.add_row(name, *(cell(name, mutant, results[mutant]) for _, mutant in columns))
    return table


def cell(name, mutant, result):
    outcome = result.outcomes.get(name)
    if outcome is None:
        return " "
    return (
        "[bold red]⊗[/]"
        if name == mutant.killed_by and outcome.outcome == FAILED
        else SIGNS[outcome.outcome]
    )
