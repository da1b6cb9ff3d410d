"""Takes the files of a lab out of whatever holds them, and says what it left out.

Two passes: the first looks at every name and reads nothing, the second reads the files of one
place. The whole submission is refused for what only an attack or damage explains (a path that leads
outside, a link in an archive, more than the limits allow) and where two files claim to be the same.
What is merely not asked for, or badly named, is left out and listed.
"""
import functools
import re
from collections import Counter
from dataclasses import dataclass, field

from autograder.labs import all_labs
from autograder.printable import shown_name

from .archives import archive_inside
from .entry import (
    DIRECTORY,
    FILE,
    MAX_ALL,
    MAX_ENTRIES,
    MAX_FILE,
    MAX_FILES,
    MIB,
    Refused,
)
from .names import COMPONENT, archive_stem

GIVEN = ("README.md", "lab.toml")  # lie beside the lab's files in the kit itself
NOTES = 20  # entries named as left out; the rest is counted


@dataclass
class Survey:
    """What is there: paths of regular files, as tuples of components, and notes on the others."""

    source: object
    paths: list[tuple[str, ...]] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)  # in their order, each once
    archives: list[str] = field(default_factory=list)  # at the top


def survey(source, labs) -> Survey:
    """Looks at every entry of `source` once. Raises Refused."""
    seen, wanted = Survey(source), {name for lab in labs for name in lab.files}
    for count, entry in enumerate(source.entries(), start=1):
        if count > MAX_ENTRIES:
            raise Refused(f"it holds more than {MAX_ENTRIES:,} entries")
        parts = components(entry.path)
        _look_at(seen, entry, parts, wanted)
        if source.strict and len(seen.paths) + len(seen.notes) > MAX_FILES:
            raise Refused(f"it holds more than {MAX_FILES} files; hand in those of the lab alone")
    return seen


def components(path: str) -> tuple[str, ...]:
    """The components of a path that leads nowhere else. Raises Refused for any other path."""
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        raise Refused(f"`{shown_name(path)}` is an absolute path")
    parts = tuple(part for part in path.split("/") if part not in ("", "."))
    if ".." in parts:
        raise Refused(f"`{shown_name(path)}` leads outside of the archive")
    return parts


def _look_at(seen: Survey, entry, parts, wanted):
    shown = shown_name("/".join(parts))
    if entry.kind not in (FILE, DIRECTORY):
        if seen.source.strict or (parts and parts[-1] in wanted):
            raise Refused(f"`{shown}` is {entry.kind}; only plain files are taken")
        seen.notes[f"{shown}: {entry.kind}, not followed"] = None
    elif hidden := next((p for p in parts if p.startswith(".") or p == "__MACOSX"), ""):
        seen.notes[f"{shown_name(hidden)}: hidden, not looked at"] = None
    elif entry.kind == DIRECTORY:
        pass
    elif parts and not COMPONENT.fullmatch(parts[-1]):  # directories' names are never used
        if len(parts) == 1 and archive_stem(parts[0]):
            seen.archives.append(parts[0])  # it is never written anywhere: any name will do
        seen.notes[f"{shown}: {_flaw(parts[-1])}"] = None
    else:
        seen.paths.append(parts)
        if len(parts) == 1 and archive_stem(parts[0]):
            seen.archives.append(parts[0])


def _flaw(part: str) -> str:
    if len(part) > 100:
        return "a name longer than 100 characters"
    if part.startswith("-"):
        return "a name that begins with a dash"
    return "a name with other characters than letters, digits and ._+-"


def opened(source, labs) -> Survey:
    """The survey of `source`, or of the one archive that it holds instead of a lab's files: the
    directory then is only the envelope that a learning platform put around it."""
    seen = survey(source, labs)
    if source.strict or not seen.archives or any(places(seen, lab, True) for lab in labs):
        return seen
    if len(seen.archives) > 1:
        both = "` and `".join(map(shown_name, seen.archives[:2]))
        raise Refused(f"it holds several archives, `{both}`: which one is meant?")
    return survey(archive_inside(source, seen.archives[0]), labs)


def places(seen: Survey, lab, anywhere: bool) -> dict[tuple[str, ...], int]:
    """Directory -> how many of the lab's files lie in it. A directory named after another lab is
    not this lab's; with `anywhere` false only one named after this lab is."""
    found = Counter(path[:-1] for path in dict.fromkeys(seen.paths) if path[-1] in lab.files)
    named = {place: n for place, n in found.items() if lab_of(place) == lab.name}
    if named or not anywhere:
        return named
    return {place: n for place, n in found.items() if not lab_of(place)}


def lab_of(place: tuple[str, ...]) -> str:
    """The lab that the innermost directory with a lab's name is of; empty without one."""
    return next((part for part in reversed(place) if part in lab_names()), "")


@functools.cache
def lab_names() -> frozenset[str]:
    return frozenset(lab.name for lab in all_labs())


def choose(seen: Survey, lab, anywhere=True) -> tuple[str, ...] | None:
    """The directory that holds the lab: with the most of its files, then the least deep, labs/
    first. None when there is none; Refused when two are equally good."""
    found = places(seen, lab, anywhere)
    order = sorted(found, key=lambda place: _rank(place, found[place]))
    if len(order) > 1 and _rank(order[0], found[order[0]]) == _rank(order[1], found[order[1]]):
        both = "` and `".join(shown_name("/".join(place)) for place in order[:2])
        raise Refused(f"the files of lab {lab.number} lie in `{both}`: which one is meant?")
    return order[0] if order else None


def _rank(place, count):
    return -count, len(place) if place[-2:-1] != ("labs",) else 0


def take(seen: Survey, lab, place) -> dict[str, bytes]:
    """Reads the lab's files in `place`. Raises Refused, naming the file."""
    times, files = Counter(seen.paths), {}
    for name in lab.files:
        if times[place + (name,)] > 1:
            raise Refused(f"`{name}` is in it {times[place + (name,)]} times")
    for entry in seen.source.entries():
        parts = components(entry.path)
        if entry.kind != FILE or parts[:-1] != place or parts[-1] not in lab.files:
            continue
        files[parts[-1]] = data = entry.read(MAX_FILE + 1)
        if len(data) > MAX_FILE:
            raise Refused(f"`{parts[-1]}` is larger than {MAX_FILE // MIB} MiB")
        if sum(map(len, files.values())) > MAX_ALL:
            raise Refused(f"its files are larger than {MAX_ALL // MIB} MiB in all")
    for name in lab.files:
        if (name in files) != (times[place + (name,)] == 1):
            raise Refused(f"`{name}` changed while it was read")
    return {name: files[name] for name in lab.files if name in files}


def left_out(seen: Survey, lab, place) -> tuple[str, ...]:
    """What was not taken, a line each, but for the kit's own files and other labs'."""
    notes = []
    for path in dict.fromkeys(seen.paths):
        shown = shown_name("/".join(path))
        if (place is None or path[:-1] == place) and (twin := _twin(path[-1], lab)):
            notes.append(f"{shown}: not {twin}, the case of the letters differs")
        elif path[:-1] == place and path[-1] in (*lab.files, *GIVEN):
            continue
        elif lab_of(path[:-1]) in ("", lab.name):
            notes.append(f"{shown}: not asked for")
    notes += seen.notes
    more = [f"and {len(notes) - NOTES} more"] if len(notes) > NOTES else []
    return tuple(notes[:NOTES] + more)


def _twin(name: str, lab) -> str:
    """The file of the lab that `name` is but for the case of its letters."""
    if name in lab.files:
        return ""
    return next((file for file in lab.files if file.casefold() == name.casefold()), "")
