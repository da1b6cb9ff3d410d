"""The roster: who is in the class. A CSV file with a header; its columns are found by name."""
import codecs
import csv
import io
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass

from autograder.labs import UsageError
from autograder.printable import shown_name

from .names import STUDENT

COLUMNS = {
    "id": "id studentid sid idnumber username login sisloginid sisuserid matriculationnumber",
    "name": "name fullname student studentname displayname",
    "first": "first firstname givenname",
    "last": "last lastname surname familyname",
    "email": "email emailaddress mail",
    "section": "section sections group",
    "key": "identifier participant canvasid userid",  # the number that an export uses
}
MAX_ROSTER = 16 << 20


@dataclass(frozen=True)
class Student:
    id: str
    name: str = ""
    email: str = ""
    section: str = ""
    key: str = ""  # "Participant 1234567" of Moodle's grading worksheet


class Roster:
    def __init__(self, students):
        self.students = {student.id: student for student in students}
        self._known = defaultdict(set)  # (what it is, folded) -> ids
        for student in students:
            for claim in claims(student):
                self._known[claim].add(student.id)

    def find(self, handed) -> list[str]:
        """The ids of the students that may be meant, the surest way first: one id is a match, none
        is a stranger, several are ambiguous. The number that a platform gives is never taken for
        a student's id: both may have seven digits."""
        for claim in (
            ("exact", handed.sid.casefold()),
            ("exact", handed.name.casefold()),
            ("email", handed.email.casefold()),
            ("email", handed.name.casefold()),
            ("key", fold(handed.number)),
            ("id", fold(handed.sid)),
            ("id", fold(handed.name)),
            ("name", fold(handed.name)),
            ("local", fold(handed.name)),
        ):
            if claim[1] and (found := self._known.get(claim)):
                return sorted(found)
        return []


def claims(student: Student):
    """All that may stand for a student. A name counts in any rotation of its words: platforms write
    `Doe, Jane`, `Jane Doe` and `doejane`."""
    yield "exact", student.id.casefold()
    yield "id", fold(student.id)
    yield "email", student.email.casefold()
    yield "local", fold(student.email.partition("@")[0])
    yield "key", fold(re.sub(r"(?i)^participant ", "", student.key))
    words = student.name.replace(",", " ").split()
    for first in range(len(words)):
        yield "name", fold("".join(words[first:] + words[:first]))


def fold(text: str) -> str:
    """Letters and digits alone, without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if c.isalnum())


def read_roster(path) -> Roster:
    """Raises UsageError, naming line and column, for what cannot be understood."""
    text = _decoded(path)
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    students, lines = [], {}
    try:
        columns = _columns(path, next(rows, []))
        for row in rows:
            if any(cell.strip() for cell in row):
                students.append(_student(path, rows.line_num, columns, row))
                _once(path, rows.line_num, students[-1].id, lines)
    except csv.Error as error:
        raise UsageError(f"{path}: line {rows.line_num}: {error}") from None
    if not students:
        raise UsageError(f"{path}: line 2: the roster names no student")
    return Roster(students)


def _read(path) -> bytes:
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_ROSTER + 1)
    except OSError as error:
        raise UsageError(f"the roster {path} cannot be read: {error.strerror}") from None
    if len(data) > MAX_ROSTER:
        raise UsageError(f"the roster {path} is larger than {MAX_ROSTER >> 20} MiB")
    return data


def _decoded(path) -> str:
    data = _read(path)
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))  # Excel: "Unicode Text"
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line, start = data.count(b"\n", 0, error.start) + 1, data.rfind(b"\n", 0, error.start) + 1
        raise UsageError(
            f"{path}: line {line}, byte {error.start - start + 1}: it is not UTF-8; save the"
            " roster as `CSV UTF-8`"
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise UsageError(f"{path}: line {line}: a NUL character; this is not a CSV file")
    return text


def _columns(path, header: list[str]) -> dict[str, int]:
    """Meaning -> position."""
    folded, found = [fold(cell) for cell in header], {}
    for meaning, names in COLUMNS.items():
        at = [folded.index(name) for name in names.split() if name in folded]
        if at:
            found[meaning] = at[0]
    if "id" not in found and "email" not in found:
        there = ", ".join(shown_name(cell) for cell in header) or "nothing"
        raise UsageError(
            f"{path}: line 1: there is no column `id` or `email`; the header names {there}"
        )
    return found


def _student(path, line: int, columns: dict[str, int], row: list[str]) -> Student:
    def cell(meaning):
        at = columns.get(meaning, len(row))
        return row[at].strip() if at < len(row) else ""

    name = cell("name") or f"{cell('first')} {cell('last')}".strip()
    given, column = cell("id") or cell("email"), "id" if "id" in columns else "email"
    if not STUDENT.fullmatch(given):
        raise UsageError(
            f"{path}: line {line}, column {columns[column] + 1}: `{shown_name(given)}` is no id: 1"
            " to 100 letters, digits and ._@+-, not beginning with . or -"
        )
    return Student(given, name, cell("email"), cell("section"), cell("key"))


def _once(path, line: int, student: str, lines: dict[str, int]):
    """Ids name directories, so they must differ where case does not count, too."""
    before = lines.setdefault(student.casefold(), line)
    if before != line:
        raise UsageError(f"{path}: line {line}, column id: `{student}` is on line {before} already")
