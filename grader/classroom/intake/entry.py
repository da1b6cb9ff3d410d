"""One entry of whatever was handed in, and the limits that hold for all of them."""
import time
from collections.abc import Callable
from dataclasses import dataclass

MIB = 1 << 20
MAX_FILE = MIB  # of one file that is taken
MAX_ALL = 4 * MIB  # of all files that are taken from one submission
MAX_FILES = 200  # in one archive of a student, those in hidden directories not counted
MAX_ENTRIES = 5_000  # of any kind that are looked at in one submission
MAX_ARCHIVE = 16 * MIB  # of a student's archive as it was handed in
MAX_STREAM = 64 * MIB  # that a tar may unpack to: what is skipped must be unpacked as well
PATIENCE = 60  # seconds for one submission; the limits above take one or two at the most

FILE, DIRECTORY = "a regular file", "a directory"


class Refused(Exception):
    """The whole submission is refused. The message is printable and names the entry."""


@dataclass(frozen=True)
class Entry:
    """What a directory, an archive or a commit holds. `read` works only until the next entry is
    asked for: a tar is a stream."""

    path: str  # as the container spells it, "/" between components; nothing is checked yet
    kind: str  # FILE, DIRECTORY, or in words what else it is: "a symbolic link"
    read: Callable[[int], bytes] = lambda most: b""  # its first bytes, as many as told at the most


class Patience:
    """A deadline for reading one submission."""

    def __init__(self, seconds=PATIENCE):
        self.until, self.seconds = time.monotonic() + seconds, seconds

    def check(self):
        if time.monotonic() > self.until:
            raise Refused(f"it could not be read within {self.seconds} s")
