"""Hostile and broken archives, made when they are asked for, each with its expected outcome.

    for case in ARCHIVES.values():
        data = case.make({"blocking_echo.cpp": b"..."})  # handed in as STUDENT + case.suffix

`make` gets the files of a lab that the archive should hold, too: what is wrong is in the archive, not
in them. Outcomes:
    REJECTED       the whole submission is refused; the reason contains `words`
    ENTRY_REFUSED  the one entry is left out and listed with `words`; the files are taken
    TAKEN          nothing is wrong
    NO_SUBMISSION  there is nothing to grade
"""
import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

REJECTED, ENTRY_REFUSED, TAKEN, NO_SUBMISSION = (
    "REJECTED",
    "ENTRY_REFUSED",
    "TAKEN",
    "NO_SUBMISSION",
)
ARCHIVES = {}
BOMB = 300 << 20


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


# -- how they are packed -------------------------------------------------------------------------
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


# -- outside -------------------------------------------------------------------------------------
@expect(".zip", REJECTED, "`../../escaped.cpp` leads outside")
def zip_slip(files):
    """A member climbs out of the directory it would be extracted to."""
    return zipped(files, ("../../escaped.cpp", b"int main() {}"))


@expect(".zip", REJECTED, "`../../escaped.cpp` leads outside")
def zip_slip_with_backslashes(files):
    """The same as some packers of Windows spell it."""
    return zipped(files, ("..\\..\\escaped.cpp", b"int main() {}"))


@expect(".tar.gz", REJECTED, "`../escaped.cpp` leads outside")
def tar_slip(files):
    """A member of a tar climbs out."""
    return gzip.compress(tarred(files, member("../escaped.cpp")))


@expect(".zip", REJECTED, "`/tmp/asynclab-escaped` is an absolute path")
def zip_absolute(files):
    """A member names the place where it wants to be."""
    return zipped(files, ("/tmp/asynclab-escaped", b"x"))


@expect(".tar", REJECTED, "`/tmp/asynclab-escaped` is an absolute path")
def tar_absolute(files):
    """A member of a tar names its place."""
    return tarred(files, member("/tmp/asynclab-escaped", size=1))


@expect(".zip", REJECTED, "is an absolute path")
def zip_drive(files):
    """A member names a drive of Windows."""
    return zipped(files, ("C:/Users/escaped.cpp", b"x"))


@expect(".tar", REJECTED, "leads outside")
def pax_path(files):
    """The header says one name, the extended header another that climbs out."""
    info = member("harmless.cpp")
    info.pax_headers = {"path": "../escaped.cpp"}
    return tarred(files, info, form=tarfile.PAX_FORMAT)


# -- not files -----------------------------------------------------------------------------------
@expect(".zip", REJECTED, "is a symbolic link")
def zip_symlink(files):
    """The lab's file is a link to a file of the grader's machine."""
    rest, name = without(files)
    return zipped(rest, special(name, 0o120777, b"/etc/passwd"))


@expect(".tar.gz", REJECTED, "is a symbolic link")
def tar_symlink(files):
    """The lab's file is a link in a tar."""
    rest, name = without(files)
    return gzip.compress(tarred(rest, member(name, tarfile.SYMTYPE, "/etc/passwd")))


@expect(".tar", REJECTED, "`out` is a symbolic link")
def tar_written_through_symlink(files):
    """A link to a directory, then a file below it: extracting would write through the link."""
    return tarred(files, member("out", tarfile.SYMTYPE, "/tmp"), member("out/asynclab-escaped"))


@expect(".tar.xz", REJECTED, "is a hard link")
def tar_hardlink(files):
    """The lab's file is a hard link to a file of the grader's machine."""
    rest, name = without(files)
    return lzma.compress(tarred(rest, member(name, tarfile.LNKTYPE, "/etc/passwd")))


