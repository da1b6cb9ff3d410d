"""Entries whose names lead out of the archive."""
import gzip
import tarfile

from .case import REJECTED, expect, member, tarred, zipped


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
