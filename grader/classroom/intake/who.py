"""Which student handed something in."""
from autograder.printable import shown_name

from .exports import Handed
from .names import safe_id
from .roster import Roster


def who(handed: Handed, roster: Roster | None, remarks: list[str]) -> tuple[str, str]:
    """(id, name to show) of the student. Whom the roster does not tell for sure keeps an id made of
    what the export says, and `remarks` gets a line about it."""
    if not roster:
        return unlisted(handed), handed.name
    found = roster.find(handed)
    if len(found) == 1:
        student = roster.students[found[0]]
        return student.id, student.name or handed.name
    stranger, what = unlisted(handed), f"`{shown_name(handed.source)}`"
    if stranger.casefold() in {student.casefold() for student in roster.students}:
        stranger = f"{stranger[:90]}-unlisted"
    if found:
        remarks.append(f"ambiguous: {what} may be {' or '.join(found)}; kept as {stranger}")
    else:
        remarks.append(f"not in the roster: {what}; kept as {stranger}")
    return stranger, handed.name


def unlisted(handed: Handed) -> str:
    """The university's id, an address, or the name with the platform's number."""
    told = handed.sid or handed.email or "_".join(filter(None, (handed.name, handed.number)))
    return safe_id(told or handed.source)
