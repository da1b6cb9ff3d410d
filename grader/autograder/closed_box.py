"""How a program that nobody trusts is started: alone with /usr, a /tmp of its own and itself.

The box that a student has (box.py) keeps accidents in; this one keeps in who tries to get out. Root
first becomes a user of its own (uid 61000 + slot): as root of the machine, even without capabilities
and inside a user namespace, a program could write /proc/sys/kernel/core_pattern. Bubblewrap gets its
arguments through a descriptor and an empty environment, since both can be read in the box, as those
of process 1. Sources: bwrap(1), user_namespaces(7), proc(5).
"""
import contextlib
import json
import os
import pathlib
import re
import shutil
import sys
import tempfile

from . import limits, proc, system_calls
from .groups import Group

FIRST_USER = 61000  # no distribution gives users of its own such numbers
HOSTS = b"127.0.0.1 localhost\n::1 localhost\n"
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=1",
}
SYSTEM = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")  # links into /usr, or directories
TMP_SIZE, SHM_SIZE = 64 << 20, 16 << 20
LANDLOCK = pathlib.Path(__file__).with_name("landlock.py")


class Start:
    """What the warden needs to start `argv` in a closed box. Context manager: at its end goes what was
    made for it. `files`: path in the box -> file to be put there; `readable`, `writable`: directories
    at the same path inside and outside, or (inside, outside); `ports`: those that it may bind and connect
    to, where it has no network of its own."""

    def __init__(self, argv, level, slot, allowed, *, files, readable, writable, ports, cwd):
        self._program, self._level, self._limits = list(argv), level, allowed
        self.user = FIRST_USER + slot if os.geteuid() == 0 else None
        self._files, self._ports = files, ports
        self._readable, self._writable = [pair(p) for p in readable], [pair(p) for p in writable]
        self._cwd = cwd
        self.env, self._undo = {}, contextlib.ExitStack()

    def __enter__(self):
        self.group = Group(self._limits)
        self._undo.callback(self.group.remove)
        self.keep = []
        try:
            self._share()
            text = self._filter()
            self._filter_fd = self._memory(text) if text else None
            self._rules = self._memory(b"") if self._level.bubblewrap else None
            self._words = self._bubblewrap() if self._level.bubblewrap else self._landlock()
        except BaseException:
            self._undo.close()
            raise
        return self

    def __exit__(self, *_):
        self._undo.close()

    @property
    def become(self) -> dict:
        """What the warden's child does before it runs the command: see warden.become()."""
        return {"groups": self.group.entrances, "user": self.user, "nice": self.group.nice}

    def command(self, info: int) -> list[str]:
        """What the warden runs. `info`: the descriptor to which bubblewrap tells the process ids."""
        if self._rules is not None:
            words = ["--info-fd", str(info), *self._words, ""]
            os.pwrite(self._rules, "\0".join(words).encode(), 0)
            return ["bwrap", "--args", str(self._rules), "--", *self._limited(), *self._program]
        return self._words

    def started(self):
        """The warden has its copies of the descriptors."""
        while self.keep:
            os.close(self.keep.pop())

    def _filter(self) -> bytes:
        if self._level.bare and system_calls.missing():
            return b""
        return system_calls.program(
            self._limits.tracing, self._limits.io_uring, not self._level.network
        )

    # -- descriptors that go into the box ----------------------------------------------------------
    def _memory(self, content: bytes) -> int:
        fd = os.memfd_create("asynclab")
        self.keep.append(fd)
        os.write(fd, content)
        os.lseek(fd, 0, os.SEEK_SET)
        return fd

    def _open(self, path) -> int:
        self.keep.append(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
        return self.keep[-1]

    # -- directories that grader and program share ------------------------------------------------
    def _share(self):
        """Lets the box's user in: the grader's temporary directories are closed to others."""
        if self.user is None:
            return
        for _, path in self._readable + self._writable:
            os.chmod(path, os.stat(path).st_mode | 0o055)
        for _, path in self._writable:
            for place, directories, names in os.walk(path):
                for name in (".", *directories, *names):
                    os.chown(os.path.join(place, name), self.user, self.user, follow_symlinks=False)

    # -- bubblewrap --------------------------------------------------------------------------------
    def _bubblewrap(self) -> list[str]:
        return [*self._namespaces(), *self._view(), "--seccomp", str(self._filter_fd)]

    def _namespaces(self):
        """All but the network's, which the warden has made and the box inherits."""
        yield from ("--unshare-user", "--disable-userns", "--unshare-pid", "--unshare-ipc")
        yield from ("--unshare-uts", "--unshare-cgroup-try", "--hostname", "box")
        yield from ("--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv")
        for name, value in ENVIRONMENT.items():
            yield from ("--setenv", name, value)

    def _view(self):
        """The files that the program sees, in the order in which they are put there."""
        yield from ("--ro-bind", "/usr", "/usr")
        for name in SYSTEM:
            path = pathlib.Path("/", name)
            if path.is_symlink():
                yield from ("--symlink", os.readlink(path), f"/{name}")
            elif path.is_dir():
                yield from ("--ro-bind", f"/{name}", f"/{name}")
        yield from ("--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys", "--dev", "/dev")
        yield from ("--size", str(SHM_SIZE), "--tmpfs", "/dev/shm")
        yield from ("--size", str(TMP_SIZE), "--tmpfs", "/tmp")
        for inside, outside in self._readable:
            yield from ("--ro-bind", outside, inside)
        for inside, outside in self._writable:
            yield from ("--bind", outside, inside)
        yield from ("--file", str(self._memory(HOSTS)), "/etc/hosts")
        for inside, outside in self._files.items():
            yield from ("--perms", "0555", "--file", str(self._open(outside)), str(inside))
        yield from ("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", self._cwd or "/tmp")

    def _limited(self) -> list[str]:
        resources = self._limits.resources().items()
        return [
            "/usr/bin/prlimit",
            *(f"--{name}={soft}:{hard}" for name, (soft, hard) in resources),
            "--",
        ]

    # -- Landlock, or nothing ----------------------------------------------------------------------
    def _landlock(self) -> list[str]:
        scratch = tempfile.mkdtemp(prefix="asynclab-box-")
        self._undo.callback(shutil.rmtree, scratch, ignore_errors=True)
        if self.user is not None:
            os.chown(scratch, self.user, self.user)
        there = [outside for _, outside in self._readable]
        config = {
            "landlock": not self._level.bare,
            "read": [*there, *map(str, self._files.values()), *self._searched()],
            "write": [scratch, *(outside for _, outside in self._writable)],
            "ports": list(self._ports),
            "limits": {**self._limits.resources(), "nproc": (self._processes(),) * 2},
            "filter": self._filter_fd,
            "env": {**ENVIRONMENT, "TMPDIR": scratch},
            "cwd": self._cwd or scratch,
            "argv": self._program,
        }
        return [sys.executable, "-I", "-S", "-c", LANDLOCK.read_text(), json.dumps(config)]

    def _searched(self) -> list[str]:
        """The directories that Python lists when it looks for a module."""
        found = {path.parent for path in self._files.values() if path.suffix in (".py", ".so")}
        found |= {place.parent for place in found if (place / "__init__.py").exists()}
        return sorted(map(str, found))

    def _processes(self) -> int:
        """RLIMIT_NPROC counts all that a user runs, also in other boxes, where no namespace parts them:
        so it is only a last resort, and the guard counts those of each box."""
        user = os.geteuid() if self.user is None else self.user
        boxes = 8  # engine.AT_ONCE
        return limits.at_most("nproc", proc.tasks_of(user) + boxes * self._limits.processes)


def pair(place) -> tuple[str, str]:
    inside, outside = place if isinstance(place, tuple) else (place, place)
    return str(inside), str(outside)


def only_traced(argv, fd: int) -> list[str]:
    """The program behind `strace ... --`: without the descriptor that strace writes to. It still runs as
    the user that strace runs as, and could look for that file in /proc or stop strace: what strace
    tells is evidence against errors, and not against one who is set on deceiving it."""
    return ["bash", "-c", f'exec {fd}>&-; exec "$@"', "bash", *argv]


def complaint(printed: str) -> str:
    """Bubblewrap's own words, if there are any, on one line."""
    found = re.search(r"^bwrap: .*", printed, re.MULTILINE)
    return found[0] if found else " ".join(printed.split())[:200]
