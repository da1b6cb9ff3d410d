"""The score model: what every format shows, from one record, in whole hundredths of a point.

A record counts a lab's points as integers. The course's weight turns them into hundredths here and
nowhere else, so that all formats agree, and the lines of a sheet sum up to its total exactly."""
from dataclasses import dataclass, replace

from autograder import labs
from autograder.labs import UsageError
from autograder.printable import printable, shortened

from . import course as courses
from . import view as views
from .points import number, spread

SCHEMA = "asynclab/result/v1"
SHOWN = 16_000  # characters of a text that are handed on
SENTENCE = 2_000
STATES = {"passed": True, "failed": False, "not_run": False, "cannot_judge": None}


@dataclass(frozen=True)
class Line:
    """One check; or all hidden ones, in a student's view. Points in hundredths, None: not judged."""

    id: str
    title: str
    step: str
    outcome: str
    verdict: str = ""
    score: int | None = None
    maximum: int | None = None
    saw: str = ""
    means: str = ""
    read: str = ""
    transcript: str = ""
    seconds: float = 0.0
    hidden: bool = False

    @property
    def passed(self) -> bool | None:
        return STATES[self.outcome]

    @property
    def text(self) -> str:
        """What was seen, what it means, what to read."""
        read = f"read: {self.read}" if self.read else ""
        return "\n".join(filter(None, (self.saw, self.means, read)))


@dataclass(frozen=True)
class Sheet:
    """`raw` is what was earned, `penalty` what lateness takes of it, `score` what is left."""

    record: dict
    course: courses.Course
    lines: tuple[Line, ...]
    raw: int | None
    penalty: int | None
    maximum: int
    days_late: int = 0

    @property
    def score(self) -> int | None:
        return None if self.raw is None else self.raw - self.penalty

    @property
    def student(self) -> str:
        return printable(self.record.get("student", ""))

    @property
    def shown(self) -> str:
        return printable(self.record.get("shown", "")) or self.student

    @property
    def lab(self) -> str:
        return self.record["lab"]

    @property
    def verdict(self) -> str:
        return printable(self.record["verdict"])

    @property
    def summary(self) -> str:
        """What is told of the whole, a sentence a line."""
        told = [printable(shortened(self.record.get("sentence", ""), SENTENCE))]
        if self.score is None:
            told.append(f"{self.verdict}: this could not be judged; it is no grade, grade it again")
        if self.days_late:
            percent = self.course.late.percent_off(self.days_late)
            told.append(f"late: {self.days_late} started day(s), {percent} % off")
        return "\n".join(filter(None, told))

    def late_lines(self) -> tuple[Line, ...]:
        """The lines with the penalty taken off each in proportion: they sum up to `score`."""
        if not self.penalty:
            return self.lines
        shares = spread([line.score or 0 for line in self.lines], self.score)
        return tuple(
            line if line.score is None else replace(line, score=share)
            for line, share in zip(self.lines, shares)
        )


def make(record: dict, course=courses.Course(), view="instructor") -> Sheet:
    """The sheet of a record, or a UsageError when it is none."""
    try:
        return build(prepared(record), course, view)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        what = f"{type(error).__name__}: {error}"
        raise UsageError(f"this is no result of the kit ({what})") from None


def build(record, course, view) -> Sheet:
    maximum = course.weight(record["lab"]) * 100
    judged = record["score"] is not None and record["max_score"] > 0  # 0 of 0: nothing was judged
    lines = weighted(checks(record, course), maximum) if judged else unweighted(record, course)
    raw = earned(record, lines, maximum) if judged else None
    submitted = courses.moment(record.get("submitted", ""))
    days = course.late.days(course.due(record["lab"]), submitted)
    penalty = raw * course.late.percent_off(days) // 100 if judged else None
    if view == "student":
        record = views.for_student(record, course)
        lines = visible(lines, {line.id: line for line in checks(record, course)})
    return Sheet(record, course, tuple(lines), raw, penalty, maximum, days)


def earned(record, lines, maximum) -> int:
    """The points of the lines; of the record itself where it was graded without running checks."""
    if sum(line.maximum or 0 for line in lines) == maximum:
        return sum(line.score or 0 for line in lines)
    return record["score"] * maximum // record["max_score"]


def visible(lines, seen) -> list[Line]:
    """The lines with the texts of a student's view, and one line for all that are hidden."""
    shown = [
        replace(seen[line.id], score=line.score, maximum=line.maximum)
        for line in lines
        if line.id in seen
    ]
    hidden = [line for line in lines if line.hidden]
    return shown + ([sum_of_hidden(hidden)] if hidden else [])


def prepared(record: dict) -> dict:
    """The record, with what a plain result lacks; the shape is tried in passing."""
    if record["schema"] != SCHEMA:
        raise ValueError(f"schema {record['schema']!r}, not {SCHEMA}")
    if record["lab"] not in {lab.name for lab in labs.all_labs()}:
        raise ValueError(f"no lab {record['lab']!r}")
    judged = record["score"] is not None and record["max_score"] > 0
    full = "OK" if record["score"] == record["max_score"] else "PARTIAL"
    return {"verdict": full if judged else "INCONCLUSIVE", **record}


def checks(record, course) -> list[Line]:
    """A line a check, in the lab's own points."""
    return [line(check, step["id"], course) for step in record["steps"] for check in step["checks"]]


def line(check, step, course) -> Line:
    neutral = check["outcome"] == "cannot_judge" or check["score"] is None
    return Line(
        check["id"],
        printable(check["title"]) or check["id"],
        step,
        check["outcome"],
        printable(check.get("verdict", "")),
        None if neutral else int(check["score"]),
        None if neutral else int(check["max_score"]),
        *(printable(shortened(check.get(key, ""), SHOWN)) for key in ("saw", "means", "read")),
        transcript=printable(shortened("\n".join(check.get("transcript", ())), SHOWN)),
        seconds=float(check.get("seconds", 0)),
        hidden=course.hides(check["id"]),
    )


def sum_of_hidden(hidden) -> Line:
    """The one line that a student sees of hidden checks."""
    counted = [line for line in hidden if line.maximum is not None]
    score, maximum = sum(line.score for line in counted), sum(line.maximum for line in counted)
    if not counted:
        return Line("hidden", "hidden checks: not judged", "hidden", "cannot_judge")
    title = f"hidden checks: {number(score)} of {number(maximum)} points"
    outcome = "passed" if score == maximum else "failed"
    return Line("hidden", title, "hidden", outcome, score=score, maximum=maximum)


def weighted(lines, maximum: int) -> list[Line]:
    """The lines in hundredths of the course's points. Rounded so that the sum is exact."""
    tops = iter(spread([line.maximum for line in lines if line.maximum is not None], maximum))
    return [line if line.maximum is None else scaled(line, next(tops)) for line in lines]


def scaled(line: Line, top: int) -> Line:
    return replace(line, score=top * line.score // (line.maximum or 1), maximum=top)


def unweighted(record, course) -> list[Line]:
    return [replace(line, score=None, maximum=None) for line in checks(record, course)]
