"""The command line. Exit status of `grade`: 0 full marks, 1 something failed, 2 wrong usage,
3 something cannot be judged on this machine."""
import pathlib
import sys

import click

from . import cli_classroom, isolation, labs, report_terminal
from .command_line import Kit, tree_option
from .engine import Grading
from .labs import UsageError
from .machine import KIT
from .report_terminal import console

RESULTS = KIT / "build/results"


@click.group(cls=Kit, context_settings={"help_option_names": ["-h", "--help"]})
def main():
    """Grades asynclab's labs by what the programs do."""


def parse_execs(lab, commands) -> dict[str, str]:
    """`--exec './prog {port}'` or `--exec threaded_echo='./prog {port}'` -> program: command."""
    execs = {}
    for command in commands:
        name, _, rest = command.partition("=")
        if name not in lab.programs:
            if len(lab.programs) > 1:
                raise UsageError(
                    f"lab {lab.number} has several programs: --exec PROGRAM='{command}', PROGRAM"
                    " being "
                    + " or ".join(lab.programs)
                )
            name, rest = lab.programs[0], command
        if "{port}" not in rest and name not in lab.serverless:
            raise UsageError(f"--exec '{rest}' does not say where the port goes: write {{port}}")
        execs[name] = rest.strip("'\"") if rest[:1] == rest[-1:] and rest[:1] in "'\"" else rest
    return execs


def where(tree, execs) -> str:
    return "exec" if execs else pathlib.Path(tree).name


def grade_one(lab, tree="labs", execs=None, only=(), seed="", json=None):
    """Grades one lab, keeping the result on disk as it grows; returns it."""
    kept = RESULTS / where(tree, execs) / f"{lab.name}.json"
    paths = [pathlib.Path(json)] if json else []
    if not only:
        paths.append(kept)

    def on_change(result):
        for path in paths:
            result.write(path)

    grading = Grading(lab, tree, execs, only, seed, on_change)
    if sys.stderr.isatty():
        click.echo(
            f"lab {lab.number}: compiling and running {len(grading.checks)} checks ...\r",
            err=True,
            nl=False,
        )
    result = grading.run()
    if sys.stderr.isatty():
        click.echo("\x1b[K", err=True, nl=False)
    return result


@main.command()
@click.argument("lab", default="")
@tree_option
@click.option(
    "--exec",
    "commands",
    multiple=True,
    metavar="[PROGRAM=]COMMAND",
    help="grade any program: its command line with {port} in it",
)
@click.option("--check", "only", multiple=True, metavar="ID", help="only this check, or this step")
@click.option("--json", metavar="FILE", help="also write the result there")
@click.option("--seed", default="", help="repeat the random payloads of an earlier run")
@click.option("--verbose", is_flag=True, help="every failure as fully as the first")
def grade(lab, tree, commands, only, json, seed, verbose):
    """Grade LAB (all labs without it)."""
    if not lab and (commands or only or json):
        raise UsageError("name the lab: --exec, --check and --json belong to one lab")
    chosen = [labs.find(lab)] if lab else labs.all_labs()
    if json and not pathlib.Path(json).resolve().parent.is_dir():
        raise UsageError(f"--json {json}: that directory does not exist")
    worst = []
    for one in chosen:
        result = grade_one(one, tree, parse_execs(one, commands), only, seed, json)
        report_terminal.show(result, isolation.level().title, verbose)
        worst.append(result.exit_status)
    sys.exit(next((status for status in (1, 3) if status in worst), 0))


@main.command()
@click.argument("lab", default="")
@tree_option
def hint(lab, tree):
    """The next step to write, where, and its hint."""
    from . import progress

    progress.hint([labs.find(lab)] if lab else labs.all_labs(), tree)


@main.command("progress")
def show_progress():
    """Where you stand in every lab, and the before/after card."""
    from . import progress

    progress.show()


@main.command()
@click.argument("lab")
@tree_option
def watch(lab, tree):
    """Grade LAB again whenever one of its files is saved (Ctrl-C ends)."""
    from . import watch as watching

    watching.watch(labs.find(lab), tree)


@main.command()
@click.argument("check_id", metavar="CHECK")
@click.option("--port", default=12345, show_default=True, help="where your server listens")
def play(check_id, port):
    """Run the clients of CHECK against a server that you have started, under gdb for example."""
    from . import play as playing

    sys.exit(playing.play(check_id, port))


@main.command()
@click.argument("lab")
def reset(lab):
    """Put the untouched skeleton of LAB back; what you wrote is kept in build/saved/."""
    from . import progress

    progress.reset(labs.find(lab))


@main.command()
def doctor():
    """What this machine can judge, what it cannot, and how to mend that."""
    from . import doctor as examining

    sys.exit(examining.examine())


@main.command()
def demo():
    """Grade all reference solutions, print the scoreboard and write build/report/."""
    from . import report_html

    results = []
    for lab in labs.all_labs():
        results.append(grade_one(lab, "solutions"))
        console.print(f"  lab {lab.number}  {lab.title:<64} {report_terminal.summary(results[-1])}")
    page = report_html.write(results, KIT / "build/report")
    console.print(f"\nscoreboard and every check: {page.relative_to(KIT)}")
    sys.exit(next((status for status in (1, 3) if status in [r.exit_status for r in results]), 0))


@main.command()
@click.argument("lab", default="")
def verify(lab):
    """Maintainers: labs, solutions, steps, checks and mutants belong together."""
    from . import verify as verifying

    sys.exit(verifying.verify([labs.find(lab)] if lab else labs.all_labs()))


@main.command()
@click.argument("lab", default="")
@click.option("--only", metavar="NAME", default="", help="only mutants whose name holds this")
def mutants(lab, only):
    """Maintainers: the matrix check x mutant; fails on a survivor."""
    from . import mutants as mutating

    sys.exit(mutating.matrix([labs.find(lab)] if lab else labs.all_labs(), only))


@main.command()
@click.argument("lab", default="")
@click.option("--rounds", default=50, show_default=True)
@click.option("--mutant-rounds", default=3, show_default=True)
@click.option("--jobs", default=1, show_default=True, help="gradings side by side")
def soak(lab, rounds, mutant_rounds, jobs):
    """Maintainers: grade again and again, idle, loaded and on one core; count wrong verdicts."""
    from . import soak as soaking

    sys.exit(
        soaking.soak([labs.find(lab)] if lab else labs.all_labs(), rounds, mutant_rounds, jobs)
    )


for command in cli_classroom.COMMANDS:
    main.add_command(command)
