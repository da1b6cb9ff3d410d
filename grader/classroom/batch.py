"""Grades a class: `grader/lab class SUBMISSIONS --out DIR`.

Exit status: 0 every submission has a verdict, 1 some could not be judged or the results cannot be
kept, 2 wrong usage, 130 stopped."""
import contextlib
import pathlib
import signal
from dataclasses import dataclass

from autograder import isolation
from autograder.labs import UsageError
from autograder.report_terminal import console

from . import book, course, fingerprint, intake, job, plan, record, slots
from .journal import CannotWrite, Journal
from .progress import Progress
from .workers import Abandoned, Workers


@dataclass(frozen=True)
class Options:
    """The command line."""

    submissions: str
    out: str
    lab: str = ""
    roster: str = ""
    course: str = ""
    jobs: int = 0
    resume: bool = False
    regrade: tuple[str, ...] = ()
    scheduler: str = ""
    trust: bool = False


def run(options: Options) -> int:
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # under nohup(1) it goes on
            signal.signal(number, signal.default_int_handler)
    regrade = plan.parse_regrade(options.regrade)
    place = pathlib.Path(options.out)
    handed = intake.read(options.submissions, options.lab or None, options.roster or None)
    terms = course.load(options.course or None)
    trusted(options)
    try:
        with Journal(place, options.resume or bool(regrade)) as journal:
            plan.matched(regrade, handed.submissions, journal)
            return Batch(options, journal, handed, terms, regrade).run()
    except KeyboardInterrupt:
        console.print(
            (
                "\nstopped; what is done stays, and this goes on with the rest: "
                f"grader/lab class {options.submissions} --out {options.out} ... --resume"
            ),
            soft_wrap=True,
        )
        return 130
    except CannotWrite as error:
        console.print(f"error: {error}; what is done stays: make room, then --resume", style="red")
        return 1
    except Abandoned as error:
        console.print(f"error: {error}", style="red", soft_wrap=True)
        return 1


def trusted(options):
    """Refuses a machine that cannot keep programs in, unless told that they are trusted."""
    if options.scheduler:  # each of its machines answers for itself
        return
    level = isolation.closed_level()
    if not level.trusted_enough and not options.trust:
        raise UsageError(
            f"this machine cannot keep a submission in ({level.title}); `grader/lab doctor` says"
            " what is missing, --i-trust-these-submissions grades all the same"
        )


class Batch:
    """One run over a class."""

    def __init__(self, options: Options, journal: Journal, handed, terms, regrade):
        self.options, self.journal, self.handed = options, journal, handed
        self.terms, self.regrade = terms, regrade
        self.seed = journal.seed()
        self.deadline, self.unclear, self.same, self.cores = {}, [], {}, 0

    def run(self) -> int:
        console.print(self.handed.describe(), highlight=False, soft_wrap=True)
        for remark in self.handed.remarks:
            console.print(f"  {remark}", highlight=False, markup=False, soft_wrap=True)
        todo = plan.make(self.handed.submissions, self.journal, self.regrade)
        if todo.done:
            console.print(f"{todo.done} are done already", highlight=False)
        for told in todo.ready:
            self.journal.write(told)
        with Progress(console, sum(1 + len(same) for _, same in todo.jobs)) as self.progress:
            if todo.jobs:
                self.grade(todo.jobs)
        return book.close(self.journal, self.handed, self.terms, self.progress, self.cores, console)

    def workers(self):
        if self.options.scheduler:
            from .cluster import Cluster

            return Cluster(self.options.scheduler, self.progress.heard, console.print)
        jobs = self.options.jobs or len(slots.cores())
        return Workers(jobs, self.progress.heard)

    def grade(self, groups):
        with contextlib.ExitStack() as stack:
            workers = stack.enter_context(self.workers())
            self.cores = workers.jobs
            good = self.preflight(workers, sorted({one.lab for one, _ in groups}))
            jobs = []
            for one, same in groups:
                if one.lab in good:
                    made = job.of(one, self.seed)
                    self.same[made["lab"], made["digest"]] = (one, same)
                    jobs.append(made)
                else:
                    self.cannot(one, same)
            self.progress.begin()
            for made, told in workers.grade(jobs, self.deadline):
                self.settle(made, told)
            for made, told in workers.alone(self.unclear, self.deadline):
                self.keep(made, told)

    def preflight(self, workers, names) -> set[str]:
        """The labs that can be judged here; the others' reasons are kept in self.trouble."""
        self.trouble = {}
        for name in names:
            first = f"lab {name[:2]}: first its reference solution, which must get full marks here"
            console.print(first, highlight=False, soft_wrap=True)
            found, self.deadline[name] = workers.prepare(name, self.seed)
            if found:
                self.trouble[name] = found
                console.print(f"lab {name[:2]} cannot be judged: {found[1]}", markup=False)
        return set(names) - set(self.trouble)

    def cannot(self, one, same):
        told = record.not_run(one.lab, *self.trouble[one.lab])
        self.same[one.lab, one.digest] = (one, same)
        self.keep({"student": one.student, "lab": one.lab, "digest": one.digest}, told)

    def settle(self, made, told):
        """Keeps a record, or puts it by for one more try when nothing else runs."""
        if record.deserves_another_try(told) and "before" not in made:
            self.unclear.append(job.again(made, told))
        else:
            self.keep(made, told)

    def keep(self, made, told):
        """The record goes to the journal, for all who handed in the same."""
        one, same = self.same[made["lab"], made["digest"]]
        kit = fingerprint.of_kit(one.lab[:2])
        first = record.stamped(told, one, kit)
        self.journal.write(first)
        for other in same:
            self.journal.write(record.stamped(told, other, kit, same_as=one.student))
        self.progress.over(made, told, len(same))
