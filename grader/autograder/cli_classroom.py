"""The commands about handing in, giving out, and grading those who did: each calls one function of the
package classroom, which is loaded only then."""
import sys

import click

from . import labs
from .command_line import tree_option
from .labs import UsageError


@click.command("class")
@click.argument("submissions")
@click.option("--out", required=True, metavar="DIR", help="results, gradebook and pages go there")
@click.option("--lab", default="", metavar="NN", help="what is handed in is all of this lab")
@click.option("--roster", default="", metavar="FILE", help="CSV: who is in the class")
@click.option("--course", default="", metavar="FILE", help="course.toml: weights, dates")
@click.option("--jobs", type=click.IntRange(0, 999), default=0, help="side by side [cores]")
@click.option("--resume", is_flag=True, help="go on with what an earlier run left")
@click.option(
    "--regrade", multiple=True, metavar="WHAT", help="student=ID, lab=NN, check=PATTERN, all"
)
@click.option("--scheduler", default="", metavar="tcp://HOST:PORT", help="on a Dask cluster")
@click.option(
    "--i-trust-these-submissions", "trust", is_flag=True, help="where no box is to be had"
)
def grade_class(**options):
    """Grade what a class handed in: SUBMISSIONS/STUDENT/NN-name/files, archives, exports.

    Exit status: 0 every submission has a verdict; 1 some could not be judged, or results cannot be
    written; 2 wrong usage, nothing was graded; 130 stopped by Ctrl-C or a signal."""
    from classroom import batch

    sys.exit(batch.run(batch.Options(**options)))


@click.command()
@click.argument("scheduler", metavar="tcp://HOST:PORT")
@click.option("--jobs", type=click.IntRange(0, 999), default=0, help="workers here [cores]")
def worker(scheduler, jobs):
    """Grade for a class on another machine: a Dask worker for each core."""
    from classroom import cluster

    cluster.start(scheduler, jobs)


@click.command()
@click.argument("format", default="", metavar="FORMAT")
@click.argument("source", default="", metavar="SOURCE")
@click.option("--out", metavar="FILE", help="write there; a directory when there are many results")
@click.option("--course", metavar="FILE", help="course.toml: weights, lateness, hidden checks")
@click.option("--view", type=click.Choice(["student", "instructor"]), help="who will read it")
@click.option("--list", "listing", is_flag=True, help="the formats")
def export(format, source, out, course, view, listing):
    """Write SOURCE in the FORMAT of another grader: a result JSON, a record, or the directory of a
    class. `gradescope-zip` takes a lab instead and makes Gradescope's autograder for it."""
    from classroom.export import command

    if listing:
        return command.show_formats()
    if not source:
        raise UsageError("name a format and a source; `grader/lab export --list` lists the formats")
    sys.exit(command.run(format, source, out, course, view))


@click.command()
@click.argument("lab")
@tree_option
def submit(lab, tree):
    """Pack the files of LAB to hand them in: build/submit/NN-name.tar.gz."""
    from classroom import submit as submitting

    submitting.submit(labs.find(lab), tree)


@click.command()
@click.option("--labs", "chosen", default="", help='"01 02"; all without it')
@click.option("--reveal", default="", help="labs that are over: solved files of them may go out")
@click.option("--course", default="", metavar="FILE", help="course.toml: `hidden`, `hand_in`")
@click.option("--out", default="build/dist", show_default=True, metavar="DIR")
def dist(chosen, reveal, course, out):
    """Maintainers: the students' archive, and the proof that no answer is in it."""
    from classroom import dist as giving_out

    sys.exit(giving_out.make(chosen, reveal, course, out))


COMMANDS = (grade_class, worker, export, submit, dist)
