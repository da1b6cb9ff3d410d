"""course.toml: an instructor's weights, due dates, rule for lateness, and hidden checks.

    name = "Operating systems"
    hand_in = "Upload it at ..."           # where students hand in, told by `make submit`
    hidden = ["05.4/*", "*/racing_*"]      # fnmatch patterns on the ids of checks
    late = "none"                          # or the table below

    [late]
    grace_minutes = 15                     # before the first day starts
    percent_per_day = 10                   # of what was earned, for each day that has started
    maximum_percent = 50

    [lab.05]                               # the number or the name of a lab
    due = 2026-11-30T23:59:00Z             # with its offset: +01:00, or Z for UTC
    weight = 20                            # the points that the lab counts in the course

Every key may be left out: a lab weighs 100, nothing is late, nothing is hidden."""
import datetime
import fnmatch
import functools
import pathlib
import re
from dataclasses import dataclass, field

from autograder import labs, whitebox
from autograder.check import checks_of
from autograder.labs import UsageError

from .toml_reader import TomlReader

DAY = datetime.timedelta(days=1)
WEIGHT = 100
KEYS = {
    "": ("name", "hand_in", "hidden", "late", "lab"),
    "late": ("grace_minutes", "percent_per_day", "maximum_percent"),
    "lab": ("due", "weight"),
}


@dataclass(frozen=True)
class Late:
    """`grace`: how long after the due date nothing is late yet; then percent for each day begun."""

    grace: datetime.timedelta = datetime.timedelta(0)
    percent: int = 0
    maximum: int = 100

    def days(self, due, submitted) -> int:
        """Days that have started when the grace was over; 0 in time, or when a time is unknown."""
        if not self.percent or not due or not submitted or submitted <= due + self.grace:
            return 0
        return -((due + self.grace - submitted) // DAY)

    def percent_off(self, days: int) -> int:
        return min(days * self.percent, self.maximum)


@dataclass(frozen=True)
class Course:
    name: str = ""
    late: Late = Late()
    hidden: tuple[str, ...] = ()
    weights: dict[str, int] = field(default_factory=dict)  # lab's name -> points
    dues: dict[str, datetime.datetime] = field(default_factory=dict)
    hand_in: str = ""

    def weight(self, lab: str) -> int:
        return self.weights.get(lab, WEIGHT)

    def due(self, lab: str):
        return self.dues.get(lab)

    def hides(self, check: str) -> bool:
        return any(fnmatch.fnmatchcase(check, pattern) for pattern in self.hidden)


def moment(text: str):
    """The time that ISO 8601 `text` names, in UTC when it says nothing else; None when empty."""
    if not text:
        return None
    try:
        when = datetime.datetime.fromisoformat(re.sub(r"[Zz]$", "+00:00", text))
    except ValueError:
        raise UsageError(f"`{text[:60]}` is no time such as 2026-11-30T23:59:00Z") from None
    return when if when.tzinfo else when.replace(tzinfo=datetime.timezone.utc)


def load(path=None) -> Course:
    """Reads course.toml; without a path the course in which every lab weighs 100."""
    if not path:
        return Course()
    try:
        return Reader(path, pathlib.Path(path).read_text(encoding="utf-8"), KEYS).course()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {getattr(error, 'strerror', '') or error}") from None


class Reader(TomlReader):
    """Turns the text into a Course, or raises one UsageError that names the line."""

    def course(self) -> Course:
        self.known("", self.told)
        tables = self.get(self.told, "", "lab", dict, {})
        named = {label: self.get(tables, "lab", label, dict, {}) for label in tables}
        course = Course(
            self.get(self.told, "", "name", str, ""),
            self.late(),
            self.hidden(),
            {self.lab(label): self.weight(label, about) for label, about in named.items()},
            {self.lab(label): self.due(label, named[label]) for label in named},
            self.get(self.told, "", "hand_in", str, ""),
        )
        if len(course.weights) < len(named):
            self.wrong("lab", next(reversed(named)), "names a lab that another table names too")
        return course

    def lab(self, label: str) -> str:
        try:
            return labs.find(label).name
        except UsageError as error:
            self.wrong("lab", label, str(error))

    def weight(self, label, about) -> int:
        self.known(f"lab.{label}", about)
        return self.number(about, f"lab.{label}", "weight", WEIGHT, 1, 100_000)

    def due(self, label, about):
        due = self.get(about, f"lab.{label}", "due", datetime.datetime, None)
        if due and not due.tzinfo:
            self.wrong(f"lab.{label}", "due", "lacks its offset: add Z for UTC, or +01:00")
        return due

    def late(self) -> Late:
        told = self.told.get("late", "none")
        if told == "none":
            return Late()
        if not isinstance(told, dict):
            self.wrong("", "late", 'must be "none" or a table [late]')
        self.known("late", told)
        return Late(
            datetime.timedelta(minutes=self.number(told, "late", "grace_minutes", 0, 0, 10**6)),
            self.number(told, "late", "percent_per_day", 0, 0, 100),
            self.number(told, "late", "maximum_percent", 100, 0, 100),
        )

    def hidden(self) -> tuple[str, ...]:
        """The patterns. One that fits no check is a slip that would show what was to be hidden."""
        patterns = self.get(self.told, "", "hidden", list, [])
        for pattern in patterns:
            if not isinstance(pattern, str):
                self.wrong("", "hidden", f"holds {pattern!r}: it must be text")
            if not fnmatch.filter(every_check(), pattern):
                self.wrong("", "hidden", f"`{pattern}` fits no check of any lab", pattern)
        return tuple(patterns)


@functools.cache
def every_check() -> tuple[str, ...]:
    """The ids of the checks of all labs."""
    return tuple(
        check.id
        for lab in labs.all_labs()
        for check in checks_of(lab.number) + whitebox.checks(lab)
    )
