"""What one student handed in for one lab, and the class of them, as the rest sees it."""
import functools
import hashlib
import json
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Submission:
    """Bytes in memory and printable names: nothing here points back into what was handed in.

    A submission without files and without a refusal is one that was never made (NO_SUBMISSION)."""

    student: str  # id of the student: [A-Za-z0-9._@+-]{1,100}; the name as given is in `shown`
    lab: str  # 05-epoll
    files: dict[str, bytes] = field(default_factory=dict)  # only those that lab.toml lists
    shown: str = ""  # name to show, printable
    source: str = ""  # archive or directory as the instructor named it, printable
    submitted: str = ""  # ISO 8601, UTC: 2026-10-31T22:59:00Z; "" when unknown
    ignored: tuple[str, ...] = ()  # entries left out, printable: "Makefile: not asked for"
    refused: str = ""  # why the whole submission is refused (REJECTED), printable, names the entry

    @functools.cached_property
    def digest(self) -> str:
        """The same, 64 hexadecimal digits, for the same files of the same lab (SHA-256)."""
        told = {name: hashlib.sha256(self.files[name]).hexdigest() for name in sorted(self.files)}
        return hashlib.sha256(json.dumps([self.lab, told]).encode()).hexdigest()


@dataclass(frozen=True)
class Class:
    submissions: tuple[Submission, ...]
    remarks: tuple[str, ...] = ()  # lines for the instructor, printable
    roster: tuple[str, ...] = ()  # ids

    def describe(self) -> str:
        """One line for the terminal."""
        made = [one for one in self.submissions if one.source]
        students = {one.student for one in made}
        labs = ", ".join(sorted({one.lab[:2] for one in self.submissions}))
        parts = [
            f"{_count(len(made), 'submission')} of {_count(len(students), 'student')} for"
            f" lab{'s' if ',' in labs else ''} {labs}"
        ]
        if refused := sum(bool(one.refused) for one in self.submissions):
            parts.append(f"{refused} refused")
        if self.roster:
            parts.append(f"{len(set(self.roster) - students)} of the roster without one")
        return "; ".join(parts)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("s" if number != 1 else "")
