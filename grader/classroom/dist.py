"""`make dist`: the archive that students get, and the proof that it gives nothing away."""
import pathlib
import re

import click

from autograder.labs import UsageError
from autograder.machine import KIT

from . import contents, hiding, leaks, packing, selection, snapshot, withheld
from .course import Course, load

NAME, TOP = "asynclab-student", "asynclab"


def make(labs="", reveal="", course="", out="build/dist") -> int:
    """Writes NAME.tar.gz and NAME.zip into `out`; returns 1, and leaves none, when a secret is in
    them. Raises UsageError."""
    kit, told = snapshot.committed(), read_course(course)
    chosen = selection.select(kit, labs, reveal)
    hidden = hiding.find(kit, chosen.labs, told.hidden)
    entries = contents.contents(kit, chosen, hidden, told.hand_in)
    packed = pack(entries, snapshot.time())
    kept_back = withheld.everything(kit, entries, hidden)
    if found := prove(packed, kept_back, skeletons_in(entries), chosen.given):
        click.echo("the archive would give away:\n  " + "\n  ".join(found[:20]), err=True)
        return 1
    write(pathlib.Path(out), packed)
    describe(kit, chosen, hidden, entries, len(kept_back))
    return 0


def read_course(path) -> Course:
    """What a course.toml says: that at `path`, else the one beside the Makefile, if there is one."""
    beside = KIT / "course.toml"
    return load(path or (beside if beside.is_file() else None))


def pack(entries, when) -> dict[str, bytes]:
    """File name -> the archive; the same bytes for the same commit."""
    below = {f"{TOP}/{path}": entry for path, entry in entries.items()}
    return {
        f"{NAME}.tar.gz": packing.tar_gz(below, when),
        f"{NAME}.zip": packing.zipped(below, when),
    }


def prove(packed, kept_back, skeletons, solved) -> list[str]:
    """What the finished archives give away, one sentence each."""
    found, known, kept_back = [], {}, withheld.Finder(kept_back)
    for name, data in packed.items():
        found += leaks.search(name, data, kept_back, skeletons, solved, known)
    return found


def skeletons_in(entries) -> dict[str, bytes]:
    """Path -> bytes of the code below labs/, as the pristine copies have it."""
    return {
        path.replace(contents.PRISTINE, "labs", 1): entry.data
        for path, entry in entries.items()
        if path.startswith(contents.PRISTINE)
    }


def write(out, packed):
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, data in packed.items():
            (out / name).write_bytes(data)
            click.echo(f"{out / name}  {len(data) / 1000:,.0f} kB")
    except OSError as error:
        raise UsageError(f"cannot write into {out}: {error}") from error


def describe(kit, chosen, hidden, entries, looked_for):
    """Says what is in the archive, what it gives away on purpose, and what it leaves out."""
    click.echo(f"{len(entries)} files, labs {' '.join(lab[:2] for lab in chosen.labs)}")
    for path in sorted(chosen.given):
        click.echo(f"revealed: {path}")
    for line in chosen.describe_left_out():
        click.echo(line)
    for line in told_by_other_labs(kit, chosen, entries):
        click.echo(line)
    if hidden:
        click.echo(f"hidden checks left out: {', '.join(check.id for check in hidden)}")
    if changed := snapshot.uncommitted():
        click.echo(f"note: not committed, so not in it: {', '.join(changed[:5])}"
                   + (f" and {len(changed) - 5} more" if len(changed) > 5 else ""))  # fmt: skip
    click.echo(f"proved: none of {looked_for:,} lines of answers, notes and mutants is in it")


def told_by_other_labs(kit, chosen, entries):
    """Which of the labs' own answers stand in what another lab is given."""
    numbers = [lab[:2] for lab in chosen.labs]
    answers = [answer for answer in withheld.answers(kit) if answer.step[:2] in numbers]
    for path in sorted(path for path in entries if re.match(r"labs/.*\.(cpp|hpp|py)$", path)):
        text, own = withheld.plain(entries[path].text), selection.number(path)
        others = [a for a in answers if a.step[:2] != own and a.patterns[0]]
        steps = {a.step for a in others if a.patterns[0] in text}
        if steps:
            yield (
                f"note: {path}, which is given, holds lines of the answers of"
                f" {', '.join(sorted(steps))}"
            )
