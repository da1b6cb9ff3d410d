"""The command line: what to measure, then tables, files and charts."""
import pathlib
import signal
import sys

import click
from autograder.labs import UsageError
from autograder.machine import KIT
from autograder.warden import end_all
from comparison import interrupt
from comparison.process import become_subreaper
from rich.console import Console

from . import contenders, cpu, files, http, load, machine, plans, present
from .arena import Arena
from .display import Display
from .measure import Window
from .results import Results
from .rounds import Rounds, plan

WIDTH = 120
STOPPED = 130


class Numbers(click.ParamType):
    """Whole numbers, by spaces or commas."""

    name = "numbers"

    def __init__(self, low, high):
        self.low, self.high = low, high

    def convert(self, value, param, context):
        words = value.replace(",", " ").split() if isinstance(value, str) else value
        if not all(str(w).isdigit() and self.low <= int(w) <= self.high for w in words):
            self.fail(f"{value!r}: whole numbers from {self.low:,} to {self.high:,}, please")
        return tuple(dict.fromkeys(int(word) for word in words))


def shared(command):
    """The options of all benches."""
    for option in (
        click.option("--full", is_flag=True, help="More points, longer windows, more rounds."),
        click.option(
            "--rounds", type=click.IntRange(1, 99), help="How often each point is measured."
        ),
        click.option("--seconds", type=click.FloatRange(0.05, 60), help="How long a window is."),
        click.option(
            "--only",
            default="",
            metavar="WORDS",
            help="Servers whose name or kind has one of these.",
        ),
        click.option(
            "--clients",
            type=Numbers(1, 60_000),
            default="",
            metavar="NUMBERS",
            help="How many at once.",
        ),
        click.option(
            "--size", type=Numbers(1, 1 << 24), default="", metavar="BYTES", help="Of a message."
        ),
        click.option(
            "--from",
            "tree",
            default="solutions",
            show_default=True,
            help="Where the labs' programs are.",
        ),
        click.option("--two-cpus", is_flag=True, help="Server and load on a CPU each."),
        click.option("--in-the-open", is_flag=True, help="No network namespace."),
        click.option("--out", type=pathlib.Path, help="Where the files go: build/bench/results/."),
    ):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDTH})
def bench():
    """Servers under load, side by side: requests a second, CPU, system calls and memory."""


@bench.command()
@shared
def architectures(**options):
    """The labs' servers, from 1 to 15,000 clients."""
    run("architectures", **options)


@bench.command()
@shared
def peers(**options):
    """The labs' epoll, io_uring and web servers beside other libraries'."""
    run("peers", **options)


@bench.command()
@click.argument("what", type=click.Choice(list(plans.GROWTH)))
@shared
def growth(what, **options):
    """How cost grows: CPU beside idle clients, memory by clients, start-up."""
    run(what, **options)


@bench.command()
@click.argument("results", type=click.Path(exists=True, dir_okay=False, path_type=pathlib.Path))
@click.option("--out", type=pathlib.Path, help="Where the files go: beside it.")
def show(results, out):
    """Tables, files and charts of an earlier results.json or rows.jsonl again."""
    present.present(console(), files.read(results), out or results.parent)


def run(what, tree, only, two_cpus, in_the_open, out, **wishes):
    wanted = plans.PLANS[what](**wishes)
    who = chosen(wanted.contenders(tree), only)
    if any(c.kind == contenders.ECHO for c in who) and not load.PROGRAM.exists():
        raise click.UsageError("there is no load generator yet: `make load` builds it")
    become_subreaper()
    cpu.remove_left()
    arena = Arena(two_cpus, not in_the_open)
    told = {"what": what, "rounds": wanted.rounds, "seconds": wanted.seconds, "complete": False}
    results = Results(machine.describe(arena), told)
    out = out or KIT / "build/bench/results" / what
    told["complete"] = measure_all(results, who, wanted, arena, out)
    present.present(console(), results, out)
    raise SystemExit(0 if told["complete"] else STOPPED)


def measure_all(results, who, wanted, arena, out) -> bool:
    """Returns whether it came to its end."""
    journal = files.Journal(out, results)
    turns = plan(who, wanted.points, wanted.rounds, wanted.counted)
    window = Window(wanted.seconds, connect=wanted.connect, give_up=wanted.give_up)
    try:
        with http.site(wanted.file_sizes) as root, Display(console()) as display:
            Rounds(turns, arena, window, root, journal.keep, display, wanted.peers).run()
        return True
    except KeyboardInterrupt:
        print("stopped; this is what there is", file=sys.stderr)
        return False
    finally:
        journal.close()
        end_all()
        cpu.remove_left()


def chosen(found, only: str):
    words = only.lower().split()
    picked = [c for c in found if not words or any(w in names(c) for w in words)]
    if not picked:
        raise click.UsageError(
            f"--only {only}: no such server; there are {', '.join(c.name for c in found)}"
        )
    return picked


def names(contender) -> str:
    return f"{contender.name} {contender.architecture} {contender.kind}".lower()


def console() -> Console:
    made = Console(highlight=False)
    made.width = max(made.width, WIDTH)
    return made


def main():
    """Wrong usage: one line, exit status 2."""
    interrupt.listen(signal.SIGTERM)
    try:
        bench.main(standalone_mode=False)
    except (click.ClickException, UsageError, ValueError) as wrong:
        told = wrong.format_message() if isinstance(wrong, click.ClickException) else str(wrong)
        print(f"error: {told}".splitlines()[0], file=sys.stderr)
        sys.exit(2)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(STOPPED)