@expect(".tar.bz2", REJECTED, "is a fifo")
def tar_fifo(files):
    """Who opens the lab's file to read it waits for ever."""
    rest, name = without(files)
    return bz2.compress(tarred(rest, member(name, tarfile.FIFOTYPE)))


@expect(".tgz", REJECTED, "`disk` is a device")
def tar_device(files):
    """A device node."""
    return gzip.compress(tarred(files, member("disk", tarfile.BLKTYPE)))


@expect(".tar", REJECTED, "`tool` is a set-user-ID")
def tar_suid(files):
    """A program that would run as its owner."""
    return tarred(files, member("tool", mode=0o4755, size=1))


@expect(".zip", REJECTED, "`tool` is a set-user-ID")
def zip_suid(files):
    """The same in a zip."""
    return zipped(files, special("tool", 0o104755, b"x"))


@expect(".tar", REJECTED, "is a sparse file")
def tar_sparse(files):
    """A sparse file of 1 TiB in one block."""
    rest, name = without(files)
    return tarred(rest, member(name, tarfile.GNUTYPE_SPARSE))


# -- too much ------------------------------------------------------------------------------------
@expect(".zip", REJECTED, "is larger than 1 MiB")
def zip_bomb(files):
    """300 MiB of zeros as the lab's file, packed to 300 KiB."""
    rest, name = without(files)
    return zipped(rest, (name, bytes(BOMB)))


@expect(".tar.gz", REJECTED, "unpacks to more than 64 MiB")
def tar_bomb(files):
    """300 MiB of zeros as the lab's file of a tar."""
    rest, name = without(files)
    return gzip.compress(tarred(rest | {name: bytes(BOMB)}), 1)


@expect(".tar.gz", REJECTED, "unpacks to more than 64 MiB")
def tar_bomb_beside(files):
    """300 MiB that nobody asked for, before the lab's file: to skip them they must be unpacked."""
    return gzip.compress(tarred({"core": bytes(BOMB)} | files), 1)


@expect(".tar.bz2", REJECTED, "unpacks to more than 64 MiB")
def tar_bomb_bzip2(files):
    """The same in bzip2, which packs zeros to a millionth."""
    return bz2.compress(tarred({"core": bytes(BOMB)} | files))


@expect(".zip", ENTRY_REFUSED, "core: not asked for")
def zip_bomb_beside(files):
    """300 MiB that nobody asked for in a zip: they are never unpacked."""
    return zipped(files, ("core", bytes(BOMB)))


@expect(".tar", REJECTED, "extended header of it is larger than 64 KiB")
def pax_bomb(files):
    """An extended header of 300 MiB: tarfile would read it into memory."""
    header = member("long", tarfile.XHDTYPE)
    header.size = BOMB
    return header.tobuf(tarfile.GNU_FORMAT) + bytes(1 << 20)


@expect(".tar.xz", REJECTED, "is damaged")
def xz_memory(files):
    """An xz stream whose dictionary of 1 GiB must be allocated before a byte comes out."""
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 16}]
    block = bytearray(lzma.compress(tarred(files), lzma.FORMAT_XZ, filters=filters))
    # .xz file format 1.1, 5.3.1: one byte holds the dictionary's size, 36 is 1 GiB; its header's CRC32
    size = (block[12] + 1) * 4
    at = block.index(b"\x21\x01", 12) + 2
    block[at] = 36
    block[12 + size - 4 : 12 + size] = struct.pack("<I", zlib.crc32(block[12 : 12 + size - 4]))
    return bytes(block)


@expect(".zip", REJECTED, "list of files is larger than 512 KiB")
def zip_of_70000(files):
    """70,000 empty members."""
    return zipped(files, *((f"f{number}", b"") for number in range(70_000)))


@expect(".tar.gz", REJECTED, "more than 200 files")
def tar_of_70000(files):
    """70,000 empty members of a tar, written by hand for speed."""
    blocks = (member(f"f{number}").tobuf(tarfile.USTAR_FORMAT) for number in range(70_000))
    return gzip.compress(b"".join(blocks) + tarred(files), 1)


