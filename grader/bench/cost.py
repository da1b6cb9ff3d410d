"""What a grading costs: seconds of wall time and of CPU, by who uses it."""
import contextlib
import os
import resource
import shutil
import tempfile
import time

from autograder import build, nursery
from autograder.engine import Grading
from autograder.machine import KIT

from . import timeline


def cpu(who) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


class Meter:
    """Seconds since it was made: wall time, CPU of this process, CPU of children that have ended."""

    def __init__(self):
        self._began, self._own = time.monotonic(), cpu(resource.RUSAGE_SELF)
        self._children = cpu(resource.RUSAGE_CHILDREN)

    def wall(self) -> float:
        return time.monotonic() - self._began

    def own(self) -> float:
        return cpu(resource.RUSAGE_SELF) - self._own

    def children(self) -> float:
        return cpu(resource.RUSAGE_CHILDREN) - self._children


@contextlib.contextmanager
def fresh(lab, tree="solutions"):
    """A copy of a lab's files, of which nothing has been built; that goes at the end too."""
    with tempfile.TemporaryDirectory(prefix="asynclab-bench-") as place:
        home = os.path.join(place, lab.name)
        shutil.copytree(KIT / tree / lab.name, home)
        try:
            yield place
        finally:
            shutil.rmtree(build.output_directory(KIT / home), ignore_errors=True)


def built(grading) -> dict:
    """Compiles all that a grading needs: seconds, and CPU seconds of the compilers."""
    meter = Meter()
    extra = {(c.program, flavour) for c in grading.checks for flavour in c.builds}
    grading.build({c.program for c in grading.checks}, grading.flavours, extra)
    return {"seconds": round(meter.wall(), 2), "cpu_seconds": round(meter.children(), 2)}


def graded(grading) -> dict:
    """Runs a grading. Its CPU seconds: `grader` is this process; `controls` the spinner and the sleeper
    of its windows, and what it starts to look at the machine; `boxes` the rest: programs and boxes.
    """
    nursery.NURSERY.close()
    meter = Meter()
    result = grading.run()
    seconds, controls = meter.wall(), meter.children()
    nursery.NURSERY.close()  # so that all boxes count
    found = timeline.spans(result)
    parts = {"grader": meter.own(), "controls": controls, "boxes": meter.children() - controls}
    path = timeline.critical_path(found)
    return {
        "score": result.score,
        "max_score": result.max_score,
        "seconds": round(seconds, 2),
        "cpu_seconds": {name: round(value, 2) for name, value in parts.items()},
        "critical_path": [span.id for span in path],
        "critical_seconds": round(sum(span.own for span in path), 2),
        "checks": [span.as_json() for span in found],
    }, found


def of_lab(lab, anew=True, tree="solutions"):
    """(what goes into the JSON, the spans of the checks). `anew`: compiles a copy from nothing; else
    what is built is taken, and only the checks are measured."""
    with fresh(lab, tree) if anew else contextlib.nullcontext(tree) as place:
        compiled = built(Grading(lab, place))
        told, found = graded(Grading(lab, place))
    return {"lab": lab.name, "build": compiled if anew else None, **told}, found
