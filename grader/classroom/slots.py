"""Slots: each grading on a machine has one to itself, and with it a core and a user id."""
import fcntl
import os
import pathlib
import shutil
import stat
import tempfile

MOST = 1000  # slots of one machine; user ids 61000 to 61999, below Debian's 65534 (nobody)


def directory() -> pathlib.Path:
    """Where the locks of this user's slots lie: a directory that nobody else can write."""
    place = pathlib.Path(tempfile.gettempdir()) / f"asynclab-slots-{os.geteuid()}"
    place.mkdir(mode=0o700, exist_ok=True)
    found = place.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise OSError(f"{place} is not this user's own directory: remove it")
    return place


def take() -> tuple[int, int]:
    """The first free slot and a descriptor; the slot is free again when that is closed, in every
    process that has it, so it outlives a kill -9 of its owner's parent (flock(2))."""
    for slot in range(MOST):
        path = directory() / str(slot)
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return slot, fd
        except BlockingIOError:
            os.close(fd)
    raise OSError(f"all {MOST} slots of this machine are taken")


def directory_of(slot: int) -> pathlib.Path:
    """A fresh directory for one grading; what a killed one left of this slot goes. Others may pass
    through it, as the user of the slot has to, but not list it."""
    prefix = f"asynclab-job-{os.geteuid()}-{slot}-"
    for left in pathlib.Path(tempfile.gettempdir()).glob(prefix + "*"):
        if left.lstat().st_uid == os.geteuid():
            shutil.rmtree(left, ignore_errors=True)
    made = pathlib.Path(tempfile.mkdtemp(prefix=prefix))
    made.chmod(0o711)
    return made


def cores() -> list[int]:
    """The cores that this process may use (sched_getaffinity(2))."""
    return sorted(os.sched_getaffinity(0))


def pin(slot: int):
    """This process, and all that it will start, to the slot's core."""
    allowed = cores()
    os.sched_setaffinity(0, {allowed[slot % len(allowed)]})