@expect(".zip", REJECTED, "more than 200 files")
def zip_of_300(files):
    """300 members: more than any lab has."""
    return zipped(files, *((f"f{number}.cpp", b"") for number in range(300)))


# -- lies and damage -----------------------------------------------------------------------------
@expect(".zip", REJECTED, "is damaged")
def zip_lies_small(files):
    """The headers say that the lab's file has 10 bytes; it has 300 MiB."""
    rest, name = without(files)
    return _with_size(zipped(rest, (name, bytes(BOMB))), BOMB, 10)


@expect(".tar.gz", REJECTED, "is larger than 1 MiB")
def tar_of_a_large_file(files):
    """The lab's file has a byte more than 1 MiB."""
    rest, name = without(files)
    return gzip.compress(tarred(rest | {name: bytes((1 << 20) + 1)}))


@expect(".zip", TAKEN)
def zip_lies_large(files):
    """The headers say 1,000,000 bytes, fewer come, and their checksum is right: no harm is done."""
    rest, name = without(files)
    return _with_size(zipped(rest, (name, files[name])), len(files[name]), 1_000_000)


def _with_size(archive: bytes, size: int, told: int) -> bytes:
    """The size after unpacking is the field after CRC and packed size; APPNOTE.TXT 4.3.7, 4.3.12."""
    return archive.replace(struct.pack("<I", size), struct.pack("<I", told))


@expect(".zip", REJECTED, "is damaged")
def zip_wrong_checksum(files):
    """The bytes of the lab's file are not those that were packed."""
    rest, name = without(files)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(name, b"A" * 100)
    return made.getvalue().replace(b"A" * 100, b"B" * 100)


@expect(".zip", REJECTED, "is damaged")
def zip_truncated(files):
    """The upload broke off."""
    return zipped(files)[:-40]


@expect(".tar.gz", REJECTED, "is damaged")
def tar_truncated(files):
    """The upload broke off in a tar.gz."""
    return gzip.compress(tarred(files))[:-60]


@expect(".tar", REJECTED, "is damaged")
def tar_wrong_checksum(files):
    """One letter of a header is not the one that was written."""
    return tarred(files).replace(
        next(iter(files)).encode(), b"Z" + next(iter(files)).encode()[1:], 1
    )


@expect(".zip", REJECTED, "is not an archive")
def not_an_archive(files):
    """A source file with the name of an archive."""
    return b"#include <iostream>\n" * 100


@expect(".zip", REJECTED, "is a 7z archive")
def seven_zip(files):
    """7z under the name of a zip."""
    return b"7z\xbc\xaf\x27\x1c" + bytes(100)


@expect(".rar", REJECTED, "is a RAR archive")
def rar(files):
    """RAR, which nothing free unpacks."""
    return b"Rar!\x1a\x07\x01\x00" + bytes(100)


@expect(".zip", REJECTED, "is encrypted; only plain files are taken")
def zip_encrypted(files):
    """The lab's file needs a password (APPNOTE.TXT 4.4.4, bit 0)."""
    rest, name = without(files)
    made = bytearray(zipped({name: files[name]}))
    for signature, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        made[made.index(signature) + flags] |= 1
    return bytes(made)


@expect(".zip", REJECTED, "is packed by method 14")
def zip_lzma(files):
    """A method that few unpack and that may ask for gigabytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_LZMA) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


@expect(".zip", NO_SUBMISSION)
def zip_empty(files):
    """An archive of nothing."""
    return zipped({})


@expect(".zip", NO_SUBMISSION)
def no_bytes(files):
    """A file of no bytes."""
    return b""


@expect(".tar", NO_SUBMISSION)
def tar_empty(files):
    """A tar of nothing: two blocks of zeros."""
    return tarred({})


@expect(".zip", NO_SUBMISSION, "submission.zip: not asked for")
def zip_nested(files):
    """An archive in the archive: it is not opened."""
    return zipped({"submission.zip": zipped(files)})


# -- names ---------------------------------------------------------------------------------------
@expect(".zip", REJECTED, "is in it 2 times")
def zip_duplicate(files):
    """The lab's file twice: who unpacks gets the one, who lists sees the other."""
    return zipped(files, (next(iter(files)), b"int main() {}"))


