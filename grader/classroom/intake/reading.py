"""From what was handed in to Submissions: who is meant, which labs, what is taken."""
from collections import Counter
from dataclasses import dataclass, replace

from autograder import labs as kit
from autograder.labs import Lab, UsageError
from autograder.printable import shown_name

from ..submission import Class, Submission
from . import exports
from .collection import Collection
from .entry import DIRECTORY, FILE, Refused
from .roster import Roster, read_roster
from .take import Survey, choose, lab_of, left_out, opened, take
from .who import who


@dataclass
class Opened:
    """One thing handed in, looked at once; or the reason why that was not possible."""

    handed: exports.Handed
    student: str
    shown: str
    survey: Survey | None = None
    refused: str = ""

    def for_lab(self, lab: Lab) -> Submission:
        """A submission of it, still without files."""
        return Submission(
            self.student,
            lab.name,
            shown=self.shown,
            source=shown_name(self.handed.source),
            submitted=self.handed.submitted,
            refused=self.refused,
        )


def read(path, lab=None, roster=None) -> Class:
    """All submissions in `path`, a directory or an archive of the class.

    lab     a Lab or what names one; None: directories are named after labs (STUDENT/NN-name)
    roster  path of a CSV file; None: everybody who handed in something is in the class
    """
    lab = kit.find(lab) if isinstance(lab, str) else lab
    every = kit.all_labs()
    known = read_roster(roster) if roster else None
    with Collection(path) as collection:
        return Reading(path, collection, every, lab, known).run()


class Reading:
    def __init__(self, path, collection, every: list[Lab], lab: Lab | None, roster: Roster | None):
        self.path, self.collection, self.every = path, collection, every
        self.lab, self.labs, self.roster = lab, [lab] if lab else every, roster
        self.remarks = list(collection.remarks)

    def run(self) -> Class:
        self._is_a_class(self.collection.items)
        files = {name for lab in self.labs for name in lab.files}
        found = exports.sort(self.collection.items, files)
        if not found.handed:
            raise UsageError(f"`{self.path}` holds no submission: {LAYOUTS}")
        self.remarks += found.remarks
        one_by_one = [self._open(handed) for handed in found.handed]
        labs = self._labs(one_by_one)
        taken = [self._take(one, lab) for one in one_by_one for lab in labs]
        submissions = self._once_each([one for one in taken if one])
        submissions += self._absent(submissions, labs)
        order = sorted(submissions, key=lambda one: (one.student, one.lab))
        ids = tuple(self.roster.students) if self.roster else ()
        return Class(tuple(order), tuple(self.remarks), ids)

    def _is_a_class(self, items):
        """Refuses a directory that is empty, or one student's own."""
        shown = [item for item in items if not item.name.startswith(".")]
        if not shown:
            raise UsageError(f"`{self.path}` is empty: {LAYOUTS}")
        names = {lab.name for lab in self.every}
        files = {name for lab in self.every for name in lab.files} | {"lab.toml"}
        for item in shown:
            if (item.kind == DIRECTORY and item.name in names | {"labs"}) or (
                item.kind == FILE and item.name in files
            ):
                raise UsageError(
                    f"`{self.path}` looks like the work of one student, it holds"
                    f" {shown_name(item.name)}: {LAYOUTS}"
                )

    # -- who -------------------------------------------------------------------------------------
    def _open(self, handed: exports.Handed) -> Opened:
        student, shown = who(handed, self.roster, self.remarks)
        one = Opened(handed, student, shown_name(shown), refused=handed.fault)
        if one.refused:
            return one
        try:
            one.survey = opened(handed.open(), self.labs)
        except Refused as reason:
            one.refused = str(reason)
        except Exception as error:  # the machine's fault or ours, never that of the others
            self._unreadable(one, error)
        return one

    def _unreadable(self, one: Opened, error: Exception):
        told = getattr(error, "strerror", "") or f"{type(error).__name__}: {error}"
        one.refused = f"it cannot be read here: {shown_name(told)}"
        self.remarks.append(f"error: `{shown_name(one.handed.source)}`: {one.refused}")

    # -- which labs ------------------------------------------------------------------------------
    def _labs(self, one_by_one) -> list[Lab]:
        """The lab asked for, or all that directories are named after."""
        if self.lab:
            return [self.lab]
        found = [
            lab
            for lab in self.labs
            if any(one.survey and named(one.survey, lab) for one in one_by_one)
        ]
        if not found:
            raise UsageError(
                f"`{self.path}` names no lab: give it with --lab, or name directories"
                f" STUDENT/{self.every[0].name}"
            )
        return found

    def _take(self, one: Opened, lab: Lab) -> Submission | None:
        """None for a lab of which there is no trace, when others are there."""
        made = one.for_lab(lab)
        if not one.survey:
            return made
        if not self.lab and not named(one.survey, lab) and self._holds_others(one.survey, lab):
            return None
        try:
            place = choose(one.survey, lab, anywhere=bool(self.lab))
            files = take(one.survey, lab, place) if place is not None else {}
        except Refused as reason:
            return replace(made, refused=str(reason))
        except Exception as error:
            self._unreadable(one, error)
            return replace(made, refused=one.refused)
        ignored = left_out(one.survey, lab, place)
        return replace(made, files=files, ignored=ignored)

    def _holds_others(self, survey, lab) -> bool:
        return any(named(survey, other) for other in self.every if other != lab)

    # -- one each --------------------------------------------------------------------------------
    def _once_each(self, submissions) -> list[Submission]:
        """Of two submissions of one student for one lab neither is taken: which is meant?"""
        times = Counter((one.student.casefold(), one.lab) for one in submissions)
        once = [one for one in submissions if times[one.student.casefold(), one.lab] == 1]
        for student, lab in (key for key, number in times.items() if number > 1):
            same = [o for o in submissions if (o.student.casefold(), o.lab) == (student, lab)]
            sources = "` and `".join(one.source for one in same)
            why = f"handed in {len(same)} times, as `{sources}`: which one is meant?"
            self.remarks.append(f"ambiguous: {same[0].student}, lab {lab[:2]}: {why}")
            once.append(replace(same[0], files={}, ignored=(), refused=why))
        return once

    def _absent(self, submissions, labs) -> list[Submission]:
        """Empty submissions for those of the roster who made none."""
        made = {(one.student, one.lab) for one in submissions}
        return [
            Submission(student.id, lab.name, shown=shown_name(student.name))
            for student in (self.roster.students.values() if self.roster else ())
            for lab in labs
            if (student.id, lab.name) not in made
        ]


def named(survey: Survey, lab: Lab) -> bool:
    """Whether something lies in a directory named after the lab."""
    return any(lab_of(path[:-1]) == lab.name for path in survey.paths)


LAYOUTS = (
    "a class is a directory of STUDENT/NN-name, with --lab also of STUDENT/ or STUDENT.zip, or an"
    " export of Moodle, Canvas or Gradescope"
)
