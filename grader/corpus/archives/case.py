"""One archive of the corpus, its outcome, and how archives of any shape are packed."""
import io
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

REJECTED, ENTRY_REFUSED, TAKEN, NO_SUBMISSION = (
    "REJECTED",
    "ENTRY_REFUSED",
    "TAKEN",
    "NO_SUBMISSION",
)
ARCHIVES = {}


@dataclass(frozen=True)
class Case:
    name: str
    make: Callable[[dict[str, bytes]], bytes]
    suffix: str
    outcome: str
    words: str


def expect(suffix: str, outcome: str, words: str = ""):
    """Enters a generator with the outcome that its archive must have."""

    def entered(make):
        ARCHIVES[make.__name__] = Case(make.__name__, make, suffix, outcome, words)
        return make

    return entered


def zipped(files: dict[str, bytes], *more: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    """A zip of `files` and of more members, of any name and as often as they come."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (*files.items(), *more):
            archive.writestr(name, data)
    return made.getvalue()


def special(name: str, mode: int, data=b"") -> tuple[zipfile.ZipInfo, bytes]:
    """A member of a zip with the mode of Unix, such as that of a link."""
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, mode << 16
    return info, data


def tarred(files: dict[str, bytes], *more: tarfile.TarInfo, form=tarfile.GNU_FORMAT) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=form) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for info in more:
            archive.addfile(info, io.BytesIO(b"x" * info.size))
    return made.getvalue()


def member(name: str, kind=tarfile.REGTYPE, link="", mode=0o644, size=0) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode, info.size = kind, link, mode, size
    return info


def without(files, name=""):
    """All files but one, and the name of that."""
    name = name or next(iter(files))
    return {other: data for other, data in files.items() if other != name}, name
