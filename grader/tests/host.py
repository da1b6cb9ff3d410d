"""What a submission could have done to the machine that grades it: seen before and after."""
import glob
import hashlib
import os
import pathlib

from autograder.machine import KIT

SETTINGS = ("kernel/core_pattern", "fs/file-max", "kernel/modprobe", "kernel/hostname")
SHARED = ("/", "/tmp", "/var/tmp", "/dev/shm", "/dev", "/run", "/home")  # where anybody might write
PARTS = ("grader", "labs", "solutions", "support", "Makefile", "pytest.ini")


def digest(path: pathlib.Path) -> str:
    return f"{path.lstat().st_mode:o} {hashlib.sha256(path.read_bytes()).hexdigest()}"


def kit() -> dict[str, str]:
    """Every file of the kit that no test makes."""
    files = [KIT / part for part in PARTS] + [p for part in PARTS for p in (KIT / part).rglob("*")]
    return {str(p): digest(p) for p in files if p.is_file() and "__pycache__" not in p.parts}


def settings() -> dict[str, str]:
    paths = [path for name in SETTINGS if (path := pathlib.Path("/proc/sys", name)).exists()]
    found = {str(path): path.read_text() for path in paths}
    return found | {"interpreter": digest(pathlib.Path("/usr/bin/python3").resolve())}


def processes_of(users) -> list[str]:
    """Name and state of each process that lives as one of these users."""
    found = []
    for path in glob.glob("/proc/[0-9]*/status"):
        try:
            told = dict(line.split(":\t", 1) for line in open(path) if ":\t" in line)
        except (FileNotFoundError, ProcessLookupError):
            continue
        if users & set(map(int, told["Uid"].split())):
            found.append(f"{path} {told['Name'].strip()} {told['State'].strip()}")
    return found


def files_of(users) -> list[str]:
    """What these users own in places that all share, System V's shared memory and such too."""
    found = []
    for place in SHARED:
        for entry in os.scandir(place) if os.path.isdir(place) else ():
            try:
                if entry.stat(follow_symlinks=False).st_uid in users:
                    found.append(entry.path)
            except FileNotFoundError:
                pass  # somebody else's, gone meanwhile
    for table in ("shm", "sem", "msg"):
        names, *lines = pathlib.Path("/proc/sysvipc", table).read_text().splitlines()
        at = names.split().index("uid")
        found += [f"{table} {line}" for line in lines if int(line.split()[at]) in users]
    return found


def groups_of(pid) -> list[str]:
    """Control groups that a grader has left, both versions."""
    return glob.glob(f"/sys/fs/cgroup/asynclab-{pid}-*") + glob.glob(
        f"/sys/fs/cgroup/*/asynclab-{pid}-*"
    )
