"""Who handed in what: the layouts of a class, those of learning platforms among them.

Moodle (mod/assign/classes/downloader.php, read): "Download all submissions" gives a directory
`FULLNAME_NUMBER_assignsubmission_file` for each student; older versions end it in `_`. With
"Download submissions in folders" off there are files `FULLNAME_NUMBER_assignsubmission_file_NAME`.
NUMBER is the participant's in this assignment (`Participant NUMBER` in the grading worksheet), not
the student's; underscores of the name are blanks. Text typed in the browser is
`..._assignsubmission_onlinetext`. Not verified: whether time stamps inside the zip are those of
handing in; they are not used.

Canvas (lib/content_zipper.rb, read): files `NAME[_LATE]_USER_ATTACHMENT_FILE`, NAME being last name
and first name as one word in small letters; `[LATE_]anon_CODE_ATTACHMENT_FILE` when grading is
anonymous; `..._text.html` and `..._link.html` for what is no file. A FILE handed in again has `-1`,
`-2` before its suffix (attachment.rb, make_unique_filename, read); only the files of the last
attempt are exported. There is no time, only LATE.
"""
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from autograder.printable import shown_name

from . import gradescope
from .archives import archive_in
from .directory import Loose
from .entry import DIRECTORY, FILE, Entry
from .names import archive_stem

MOODLE = re.compile(r"(.+?)_(\d+)_assignsubmission_(file|onlinetext)(?:_(.*))?", re.S)
CANVAS = re.compile(
    r"(?P<name>.+?)(?P<late>_LATE)?_(?P<user>\d+)_(?P<attachment>\d+)_(?P<file>.+)"
    r"|(?P<anonlate>LATE_)?(?P<anon>anon_\w+?)_(?P<anonattachment>\d+)_(?P<anonfile>.+)",
    re.S,
)
AGAIN = re.compile(r"-\d{1,3}(?=\.[^.]+$)")


@dataclass(frozen=True)
class Item:
    """One entry at the top of what the instructor gave."""

    name: str
    kind: str
    open: Callable[[], object]  # the source that a directory is
    entry: Entry  # what a file is


@dataclass(frozen=True)
class Handed:
    """One thing handed in, and what is told of its student."""

    source: str  # as the instructor named it
    open: Callable[[], object]
    name: str = ""
    number: str = ""  # that the platform gives, not the university
    sid: str = ""  # that the university gives
    email: str = ""
    submitted: str = ""
    fault: str = ""  # why it cannot be read at all


@dataclass
class Sorted:
    handed: list[Handed] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def left(self, item: Item, why="is no submission"):
        self.remarks.append(f"left out: `{shown_name(item.name)}` {why}")


def sort(items: list[Item], files: set[str]) -> Sorted:
    """Takes `items` for the export that their names show; `files`: what the labs ask for."""
    items = [i for i in items if not i.name.startswith(".") and i.name != "__MACOSX"]
    names = {item.name: item for item in items}
    flat = [item for item in items if item.kind == FILE]
    if gradescope.NAME in names:
        return _gradescope(items, names[gradescope.NAME])
    if any(MOODLE.fullmatch(item.name) for item in items):
        return _moodle(items)
    if flat and len(flat) == len(items) and 2 * sum(map(_canvas_name, flat)) > len(flat):
        return _canvas(items, files)
    return _plain(items)


def _canvas_name(item: Item) -> bool:
    return bool(CANVAS.fullmatch(item.name))


def _plain(items) -> Sorted:
    """STUDENT/, STUDENT.git/ and STUDENT.zip; anything else is a note of the instructor's."""
    found = Sorted()
    for item in items:
        stem = archive_stem(item.name)
        if item.kind == DIRECTORY:
            found.handed.append(Handed(item.name, item.open, item.name.removesuffix(".git")))
        elif item.kind == FILE and stem:
            found.handed.append(Handed(item.name, _archive(item), stem))
        elif item.kind == FILE:
            found.left(item)
        else:
            why = f"it is {item.kind}, which is not followed"
            found.handed.append(Handed(item.name, item.open, stem or item.name, fault=why))
    return found


def _archive(item: Item):
    return lambda: archive_in(item.entry, item.name)


def _moodle(items) -> Sorted:
    found, flat = Sorted(), defaultdict(list)
    for item in items:
        told = MOODLE.fullmatch(item.name)
        if not told or told[3] != "file" or item.kind not in (FILE, DIRECTORY):
            found.left(item, "is text typed in the browser" if told else "is no submission")
        elif item.kind == DIRECTORY:
            found.handed.append(Handed(item.name, item.open, told[1], told[2]))
        else:
            flat[told[1], told[2]].append((told[4] or item.name, item.entry))
    for (name, number), loose in flat.items():
        found.handed.append(_loose(f"{name}_{number}", loose, name=name, number=number))
    return found


def _loose(source: str, files, **told) -> Handed:
    return Handed(source, lambda: Loose(source, files), **told)


def _canvas(items, files) -> Sorted:
    found, flat, late = Sorted(), defaultdict(list), {}
    for item in items:
        told = CANVAS.fullmatch(item.name)
        if not told or (told["file"] or told["anonfile"]) in ("text.html", "link.html"):
            found.left(item)
            continue
        key = (told["name"], told["user"]) if told["user"] else (told["anon"], "")
        name = told["file"] or told["anonfile"]
        again = AGAIN.sub("", name)
        flat[key].append((again if again in files else name, item.entry))
        late[key] = bool(told["late"] or told["anonlate"])
    for (name, number), loose in flat.items():
        source = "_".join(filter(None, (name, number)))
        found.handed.append(_loose(source, loose, name=name, number=number))
        if late[name, number]:
            found.remarks.append(f"late, says Canvas: `{shown_name(source)}`")
    return found


def _gradescope(items, told: Item) -> Sorted:
    """A group's submission is one for each of its students."""
    found = Sorted()
    about = gradescope.metadata(told.entry.read(gradescope.MAX_METADATA))
    for item in items:
        if item is told:
            continue
        if item.name not in about or item.kind != DIRECTORY:
            found.left(item, f"is not in {gradescope.NAME}")
            continue
        found.handed += _group(item, about[item.name])
    missing = set(about) - {item.name for item in items}
    found.remarks += [
        f"missing: {shown_name(name)} of {gradescope.NAME}" for name in sorted(missing)
    ]
    return found


def _group(item: Item, told: dict) -> list[Handed]:
    """One for each of its students; without any, the directory's name must do."""
    return [
        Handed(item.name, item.open, submitted=told["submitted"], **person)
        for person in told["submitters"] or [{"name": item.name}]
    ]
