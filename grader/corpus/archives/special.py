"""Entries that are no plain files."""
import bz2
import gzip
import lzma
import tarfile

from .case import REJECTED, expect, member, special, tarred, without, zipped


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
