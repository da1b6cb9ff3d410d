"""Grades a lab again whenever one of its files is saved: first the step at hand, then the rest."""
import time

from . import box, labs, report_terminal
from .cli import grade_one
from .report_terminal import console
from .result import FAILED, NOT_RUN


def watch(lab, tree):
    place = labs.source_directory(lab, tree)
    step, seen = "", None
    console.print(f"watching {place}; Ctrl-C ends")
    while True:
        now = stamps(lab, place)
        if now != seen:
            seen = now
            step = grade_saved(lab, tree, step)
        time.sleep(0.2)


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


def grade_saved(lab, tree, step) -> str:
    """Grades; returns the step at hand, the first that is not complete."""
    console.clear()
    console.print(f"[dim]{time.strftime('%H:%M:%S')} saved[/]")
    if step:
        result = grade_one(lab, tree, only=(step,))
        if result.score < result.max_score:
            report_terminal.show(result, box.level().title)
            return step
    result = grade_one(lab, tree)
    report_terminal.show(result, box.level().title)
    return next(
        (o.check.step for o in result.outcomes.values() if o.outcome in (FAILED, NOT_RUN)), ""
    )
