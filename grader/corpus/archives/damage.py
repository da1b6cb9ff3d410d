"""Archives that are broken, locked, lie about themselves or hold nothing."""
import gzip
import io
import struct
import zipfile

from .bombs import BOMB
from .case import REJECTED, TAKEN, NO_SUBMISSION, expect, tarred, without, zipped


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
    """The size comes after CRC and packed size; APPNOTE.TXT 4.3.7, 4.3.12."""
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
