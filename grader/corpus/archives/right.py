"""Archives that look odd and are right."""
import gzip
import tarfile

from .case import TAKEN, expect, member, tarred, zipped


@expect(".zip", TAKEN)
def wrong_suffix(files):
    """A tar.gz under the name of a zip: what it is its bytes tell."""
    return gzip.compress(tarred(files))


@expect(".zip", TAKEN)
def zip_of_mac(files):
    """What the Finder packs: a directory, and its own shadows of each file."""
    shadows = [(f"__MACOSX/mine/._{name}", b"\0\5\26\7") for name in files]
    return zipped({f"mine/{name}": data for name, data in files.items()}, *shadows)


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
