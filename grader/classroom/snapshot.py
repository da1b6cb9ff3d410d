"""The kit as it is committed. What is given out is read from git, never from the working tree, so
that nothing goes along that somebody has only tried."""
import io
import subprocess
import tarfile

from autograder.labs import UsageError
from autograder.machine import KIT

from .packing import Entry


def git(*arguments) -> bytes:
    run = subprocess.run(["git", "-C", str(KIT), *arguments], capture_output=True)
    if run.returncode:
        raise UsageError(f"git {arguments[0]}: {run.stderr.decode(errors='replace').strip()}")
    return run.stdout


def committed() -> dict[str, Entry]:
    """Path -> Entry of every file of the commit that is checked out."""
    entries = {}
    with tarfile.open(fileobj=io.BytesIO(git("archive", "--format=tar", "HEAD"))) as tree:
        for member in tree:
            if member.isfile():
                data = tree.extractfile(member).read()
                entries[member.name] = Entry(data, bool(member.mode & 0o100))
            elif not member.isdir():
                raise UsageError(f"{member.name} is neither a file nor a directory")
    return entries


def time() -> int:
    """When that commit was made: seconds since 1970."""
    return int(git("log", "-1", "--format=%ct"))


def uncommitted() -> list[str]:
    """Paths whose present state is in no commit."""
    return [line[3:] for line in git("status", "--porcelain").decode().splitlines()]
