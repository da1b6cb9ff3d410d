"""Gradebook CSV with nbgrader's columns, and the verdict.

Spreadsheets run a cell that begins like a formula: such a cell gets an apostrophe before it."""
import csv
import io

from autograder.printable import printable

from ..points import number

MANY, VIEW, SUFFIX = True, "instructor", ".csv"
COLUMNS = (
    "assignment duedate timestamp student_id last_name first_name email raw_score"
    " late_submission_penalty score max_score verdict"
).split()
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def text(sheets) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for sheet in sorted(sheets, key=lambda sheet: (sheet.lab, sheet.student)):
        writer.writerow(map(cell, row(sheet)))
    return out.getvalue()


def row(sheet):
    last, first = names(sheet.record.get("shown", "") or sheet.student)
    due = sheet.course.due(sheet.lab)
    return (
        sheet.lab,
        due.isoformat() if due else "",
        sheet.record.get("submitted", ""),
        sheet.record.get("student", ""),
        last,
        first,
        sheet.student if "@" in sheet.student else "",
        *map(number, (sheet.raw, sheet.penalty, sheet.score, sheet.maximum)),
        sheet.verdict,
    )


def cell(value):
    """A number as it is, nothing for None, and text that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return value
    return "'" + printable(value) if value.startswith(FORMULA) else printable(value)


def names(shown: str) -> tuple[str, str]:
    """(last, first) of `Last, First`; a name without a comma is not cut, for nobody can say where."""
    last, _, first = shown.partition(",")
    return last.strip(), first.strip()
