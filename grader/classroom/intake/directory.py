"""Directories as instructors collect them. Every step down is openat(2) with O_NOFOLLOW from a
descriptor that is held open, so that no link is followed, not even one made in the meantime."""
import itertools
import os
import stat

from autograder.printable import shown_name

from .entry import DIRECTORY, FILE, MAX_ENTRIES, Entry, Refused

OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
DEPTH = 8  # directories below a student's own
KINDS = {stat.S_IFLNK: "a symbolic link", stat.S_IFIFO: "a fifo", stat.S_IFSOCK: "a socket"}


def kind_of(mode: int) -> str:
    if stat.S_ISREG(mode):
        return FILE
    return DIRECTORY if stat.S_ISDIR(mode) else KINDS.get(stat.S_IFMT(mode), "a device")


def read_regular(fd: int, name: str, most: int) -> bytes:
    """The first `most` bytes of the regular file `name` of the directory `fd`."""
    file = os.open(name, OPEN | os.O_NONBLOCK | os.O_NOCTTY, dir_fd=fd)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise Refused(f"`{shown_name(name)}` is not a regular file")
        parts = []
        while most > 0 and (part := os.read(file, min(most, 1 << 16))):
            parts.append(part)
            most -= len(part)
        return b"".join(parts)
    finally:
        os.close(file)


def listed(fd: int, most=MAX_ENTRIES) -> list[tuple[str, str]]:
    """(name, kind) of what a directory holds, by name; `fd` may be listed again."""
    with os.scandir(fd) as found:
        items = list(itertools.islice(found, most + 1))
        if len(items) > most:
            raise Refused(f"a directory of it holds more than {most:,} entries")
        return sorted((i.name, kind_of(i.stat(follow_symlinks=False).st_mode)) for i in items)


class Directory:
    """A directory; hidden ones below it, such as .git, are named but not entered."""

    strict = False  # a link elsewhere in a clone is no fault; it is just never followed

    def __init__(self, parent: int, name: str):
        self._parent, self.name = parent, name

    def entries(self):
        yield from self._below(self._parent, self.name, "", 0)

    def _below(self, parent: int, name: str, prefix: str, depth: int):
        fd = os.open(name, OPEN | os.O_DIRECTORY, dir_fd=parent)
        try:
            for item, kind in listed(fd):
                if kind == DIRECTORY and not item.startswith(".") and depth < DEPTH:
                    yield from self._below(fd, item, f"{prefix}{item}/", depth + 1)
                else:
                    yield Entry(prefix + item, kind, Reader(fd, item))
        finally:
            os.close(fd)


class Reader:
    def __init__(self, fd: int, name: str):
        self._fd, self._name = fd, name

    def __call__(self, most: int) -> bytes:
        return read_regular(self._fd, self._name, most)


class Loose:
    """Files that an export laid side by side: [(name in the submission, entry)]."""

    strict = False

    def __init__(self, name: str, files):
        self.name, self._files = name, files

    def entries(self):
        for name, entry in self._files:
            yield Entry(name, entry.kind, entry.read)
