"""Grades a lab again whenever one of its files is saved: first the step at hand, then the rest."""
import os
import time

from rich.markup import escape

from . import isolation, labs, report_terminal
from .build import FLAVOURS
from .cli import grade_one
from .engine import Grading
from .failure import count
from .report_terminal import SIGNS, console
from .result import FAILED, NOT_RUN, PASSED

PAUSE = 0.05  # seconds between two looks at the files


def watch(lab, tree):
    place, watched = labs.source_directory(lab, tree), Watched(lab, tree)
    seen = None
    while True:
        now = stamps(lab, place)
        if now != seen:
            what, seen = "saved" if seen else f"watching {place}; Ctrl-C ends", now
            watched.grade(what)
        time.sleep(PAUSE)


def stamps(lab, place):
    """Size and time of every file of the lab: editors replace files, so a name may be gone for a
    moment."""
    found = []
    for name in lab.files:
        try:
            status = (place / name).stat()
            found.append((status.st_mtime_ns, status.st_size))
        except OSError:
            found.append(None)
    return found


class Watched:
    """A lab, graded again and again. `step`: the one at hand, the first that is not complete. `used`:
    what each check ran the last time, so that it can be compiled while others still run."""

    def __init__(self, lab, tree):
        self.lab, self.tree = lab, tree
        self.step, self.used = "", {}

    def grade(self, what):
        """Grades, under a line that says `what` happened."""
        console.clear()
        console.print(f"[dim]{time.strftime('%H:%M:%S')} {what}[/]")
        if self.step:
            result = StepAtHand(self.lab, self.tree, self.step, self.used).grade()
            if result.score < result.max_score:
                return self.show(result)
        result = grade_one(self.lab, self.tree)
        self.show(result)
        left = [o for o in result.outcomes.values() if o.outcome in (FAILED, NOT_RUN)]
        self.step = left[0].check.step if left else ""

    def show(self, result):
        self.used |= {name: o.used for name, o in result.outcomes.items() if o.used}
        report_terminal.show(result, isolation.level().title)


class StepAtHand:
    """The checks of one step and what they need. Only what these use is compiled, and what is known is
    told at once: the first failure, or that all have passed."""

    def __init__(self, lab, tree, step, used):
        self.lab, self.tree, self.step, self.used = lab, tree, step, used
        self.saved, self.told = time.monotonic(), False

    def grade(self):
        every = {c.id: c for c in Grading(self.lab, self.tree).checks}
        wanted = needed(every, [c.id for c in every.values() if c.step == self.step])
        runs = dict.fromkeys(one for name in wanted for one in self.runs(every[name]))
        ahead = [*runs][: os.cpu_count()]
        result = Grading(
            self.lab, self.tree, only=wanted, flavours=(), ahead=ahead, on_change=self.failed
        ).run()
        if all(o.outcome == PASSED for o in result.outcomes.values()):
            self.tell(f"{SIGNS[PASSED]} step {self.step}: {count(len(wanted), 'check')} passed")
        return result

    def runs(self, check) -> list:
        """(program, flavour) that a check ran the last time; any if it has not run yet."""
        guess = [(check.program, f) for f in FLAVOURS if check.program in self.lab.programs]
        return sorted(self.used.get(check.id, guess))

    def failed(self, result):
        for outcome in result.outcomes.values():
            if outcome.outcome == FAILED and not self.told:
                self.told = True
                saw = escape(outcome.saw.splitlines()[0])
                self.tell(f"{SIGNS[FAILED]} {outcome.check.id}  {saw}")

    def tell(self, line):
        console.print(f"{line}  [dim]{time.monotonic() - self.saved:.1f} s after the save[/]")


def needed(every, names) -> list[str]:
    """`names` and all that stands below them."""
    found = dict.fromkeys(names)
    for name in names:
        found |= dict.fromkeys(needed(every, [n for n in every[name].needs if n in every]))
    return list(found)
