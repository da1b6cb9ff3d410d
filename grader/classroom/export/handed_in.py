"""The files of a lab in a directory that a platform has unpacked: read, never run, never followed."""
import os
import pathlib
import stat

from autograder.labs import Lab

LIMIT = 1_000_000  # bytes of a file
ENTRIES = 2_000  # of a submission that are looked at


def read(directory: pathlib.Path, lab: Lab) -> tuple[dict[str, bytes], str]:
    """(name -> bytes of the files that the lab asks for, why they cannot be had, or "")."""
    found = {}
    for name, paths in where(directory, lab).items():
        if not paths:
            return (
                {},
                f"no {name} in the submission: lab {lab.number} asks for {', '.join(lab.files)}",
            )
        try:
            found[name] = regular(min(paths, key=lambda path: (len(path.parts), str(path))))
        except OSError as error:
            return {}, f"{name}: {error.strerror}"
        if len(found[name]) > LIMIT:
            return {}, f"{name} has more than {LIMIT:,} bytes"
    return found, ""


def where(directory: pathlib.Path, lab: Lab) -> dict[str, list[pathlib.Path]]:
    """Where each file of the lab lies: at the top, or in a directory below."""
    found, seen = {name: [] for name in lab.files}, 0
    for place, directories, names in os.walk(directory):
        directories[:] = sorted(name for name in directories if not name.startswith("."))
        for name in filter(found.__contains__, names):
            found[name].append(pathlib.Path(place) / name)
        seen += len(names) + len(directories)
        if seen > ENTRIES:
            break
    return found


def regular(path: pathlib.Path) -> bytes:
    """The bytes of a regular file; a link, a pipe or a device is an error."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(0, "not a regular file")
        return file.read(LIMIT + 1)
