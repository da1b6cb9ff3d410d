"""What the instructor gave: one directory, or one zip or tar of the whole class, as items."""
import os
import stat
import tempfile
from collections import defaultdict
from contextlib import ExitStack

from autograder.labs import UsageError
from autograder.printable import shown_name

from .archives import Archive
from .directory import OPEN, Directory, Reader, listed
from .entry import DIRECTORY, FILE, MAX_ARCHIVE, MIB, Entry, Refused
from .exports import CANVAS, MOODLE, Item
from .git import Commit, repository
from .gradescope import MAX_METADATA, NAME
from .names import archive_stem
from .take import components

MAX_MEMBERS = 200_000  # in the archive of a whole class
MAX_SPOOL = 4096 * MIB  # of it, unpacked
MAX_CLASS_LIST = 64 * MIB  # of a zip's list of files
CLASS_PATIENCE = 1800  # seconds


class Collection(ExitStack):
    """`items` and `remarks` of a class; a context, because files stay open in it."""

    def __init__(self, path):
        super().__init__()
        self.path, self.remarks = os.fspath(path), []
        try:
            mode = os.stat(self.path).st_mode
        except OSError as error:
            raise UsageError(f"there is no directory `{path}`: {error.strerror}") from None
        if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
            raise UsageError(f"`{path}` is neither a directory nor an archive")
        try:
            self.items = self._directory(self.path) if stat.S_ISDIR(mode) else self._archive()
        except (OSError, Refused) as error:
            self.close()
            raise UsageError(f"`{path}` cannot be read: {error}") from None

    def _directory(self, path: str) -> list[Item]:
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self.callback(os.close, fd)
        held = listed(fd, MAX_MEMBERS)
        if len(held) == 1 and held[0][1] == DIRECTORY and self._is_export(fd, held[0][0]):
            return self._directory(os.path.join(path, held[0][0]))
        return [
            Item(name, kind, Opener(fd, path, name), Entry(name, kind, Reader(fd, name)))
            for name, kind in held
        ]

    def _is_export(self, fd: int, name: str) -> bool:
        below = os.open(name, OPEN | os.O_DIRECTORY, dir_fd=fd)
        try:
            return wraps_export([name for name, _ in listed(below, MAX_MEMBERS)])
        finally:
            os.close(below)

    def _archive(self) -> list[Item]:
        whole = Archive(
            self.path, lambda: open(self.path, "rb"), MAX_CLASS_LIST, MAX_SPOOL, CLASS_PATIENCE
        )
        spooled = self._spool(whole)
        tops = {parts[0] for parts, _ in spooled if len(parts) > 1}
        if len(tops) == 1 and all(len(parts) > 1 for parts, _ in spooled):
            below = [(parts[1:], entry) for parts, entry in spooled]
            if wraps_export([p[0] for p, _ in below]) or all(_student(p) for p, _ in below):
                spooled = below
        return grouped(spooled)

    def _spool(self, whole: Archive) -> list[tuple[tuple[str, ...], Entry]]:
        """Every entry of the archive of a class, its bytes in a file without a name."""
        spool = self.enter_context(tempfile.TemporaryFile(prefix="asynclab-class-"))
        found = []
        for entry in whole.entries():
            parts = _harmless(entry.path)
            if not parts:
                self.remarks.append(f"left out: `{shown_name(entry.path)}` leads elsewhere")
                continue
            data = entry.read(_most(parts)) if entry.kind == FILE else b""
            kept = Kept(spool.fileno(), spool.tell(), len(data))
            spool.write(data)
            found.append((parts, Entry("/".join(parts), entry.kind, kept)))
            if len(found) > MAX_MEMBERS or spool.tell() > MAX_SPOOL:
                raise Refused(f"it holds more than {MAX_MEMBERS:,} files or {MAX_SPOOL // MIB} MiB")
        spool.flush()
        return found


def _most(parts) -> int:
    return MAX_METADATA if parts[-1] == NAME else MAX_ARCHIVE + 1


def _harmless(path: str) -> tuple[str, ...]:
    try:
        return components(path)
    except Refused:
        return ()


def _student(parts: tuple[str, ...]) -> bool:
    """Whether a path below the only directory of an archive looks like a student's archive."""
    return len(parts) == 1 and bool(archive_stem(parts[0]))


def wraps_export(names: list[str]) -> bool:
    shown = [name for name in names if not name.startswith(".")]
    return NAME in shown or any(MOODLE.fullmatch(n) or CANVAS.fullmatch(n) for n in shown)


def grouped(spooled) -> list[Item]:
    """The items of an archive of a class: its entries by their first component."""
    below, items = defaultdict(list), []
    for parts, entry in spooled:
        if len(parts) > 1 or entry.kind == DIRECTORY:
            rest = Entry("/".join(parts[1:]), entry.kind, entry.read)
            below[parts[0]] += [rest] if rest.path else []
        else:
            items.append(Item(parts[0], entry.kind, lambda: None, entry))
    for name, entries in below.items():
        items.append(Item(name, DIRECTORY, Below(name, entries), Entry(name, DIRECTORY)))
    return sorted(items, key=lambda item: item.name)


class Opener:
    """Opens a student's directory: its files, or the last commit where there are none."""

    def __init__(self, fd: int, path: str, name: str):
        self._fd, self._path, self._name = fd, path, name

    def __call__(self):
        if where := repository(self._fd, self._name):
            return Commit(os.path.join(self._path, where), self._name)
        return Directory(self._fd, self._name)


class Kept:
    """Bytes of the spool."""

    def __init__(self, fd: int, offset: int, size: int):
        self._fd, self._offset, self._size = fd, offset, size

    def __call__(self, most: int) -> bytes:
        return os.pread(self._fd, min(most, self._size), self._offset)


class Below:
    """A directory inside the archive of a class: the platform packed it, so it is an envelope."""

    strict = False

    def __init__(self, name: str, entries: list[Entry]):
        self.name, self._entries = name, entries

    def __call__(self):
        return self

    def entries(self):
        return iter(self._entries)
