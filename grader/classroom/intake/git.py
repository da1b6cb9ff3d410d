"""Reads HEAD of a git repository that has no files beside it: a bare clone.

Nothing that the student configured is ever in force: hooks, aliases, filters, core.fsmonitor and
core.sshCommand are read from the repository's config or its attributes, and git(1) is run here on
an empty repository of our own that only borrows the student's objects (GIT_OBJECT_DIRECTORY, git(1)
"The Git Repository"), by plumbing that prints objects as they are. GIT_ALLOW_PROTOCOL keeps a
missing object from being fetched.
"""
import os
import re
import resource
import stat
import subprocess
import tempfile

from .directory import OPEN, listed, read_regular
from .entry import DIRECTORY, FILE, MAX_ENTRIES, MIB, PATIENCE, Entry, Refused

HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
REF = re.compile(r"refs/heads/[A-Za-z0-9_+-][A-Za-z0-9._/+-]{0,200}")
KINDS = {b"100644": FILE, b"100755": FILE, b"120000": "a symbolic link", b"160000": "a submodule"}
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
}


def repository(parent: int, name: str) -> str:
    """Where the repository is whose files are only in its history: `name` itself when it is bare,
    `name`/.git when nothing lies beside that; empty when there are files to read."""
    fd = os.open(name, OPEN | os.O_DIRECTORY, dir_fd=parent)
    try:
        held = dict(listed(fd))
    finally:
        os.close(fd)
    if held.get("HEAD") == FILE and held.get("objects") == held.get("refs") == DIRECTORY:
        return name
    return f"{name}/.git" if list(held) == [".git"] and held[".git"] == DIRECTORY else ""


class Commit:
    """What HEAD of the repository at `path` holds."""

    strict = False

    def __init__(self, path: str, name: str):
        self.name, self._path = name, path

    def entries(self):
        fd = os.open(self._path, OPEN | os.O_DIRECTORY)
        try:
            commit = head(fd)
            self._borrows_nothing(fd)
        finally:
            os.close(fd)
        with tempfile.TemporaryDirectory(prefix="asynclab-git-") as own:
            prepare(own, commit)
            yield from self._tree(own, commit)

    def _borrows_nothing(self, fd: int):
        for name in ("alternates", "http-alternates"):
            try:
                os.stat(f"objects/info/{name}", dir_fd=fd, follow_symlinks=False)
            except OSError:
                continue
            raise Refused(f"it borrows objects from elsewhere (objects/info/{name})")

    def _tree(self, own: str, commit: str):
        rows = self._git(own, 4 * MIB, "ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0")
        if len(rows) > MAX_ENTRIES:
            raise Refused(f"its HEAD holds more than {MAX_ENTRIES:,} files")
        for row in filter(None, rows):
            (mode, _, blob), path = row.partition(b"\t")[0].split(), row.partition(b"\t")[2]
            yield Entry(
                os.fsdecode(path),
                KINDS.get(mode, "an entry of an unknown kind"),
                lambda most, blob=blob.decode(): self._git(own, most, "cat-file", "blob", blob),
            )

    def _git(self, own: str, most: int, *arguments: str) -> bytes:
        """The first `most` bytes that git prints. Raises Refused when git fails."""
        command = ["git", f"--git-dir={own}", "--no-pager", *arguments]
        objects = os.path.join(os.path.realpath(self._path), "objects")
        ran = subprocess.Popen(
            command,
            env=ENVIRONMENT | {"GIT_OBJECT_DIRECTORY": objects},
            cwd=own,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            preexec_fn=limits,
        )
        with ran:
            given = ran.stdout.read(most)
            if len(given) == most:
                ran.kill()
            elif ran.wait() != 0:
                raise Refused(f"git cannot read it: git {arguments[0]} failed")
        return given


def limits():
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, PATIENCE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def prepare(own: str, commit: str):
    """An empty bare repository, gitrepository-layout(5)."""
    for directory in ("objects", "refs"):
        os.mkdir(os.path.join(own, directory))
    sha256 = "[extensions]\nobjectFormat = sha256\n" if len(commit) == 64 else ""
    version = 1 if sha256 else 0
    for name, text in (
        ("HEAD", f"{commit}\n"),
        ("config", f"[core]\nrepositoryformatversion = {version}\nbare = true\n{sha256}"),
    ):
        with open(os.path.join(own, name), "x") as file:
            file.write(text)


def head(fd: int) -> str:
    """The commit that HEAD names. Raises Refused when there is none."""
    told = _text(fd, "HEAD")
    if told.startswith("ref: "):
        ref = told.removeprefix("ref: ")
        if not REF.fullmatch(ref) or ".." in ref:
            raise Refused("its HEAD names no branch")
        told = _text(fd, ref) or _packed(fd, ref)
        if not told:
            raise Refused(f"its HEAD names {ref}, which has no commit")
    if not HASH.fullmatch(told):
        raise Refused("its HEAD names no commit")
    return told


def _packed(fd: int, ref: str) -> str:
    rows = (row.partition(" ") for row in _text(fd, "packed-refs", MIB).splitlines())
    return next((commit for commit, _, name in rows if name == ref), "")


def _text(fd: int, path: str, most=4096) -> str:
    """A small file of the repository; empty when there is none. No link on the way is followed."""
    *way, name = path.split("/")
    held = os.dup(fd)
    try:
        for step in way:
            below = os.open(step, OPEN | os.O_DIRECTORY, dir_fd=held)
            os.close(held)
            held = below
        if not stat.S_ISREG(os.stat(name, dir_fd=held, follow_symlinks=False).st_mode):
            return ""
        return read_regular(held, name, most).decode("ascii", "replace").strip()
    except OSError:
        return ""
    finally:
        os.close(held)