@expect(".tar", REJECTED, "is in it 2 times")
def tar_duplicate(files):
    """The lab's file twice in a tar."""
    return tarred(files, member(next(iter(files)), size=1))


@expect(".zip", ENTRY_REFUSED, "the case of the letters differs")
def zip_case(files):
    """A name that differs from the lab's file by case alone."""
    return zipped(files, (next(iter(files)).title(), b"int main() {}"))


@expect(".zip", ENTRY_REFUSED, "a\\x0ab.cpp: a name with other characters")
def zip_newline(files):
    """A name of two lines: a log would show the second as its own."""
    return zipped(files, ("a\nb.cpp", b""))


@expect(".zip", ENTRY_REFUSED, "a\\u202eppc.b: a name with other characters")
def zip_right_to_left(files):
    """A name that a terminal shows backwards."""
    return zipped(files, ("a\u202eppc.b", b""))


@expect(".tar", ENTRY_REFUSED, "\\x1b[2Jx: a name with other characters")
def tar_escape(files):
    """A name that clears the screen."""
    return tarred(files, member("\x1b[2Jx"))


@expect(".zip", ENTRY_REFUSED, "-rf: a name that begins with a dash")
def zip_option(files):
    """A name that a command takes for an option."""
    return zipped(files, ("-rf", b""))


@expect(".zip", ENTRY_REFUSED, "longer than 100 characters")
def zip_long_name(files):
    """A name of 300 characters: no file system takes it."""
    return zipped(files, ("n" * 300, b""))


@expect(".tar.gz", ENTRY_REFUSED, "longer than 100 characters")
def tar_long_name(files):
    """A name of 300 characters in a tar: GNU's long name."""
    return gzip.compress(tarred(files, member("n" * 300)))


@expect(".zip", ENTRY_REFUSED, "Makefile: not asked for")
def build_files(files):
    """What a build would run, if it were the student's: nothing of it is taken."""
    names = "Makefile CMakeLists.txt conftest.py pytest.ini sitecustomize.py random.py x.o x.so"
    return zipped(files, *((name, b"pwned") for name in names.split()))


@expect(".zip", ENTRY_REFUSED, ".git: hidden")
def hidden_files(files):
    """Hooks and settings of tools that somebody may start in the directory."""
    return zipped(files, (".git/hooks/post-checkout", b"#!/bin/sh\n"), (".gdbinit", b"shell id"))


# -- nothing wrong -------------------------------------------------------------------------------
@expect(".zip", TAKEN)
def wrong_suffix(files):
    """A tar.gz under the name of a zip: what it is its bytes tell."""
    return gzip.compress(tarred(files))


@expect(".zip", TAKEN)
def zip_of_mac(files):
    """What the Finder packs: a directory, and its own shadows of each file."""
    shadows = [(f"__MACOSX/work/._{name}", b"\0\5\26\7") for name in files]
    return zipped({f"work/{name}": data for name, data in files.items()}, *shadows)


@expect(".tar.gz", TAKEN)
def gzip_of_two(files):
    """Two gzip members one after the other, as pigz and bgzip write (RFC 1952, 2.2)."""
    whole = tarred(files)
    return gzip.compress(whole[:700]) + gzip.compress(whole[700:])


@expect(".tar", TAKEN)
def pax_tar(files):
    """Extended headers, as Python and the BSDs write them."""
    info = member("note.txt")
    info.pax_headers = {"comment": "a" * 1000, "mtime": "1.5"}
    return tarred(files, info, form=tarfile.PAX_FORMAT)
