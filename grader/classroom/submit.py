"""`make submit`: packs the files of a lab into the archive that a class is graded from. It runs in
the repository and in the students' archive, and reads nothing but what lab.toml lists."""
import json
import os
import stat
import time

import click

from autograder import labs
from autograder.cli import RESULTS, where
from autograder.labs import UsageError, tomllib
from autograder.machine import KIT

from .packing import Entry, tar_gz

PLACE = KIT / "build/submit"
LARGEST, TOGETHER = 1 << 20, 4 << 20  # bytes: of one file, and of all


def submit(lab, tree="labs"):
    """Writes build/submit/NN-name.tar.gz and says what is in it. Raises UsageError."""
    place = labs.directory_of(lab, tree)
    files = {name: read(place, name) for name in lab.files}
    if (total := sum(map(len, files.values()))) > TOGETHER:
        raise UsageError(
            f"the files of lab {lab.number} have {total:,} bytes, at most {TOGETHER:,}"
        )
    out = PLACE / f"{lab.name}.tar.gz"
    out.parent.mkdir(parents=True, exist_ok=True)
    entries = {f"{lab.name}/{name}": Entry(data) for name, data in files.items()}
    out.write_bytes(tar_gz(entries, 0))
    click.echo(f"{labs.shown(out)} holds")
    for name, data in files.items():
        click.echo(f"  {name:<24} {len(data):>9,} bytes")
    for line in standing(lab, place, tree):
        click.echo(line)
    if hand_in := told_in_course():
        click.echo(f"hand it in: {hand_in}")


def read(place, name) -> bytes:
    """The bytes of a regular file that is no link and not too large."""
    shown = labs.shown(place / name)
    try:
        fd = os.open(place / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        raise UsageError(f"{shown} is missing") from None
    except OSError as error:
        is_link = (place / name).is_symlink()
        why = "is a symbolic link: put the file itself there" if is_link else error.strerror
        raise UsageError(f"{shown} {why}") from None
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode):
        os.close(fd)
        raise UsageError(f"{shown} is no regular file")
    with open(fd, "rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise UsageError(f"{shown} has {status.st_size:,} bytes, at most {LARGEST:,}")
    return data


def standing(lab, place, tree):
    """What a student should know before handing in: steps unwritten, the last score, its age."""
    unwritten = sorted({marker.step for marker in labs.markers(lab, place) if marker.open})
    if unwritten:
        yield f"warning: still to be written: {', '.join(unwritten)}"
    kept = RESULTS / where(tree, None) / f"{lab.name}.json"
    try:
        result, graded = json.loads(kept.read_text()), kept.stat().st_mtime
    except (OSError, ValueError):
        yield f"warning: not graded yet, make grade LAB={lab.number}"
        return
    day = time.strftime("%Y-%m-%d %H:%M", time.localtime(graded))
    yield f"last grading: {result['score']} of {result['max_score']} points, {day}"
    changed = [name for name in lab.files if (place / name).stat().st_mtime > graded]
    if changed:
        yield f"warning: changed since then: {', '.join(changed)}"


def told_in_course() -> str:
    """Where to hand in: `hand_in = "..."` of the course.toml beside the Makefile, if there is one."""
    try:
        told = tomllib.loads((KIT / "course.toml").read_text()).get("hand_in", "")
    except (OSError, ValueError):
        return ""
    return "".join(c for c in str(told) if c.isprintable())
