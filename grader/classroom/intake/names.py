"""Names that come from outside: which are taken, and the ids made of them."""
import hashlib
import re
import unicodedata

COMPONENT = re.compile(r"(?![.-])[A-Za-z0-9._+-]{1,100}")  # of a path; matched in full
STUDENT = re.compile(r"(?![.-])[A-Za-z0-9._@+-]{1,100}")  # an id of a student names a directory
ARCHIVE = re.compile(
    r"(.+?)\.(zip|tar|tgz|tbz2?|txz|tar\.(gz|xz|bz2)|gz|xz|bz2|7z|rar)", re.I | re.S
)


def safe_id(text: str) -> str:
    """An id for a student of whom only `text` is known. The same text always gives the same id, and
    a text that had to be changed carries a mark of its own, so that two never meet by accident."""
    if STUDENT.fullmatch(text):
        return text
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    kept = re.sub(r"[^A-Za-z0-9._@+-]+", "-", plain).strip(".-")[:80]
    mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{kept or 'student'}-{mark}"


def archive_stem(name: str) -> str:
    """`alice` of `alice.tar.gz`; empty when the name is not that of an archive."""
    found = ARCHIVE.fullmatch(name)
    return found[1] if found else ""
