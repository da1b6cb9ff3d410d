"""Archives as students hand them in: zip and tar. Nothing is ever extracted; entries are listed,
and those that are taken are read into memory, counted.
"""
import contextlib
import dataclasses
import io
import stat
import struct
import zipfile

from autograder.printable import shown_name

from .entry import (
    DIRECTORY,
    FILE,
    MAX_ARCHIVE,
    MAX_STREAM,
    MIB,
    PATIENCE,
    Entry,
    Patience,
    Refused,
)
from .tar import DAMAGED, PACKERS, tar_entries

MAX_LIST = 512 * 1024  # bytes of a zip's central directory: 5,000 entries of 100 bytes
FOREIGN = {b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!\x1a\x07": "RAR"}
BROKEN = (
    *DAMAGED,
    zipfile.BadZipFile,
    struct.error,
    ArithmeticError,
    LookupError,
    RuntimeError,  # NotImplementedError is one
)


class Archive:
    """An archive, whatever its name ends in: what it is its first bytes tell."""

    strict = True  # what a student packed for us holds files and directories, or it is refused

    def __init__(
        self, name: str, load, most_list=MAX_LIST, most_stream=MAX_STREAM, patience=PATIENCE
    ):
        """`load` gives a binary file, anew each time: a class is not kept in memory."""
        self.name, self._load, self._patience = name, load, patience
        self._most_list, self._most_stream = most_list, most_stream

    def entries(self):
        with self._load() as file:
            head = file.read(512)
            file.seek(0)
            with self._damage_named():
                for entry in self._entries(file, head):
                    yield dataclasses.replace(entry, read=self._guarded(entry.read))

    def _guarded(self, read):
        def guarded(most):
            with self._damage_named():
                return read(most)

        return guarded

    @contextlib.contextmanager
    def _damage_named(self):
        try:
            yield
        except BROKEN as damage:
            told = shown_name(str(damage)) or type(damage).__name__
            raise Refused(f"`{shown_name(self.name)}` is damaged: {told}") from None

    def _entries(self, file, head: bytes):
        patience = Patience(self._patience)
        for magic, kind in FOREIGN.items():
            if head.startswith(magic):
                raise Refused(f"`{shown_name(self.name)}` is a {kind} archive; zip or tar is read")
        if head.startswith(b"PK"):
            return zip_entries(file, self._most_list, patience)
        if head[257:262] == b"ustar" or head.startswith(tuple(PACKERS)):
            return tar_entries(file, self._most_stream, patience)
        if not head.strip(b"\0"):  # no bytes, or the two blocks of zeros of an empty tar
            return iter(())
        raise Refused(f"`{shown_name(self.name)}` is not an archive: neither zip nor tar")


def archive_in(entry: Entry, name: str) -> Archive:
    """The archive that a file is. It is refused when it is opened and too large."""
    return Archive(name, lambda: loaded(entry, name))


def loaded(entry: Entry, name: str) -> io.BytesIO:
    data = entry.read(MAX_ARCHIVE + 1)
    if len(data) > MAX_ARCHIVE:
        raise Refused(f"`{shown_name(name)}` is larger than {MAX_ARCHIVE // MIB} MiB")
    return io.BytesIO(data)


def archive_inside(source, name: str) -> Archive:
    """The archive `name` at the top of a directory."""

    def load():
        for entry in source.entries():
            if entry.path == name and entry.kind == FILE:
                return loaded(entry, name)
        raise Refused(f"`{shown_name(name)}` is no longer there")

    return Archive(name, load)


class Bounded:
    """A file that gives few bytes at a time: zipfile reads a zip's whole list of files at once."""

    def __init__(self, file, most):
        self._file, self._most = file, most
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size=-1):
        given = self._file.read(self._most + 1 if size < 0 else min(size, self._most + 1))
        if len(given) > self._most:
            raise Refused(f"its list of files is larger than {self._most // 1024} KiB")
        return given


def zip_entries(file, most_list: int, patience: Patience):
    """Yields the entries of a zip; the one whose `read` is never called is never unpacked."""
    with zipfile.ZipFile(Bounded(file, most_list)) as archive:
        for member in archive.infolist():
            patience.check()
            name = member.orig_filename.replace("\\", "/")  # so some packers of Windows write it
            yield Entry(name, _kind(member, name), Member(archive, member, patience).read)


def _kind(member, name: str) -> str:
    mode = member.external_attr >> 16 if member.create_system == 3 else 0  # 3: Unix
    kind = stat.S_IFMT(mode)
    if kind == stat.S_IFLNK:
        return "a symbolic link"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "a fifo" if kind == stat.S_IFIFO else "a device"
    if name.endswith("/"):
        return DIRECTORY
    if mode & 0o6000:
        return "a set-user-ID or set-group-ID file"
    return "encrypted" if member.flag_bits & 0x2041 else FILE


class Member:
    """One member of a zip; only what every packer writes is unpacked: stored and deflated."""

    def __init__(self, archive, member, patience):
        self._archive, self._member, self._patience = archive, member, patience

    def read(self, most: int) -> bytes:
        if self._member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Refused(
                f"`{shown_name(self._member.orig_filename)}` is packed by method"
                f" {self._member.compress_type}; stored or deflated is read"
            )
        parts = []
        with self._archive.open(self._member) as opened:
            while most > 0 and (part := opened.read(min(most, 1 << 16))):
                parts.append(part)
                most -= len(part)
                self._patience.check()
        return b"".join(parts)
