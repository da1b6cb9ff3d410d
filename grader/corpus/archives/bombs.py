"""Archives that hold more than anybody asked for."""
import bz2
import gzip
import lzma
import struct
import tarfile
import zlib

from .case import REJECTED, ENTRY_REFUSED, expect, member, tarred, without, zipped

BOMB = 300 << 20  # bytes


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
    # .xz file format 1.1, 5.3.1: a byte holds the dictionary's size, 36 is 1 GiB; then the CRC32
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
