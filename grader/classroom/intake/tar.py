"""Reads a tar, packed by gzip, bzip2, xz or nothing, as a stream and within limits.

tarfile reads extended headers of any length into memory, and before Python 3.11.4 it has no
filters; so only its parser of one header block, TarInfo.frombuf, is used here. The formats are
described in tar(5) of libarchive: "POSIX ustar Archives", "Pax Interchange Format", "GNU Tar
Archives".
"""
import bz2
import io
import lzma
import re
import tarfile
import zlib

from .entry import DIRECTORY, FILE, MIB, Entry, Patience, Refused

BLOCK = 512
MAX_EXTENSION = 64 * 1024  # of an extended header: a path is at most 4,096 bytes long
KINDS = {
    tarfile.REGTYPE: FILE,
    tarfile.AREGTYPE: FILE,
    tarfile.CONTTYPE: FILE,
    tarfile.DIRTYPE: DIRECTORY,
    tarfile.SYMTYPE: "a symbolic link",
    tarfile.LNKTYPE: "a hard link",
    tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device",
    tarfile.FIFOTYPE: "a fifo",
}
DAMAGED = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, tarfile.TarError)


class Inflate:
    """zlib's decompressor of gzip with the interface of those of bz2 and lzma."""

    def __init__(self):
        self._gzip, self._kept = zlib.decompressobj(wbits=31), b""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        given = self._gzip.decompress(self._kept + data, max_length)
        self._kept = self._gzip.unconsumed_tail
        return given

    eof = property(lambda self: self._gzip.eof)
    unused_data = property(lambda self: self._gzip.unused_data)
    needs_input = property(lambda self: not self._kept)


PACKERS = {
    b"\x1f\x8b": Inflate,
    b"BZh": bz2.BZ2Decompressor,
    b"\xfd7zXZ\0": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=96 * MIB),
}


class Unpacked:
    """The bytes of a packed stream, counted; never more than 64 KiB of them at a time."""

    def __init__(self, packed, most: int, patience: Patience):
        self._packed, self._left, self._most = packed, most, most
        self._patience = patience
        head = packed.read(6)
        packed.seek(-len(head), io.SEEK_CUR)
        makers = [maker for magic, maker in PACKERS.items() if head.startswith(magic)]
        self._make = makers[0] if makers else None
        self._packer = self._make() if self._make else None
        self._buffer = b""

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes, at most 64 KiB; fewer only at the end."""
        self._patience.check()
        while len(self._buffer) < size and (more := self._more()):
            self._buffer += more
            self._left -= len(more)
            if self._left < 0:
                raise Refused(f"it unpacks to more than {self._most // MIB} MiB")
        given, self._buffer = self._buffer[:size], self._buffer[size:]
        return given

    def _more(self) -> bytes:
        if not self._packer:
            return self._packed.read(1 << 16)
        while True:
            self._patience.check()
            if self._packer.eof:  # gzip, bzip2 and xz files may be several, one after the other
                rest = self._packer.unused_data.lstrip(b"\0") or self._packed.read(1 << 16)
                if not rest.strip(b"\0"):
                    return b""
                self._packer = self._make()
            else:
                rest = self._packed.read(1 << 14) if self._packer.needs_input else b""
                if not rest and self._packer.needs_input:
                    raise EOFError("it ends too early")
            if given := self._packer.decompress(rest, 1 << 16):
                return given


def tar_entries(packed, most: int, patience: Patience):
    """Yields the entries of a tar in their order. Raises Refused, or one of DAMAGED."""
    stream = Unpacked(packed, most, patience)
    told = {}
    while block := stream.read(BLOCK):
        if not block.strip(b"\0"):
            break
        header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        if header.type in (b"x", b"g", b"L", b"K", b"X"):
            told.update(_extension(stream, header))
            continue
        size = int(told.get("size", header.size)) if header.isreg() else 0
        if size < 0:
            raise tarfile.ReadError("a negative size")
        body = Body(stream, size)
        yield Entry(told.get("path", header.name), _kind(header, told), body.read)
        body.skip()
        told = {}
    while stream.read(1 << 16):  # to the end, where the checksum of the packed stream is
        pass


def _kind(header, told) -> str:
    if header.type == tarfile.GNUTYPE_SPARSE or any(k.startswith("GNU.sparse") for k in told):
        return "a sparse file"
    if header.isreg() and header.mode & 0o6000:
        return "a set-user-ID or set-group-ID file"
    return KINDS.get(header.type, "an entry of an unknown kind")


def _extension(stream, header) -> dict[str, str]:
    """What an extended header tells of the entry after it: `path` and `size` count here."""
    if not 0 <= header.size <= MAX_EXTENSION:
        raise Refused(f"an extended header of it is larger than {MAX_EXTENSION // 1024} KiB")
    body = Body(stream, header.size)
    text = body.read(MAX_EXTENSION)
    body.skip()
    if header.type == b"L":
        return {"path": text.split(b"\0")[0].decode("utf-8", "surrogateescape")}
    if header.type != b"x":
        return {}
    return {
        key.decode("utf-8", "replace"): value.decode("utf-8", "surrogateescape")
        for key, value in _records(text)
    }


def _records(text: bytes):
    """The records `LENGTH KEY=VALUE\\n` of a pax header."""
    while length := re.match(rb"(\d{1,6}) ", text):
        record, text = text[length.end() : int(length[1])], text[int(length[1]) :]
        if not record.endswith(b"\n") or b"=" not in record:
            raise tarfile.ReadError("a broken extended header")
        key, _, value = record[:-1].partition(b"=")
        yield key, value


class Body:
    """The bytes of one entry, with the padding after them."""

    def __init__(self, stream, size):
        self._stream, self._size, self._padding = stream, size, -size % BLOCK

    def read(self, most: int) -> bytes:
        parts = []
        while (size := min(most, self._size, 1 << 16)) > 0:
            parts.append(self._stream.read(size))
            if len(parts[-1]) < size:
                raise EOFError("it ends too early")
            self._size, most = self._size - size, most - size
        return b"".join(parts)

    def skip(self):
        while self._size > 0:
            self.read(1 << 16)
        self._stream.read(self._padding)
