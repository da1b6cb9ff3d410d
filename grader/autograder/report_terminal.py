"""The report that a student reads: a line a step, then the first failure in focus."""
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table

from .failure import count
from .result import CANNOT_JUDGE, FAILED, NOT_RUN, PASSED, Outcome, Result

SIGNS = {
    PASSED: "[green]✔[/]",
    FAILED: "[red]✘[/]",
    NOT_RUN: "[dim]·[/]",
    CANNOT_JUDGE: "[yellow]?[/]",
}
console = Console(highlight=False, soft_wrap=True)  # a terminal folds lines, a log keeps them whole


def show(result: Result, where="", verbose=False):
    """Prints the whole report; `verbose`: every failure as fully as the first."""
    console.print(
        f"\n[bold]Lab {result.lab.number}[/]  {escape(result.lab.title)}"
        f"   [dim]{escape(result.tree)} · {where}[/]\n"
    )
    console.print(Padding(steps_table(result), (0, 2)))
    judged = [o for o in result.outcomes.values() if o.outcome in (FAILED, CANNOT_JUDGE)]
    failures = [o for o in judged if o.outcome == FAILED]
    unclear = [o for o in judged if o.outcome == CANNOT_JUDGE]
    begun = [o for o in result.outcomes.values() if o.outcome == NOT_RUN and o.transcript]
    for outcome in failures if verbose else (failures or begun)[:1]:
        focus(result, outcome)
    if not verbose:
        others(failures)
    not_run(result)
    for reason in dict.fromkeys(o.saw for o in unclear):
        names = ", ".join(o.check.id for o in unclear if o.saw == reason)
        everything = len(unclear) == len(result.outcomes)
        console.print(
            f"\n[yellow]cannot be judged here[/]: {escape(reason)}"
            + ("" if everything else f"\n  [dim]({names})[/]")
        )
    console.print(f"\n{summary(result)}\n")


def others(failures: list[Outcome]):
    """A line for each further failure; those with the reason of the first are only counted."""
    same = [o for o in failures[1:] if o.saw == failures[0].saw]
    if same:
        console.print(f"\n  [dim]and the same for {len(same)} more of these checks[/]")
    if rest := [o for o in failures[1:] if o not in same]:
        console.print("\n[bold]also[/]")
    for outcome in rest:
        console.print(
            f"  {SIGNS[FAILED]} {outcome.check.id}  [dim]{escape(outcome.saw.splitlines()[0])}[/]"
        )


def not_run(result: Result):
    """Why the checks with a dot were not run, a line for each reason."""
    reasons = [o.saw for o in result.outcomes.values() if o.outcome == NOT_RUN]
    for number, reason in enumerate(dict.fromkeys(reasons)):
        told = f"{count(reasons.count(reason), 'check')} {escape(reason)}"
        console.print(("" if number else "\n") + f"  {SIGNS[NOT_RUN]} [dim]{told}[/]")


def summary(result: Result) -> str:
    if result.max_score == 0:
        return (
            f"[bold yellow]not judged[/], neither for nor against   [dim]{result.seconds:.1f} s[/]"
        )
    colour = "green" if result.score == result.max_score else "bold"
    left_out = result.count(CANNOT_JUDGE)
    note = f", {count(left_out, 'check')} not judged" if left_out and result.max_score else ""
    if hidden := result.lab.hidden:
        note += f"; the instructor's hidden checks are worth {hidden} more"
    return (
        f"[{colour}]{result.score} of {result.max_score} points[/]{note}"
        f"   [dim]{result.seconds:.1f} s, seed {result.seed}[/]"
    )


def steps_table(result: Result) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for step in result.lab.steps:
        outcomes = result.of_step(step.id)
        if outcomes:
            table.add_row(
                step.id,
                step.title,
                "".join(SIGNS[o.outcome] for o in outcomes),
                f"{sum(o.score for o in outcomes):>3} / {sum(o.max_score for o in outcomes)}",
            )
    return table


def focus(result: Result, outcome: Outcome):
    """One failure: promise, saw, means, step, read, transcript, where, how to run it again."""
    step = result.lab.step(outcome.check.step)
    console.print()
    console.print(Rule(f"[bold]{outcome.check.id}[/]", align="left", style="red"))
    rows = [
        ("promise", outcome.check.promise),
        ("saw", outcome.saw),
        ("means", outcome.means),
        ("step", f"{step.id} {step.title}"),
        ("read", outcome.read),
    ]
    if outcome.todo == step.id:
        rows = [
            ("", outcome.saw),
            ("goal", outcome.means),
            ("where", outcome.read),
            ("then", outcome.check.promise),
        ]
    for name, text in rows:
        for number, line in enumerate(text.splitlines()):
            console.print(
                f"  [cyan]{name if not number else '':<8}[/] "
                + (f"[bold]{escape(line)}[/]" if name in ("saw", "") else escape(line))
            )
    if outcome.todo != step.id:
        evidence(result, outcome)


def evidence(result: Result, outcome: Outcome):
    for name, lines in (
        ("so far", numbered(outcome.transcript)),
        ("stuck", outcome.where),
        ("printed", outcome.words),
    ):
        for number, line in enumerate(lines):
            console.print(f"  [cyan]{name if not number else '':<8}[/] [dim]{escape(line)}[/]")
    console.print(f"  [cyan]alone[/]    {escape(outcome.replay)}")
    if outcome.transcript and outcome.check.program not in result.lab.serverless:
        console.print(
            f"  [cyan]gdb[/]      grader/lab play {outcome.check.id} --port 12345   "
            "[dim]while your server runs under gdb on that port[/]"
        )


def numbered(transcript: list[str]) -> list[str]:
    """The last twelve lines of a transcript, with their numbers."""
    lines = [f"{number:>2}. {line}" for number, line in enumerate(transcript, start=1)]
    return lines if len(lines) <= 12 else ["    ...", *lines[-12:]]
