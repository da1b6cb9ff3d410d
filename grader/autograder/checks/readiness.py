"""What `readiness` prints, against what the kernel tells the grader; and are its words answers?"""
import functools
import json
import pathlib
import re
import subprocess
import sys

from ..failure import CannotJudge
from ..verdict import MECHANISM

SCRIPT = pathlib.Path(__file__).parents[1] / "kinds_here.py"
COLUMNS = ("select", "poll", "epoll", "io_uring")
CALLS = {
    "select": "?select,pselect6",
    "poll": "?poll,ppoll",
    "epoll": "?epoll_wait,epoll_pwait,?epoll_pwait2",
}


@functools.cache
def facts() -> dict[str, dict[str, str]]:
    """Kind -> column -> word, as this machine's kernel answers."""
    ran = subprocess.run([sys.executable, "-I", "-S", str(SCRIPT)], stdout=-1, check=True)
    return json.loads(ran.stdout)


def possible(bench):
    """Not where the program may not open the directory that is one of the kinds."""
    level = bench.policy.level
    if level.closed and not level.bubblewrap and not level.bare:
        raise CannotJudge(
            "Landlock lets a program open no directory but its own, and / is one of the kinds:"
            " `make doctor` says how to get namespaces"
        )


def table(run) -> dict[str, dict[str, str]]:
    """What the program printed, as facts() has it."""
    head, *rows = run.lines or [[]]
    if head != ["kind", *COLUMNS]:
        run.fail(
            f"the first line is `{' '.join(head)}`",
            f"the table begins with the line `kind {' '.join(COLUMNS)}`",
        )
    return {row[0]: dict(zip(COLUMNS, row[1:])) for row in rows}


def tells(bench, column, read):
    """Every word of a column is the kernel's answer."""
    possible(bench)
    with bench.run() as run:
        printed = table(run)
        for kind, words in facts().items():
            said, right = printed.get(kind, {}).get(column), words[column]
            if said is None:
                run.fail(f"the table has no word for {kind} in the column {column}", "", read)
            if said != right:
                run.fail(
                    f"{column} of {kind}: the program says `{said}`, the kernel says `{right}`",
                    MEANS.get((said, right), "the call's answer is not what is printed"),
                    read,
                )
        run.note(f"{len(facts())} kinds of descriptors are as the kernel says")


MEANS = {
    ("ready", "EPERM"): "epoll_ctl() refused this descriptor, which is no readiness: print errno",
    ("waits", "EPERM"): "epoll_ctl() refused this descriptor: print errno",
    ("ready", "waits"): "the call found nothing ready: its result was 0",
    ("waits", "ready"): "the call had something to tell: its result was above 0",
}


def has_asked(bench, column, read):
    """The call fails, by strace, whenever it is made: then every word must say so. What epoll
    refuses never gets as far as that call: there the refusals are counted."""
    possible(bench)
    inject = f"inject={CALLS[column]}:error=ENOMEM"
    with bench.run(trace=["-e", f"trace={CALLS[column]},epoll_ctl", "-e", inject]) as run:
        run.note(f"{CALLS[column]} fails with ENOMEM whenever it is called")
        refused = 0
        for kind, words in table(run).items():
            right = "EPERM" if facts().get(kind, {}).get(column) == "EPERM" else "ENOMEM"
            refused += right == "EPERM"
            if words.get(column) != right:
                run.fail(
                    (
                        f"{column} of {kind}: the program says `{words.get(column)}`, but the call"
                        f" failed with {right}"
                    ),
                    "the word is no answer of the call: it was not made, or its error is not told",
                    read,
                    MECHANISM,
                )
        made = len(re.findall(r"epoll_ctl\(.*= -1 EPERM", run.traced()))
        if made < refused:
            run.fail(
                f"{refused} kinds are said to be refused by epoll, but epoll_ctl() refused {made}",
                "the words are no answers of the call: it was not made",
                read,
                MECHANISM,
            )
