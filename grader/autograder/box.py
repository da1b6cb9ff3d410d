"""A box: where one program runs during one check, and where its clients' sockets come from.

The best level that this machine allows is found once by trying: a network namespace of its own
with bubblewrap (file system read-only, own process ids), the namespace alone, or a plain process.
"""
import functools
import json
import os
import socket
import threading
from dataclasses import dataclass

from . import proc
from .closed_box import Start
from .guard import Guard
from .limits import RUN
from .nursery import NURSERY, readable

KEEPER = ("sh", "-c", '"$@" & wait; exec sleep 86400', "sh")  # stays first of the namespace
MOST_SOCKETS = 128  # in one message: the kernel bears 253 descriptors, SCM_MAX_FD
OUTPUT_LIMIT = 1 << 20  # bytes kept of each stream; the rest is read and thrown away


@dataclass(frozen=True)
class Level:
    """How much a box keeps apart. `network`: own namespace. `bubblewrap`: own view of the files.
    `closed`: keeps in who tries to get out, as far as `trusted_enough` and `bare` (nothing does) say.
    """

    title: str
    network: bool
    bubblewrap: bool
    closed: bool = False
    trusted_enough: bool = False
    bare: bool = False


@dataclass(frozen=True)
class Policy:
    """Whose code runs: one's own, or (`closed`) that of somebody whom nobody trusts. `slot`: which of
    the workers of this machine this is; as root each has a user of its own."""

    closed: bool = False
    slot: int = 0

    @property
    def level(self) -> Level:
        return closed_level() if self.closed else level()


OPEN = Policy()


LEVELS = (
    Level("bubblewrap box with its own network namespace", True, True),
    Level("own network namespace, no bubblewrap", True, False),
    Level("plain process (no namespaces here: free port, larger payloads)", False, False),
)


@functools.cache
def level() -> Level:
    """The best level that works here. ASYNCLAB_BOX=net or plain forces a lower one."""
    forced = {"net": LEVELS[1:2], "plain": LEVELS[2:]}.get(
        os.environ.get("ASYNCLAB_BOX", ""), LEVELS
    )
    for candidate in forced:
        try:
            with Box(["/bin/true"], chosen=candidate) as box:
                if box.wait_for_exit(10) and box.exit_status() == 0:
                    return candidate
        except BoxError:
            pass
    return LEVELS[-1]


def closed_level() -> Level:
    """The best level for code that nobody trusts: tried with programs that try to get out."""
    from . import levels  # which tries boxes

    return levels.closed_level()


def without_namespace_of_pids() -> Level:
    """An open level at which a program's children live on when it ends."""
    return LEVELS[1] if level().bubblewrap else level()


class BoxError(Exception):
    """The box itself could not be made: never the graded program's fault."""


class Stream:
    """What a program prints, read as it comes by a thread of its own."""

    def __init__(self, fd):
        self.text, self.total = bytearray(), 0
        self.changed = threading.Condition()
        self.closed = False
        self._thread = threading.Thread(target=self._read, args=(fd,), daemon=True)
        self._thread.start()

    def _read(self, fd):
        while chunk := os.read(fd, 65536):
            with self.changed:
                self.text += chunk[: OUTPUT_LIMIT - len(self.text)]
                self.total += len(chunk)
                self.changed.notify_all()
        os.close(fd)
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    def join(self, seconds):
        self._thread.join(seconds)

    def __str__(self):
        return self.text.decode(errors="backslashreplace")


class Box:
    """Runs `argv` until the `with` block ends. `buffers`: bytes for the kernel's send
    and receive buffers in this box (0: the machine's own; ignored without a namespace). `nofile`: RLIMIT_NOFILE.
    `writable`: directories in which the program may write; all else is read-only. `said`: bytes that it
    finds on its standard input. `orphans`: they live on when the program ends, which a namespace of
    process ids would end with its first process. The others matter in a closed box only: see closed_box.Start.
    """

    def __init__(
        self,
        argv,
        *,
        chosen=None,
        policy=OPEN,
        limits=RUN,
        cwd="/",
        buffers=(0, 0),
        nofile=0,
        keep=(),
        writable=(),
        said=b"",
        readable=(),
        files={},
        ports=(),
        orphans=False,
    ):
        self.level = chosen or policy.level
        if orphans and not self.level.closed:
            self.level = without_namespace_of_pids()
        self._keeper = orphans and self.level.closed and self.level.bubblewrap
        argv = [*KEEPER, *argv] if self._keeper else argv
        self._argv, self._cwd, self._said = list(argv), str(cwd), said
        self._buffers, self._nofile, self._keep = buffers, nofile, list(keep)
        self._writable = [str(path) for path in writable]
        self._lock = threading.Lock()
        self._start, self._guard, self._ended_by = None, None, ""
        if self.level.closed:
            self.limits = limits = limits.but(descriptors=nofile) if nofile else limits
            self._guard = Guard(self, limits)
            self._start = Start(
                argv,
                self.level,
                policy.slot,
                limits,
                files=files,
                readable=readable,
                writable=writable,
                ports=ports,
                cwd="" if self._cwd == "/" else self._cwd,
            )

    def __enter__(self):
        try:
            start = self._start and self._start.__enter__()
        except OSError as error:
            raise BoxError(f"a closed box cannot be made here: {error}") from None
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        (out, out_w), (err, err_w), (info, info_w) = os.pipe(), os.pipe(), os.pipe()
        into = self._standard_input()
        keep = [*self._keep, *([info_w] if self.level.bubblewrap else [])]
        keep += start.keep if start else []
        config = {
            "control": theirs.fileno(),
            "network": self.level.network,
            "cwd": "/" if start else self._cwd,
            "buffers": self._buffers,
            "argv": start.command(info_w) if start else self._command(info_w),
            "env": start.env if start else environment(),
            "become": start and start.become,
            "keep": keep,
            "stdin": into,
            "stdout": out_w,
            "stderr": err_w,
        }
        self._control = ours
        given = [theirs.fileno(), into, out_w, err_w, *keep]
        self._warden = NURSERY.warden(config, dict.fromkeys(given))
        theirs.close()
        for fd in (into, out_w, err_w, info_w):
            os.close(fd)
        if start:
            start.started()
        self.stdout, self.stderr = Stream(out), Stream(err)
        try:
            self._begin(info)
        except BaseException:
            self.__exit__()
            raise
        finally:
            os.close(info)
        if self._guard:
            self._guard.__enter__()
        return self

    def _standard_input(self) -> int:
        if not self._said:
            return os.open("/dev/null", os.O_RDONLY)
        read_end, write_end = os.pipe()
        os.write(write_end, self._said)
        os.close(write_end)
        return read_end

    def _begin(self, info):
        answer = json.loads(self._control.recv(4096) or b'{"error": "the warden died"}')
        if "error" in answer:
            raise BoxError(answer["error"])
        self._main = answer["pid"]
        self._pidfd = os.pidfd_open(self._main)
        self.root = self._main
        if self.level.bubblewrap:
            told = b""
            while chunk := os.read(info, 4096):
                told += chunk
            if not told:
                self.stderr.join(1)
                raise BoxError(f"bubblewrap: {self.stderr}")
            self.root = json.loads(told)["child-pid"]

    def _command(self, info):
        limits = [f"--nofile={self._nofile}"] if self._nofile else []
        argv = ["prlimit", "--core=0", *limits, "--", *self._argv]
        if not self.level.bubblewrap:
            return argv
        return [
            "bwrap",
            "--ro-bind",
            "/",
            "/",
            "--dev",
            "/dev",
            "--proc",
            "/proc",
            *(word for path in self._writable for word in ("--bind", path, path)),
            "--unshare-pid",
            "--unshare-ipc",
            "--die-with-parent",
            "--info-fd",
            str(info),
            "--",
            *argv,
        ]

    def __exit__(self, *_):
        if self._guard:
            self._guard.__exit__()
        self._ended_by = self.ended_by  # the warden removes the group that knows it
        self._control.close()
        if not self._warden.wait(10):
            self._warden.kill()
        self._warden.close()
        if hasattr(self, "_pidfd"):
            os.close(self._pidfd)
            del self._pidfd
        self.stdout.join(1), self.stderr.join(1)
        if self._start:
            self._start.__exit__()

    @property
    def ended_by(self) -> str:
        """`memory`, `output` or `processes`: of what it used too much, if it was ended for that."""
        if not self._start:
            return ""
        self._ended_by = self._ended_by or self._guard.reason or self._start.group.reason
        return self._ended_by

    def sockets(self, number=1) -> list[socket.socket]:
        """New TCP sockets inside the box's network."""
        made = []
        while len(made) < number:
            made += self._made_inside(b"s", min(number - len(made), MOST_SOCKETS))
        return made

    def diag(self) -> socket.socket:
        """A new socket that asks the kernel about all of the box's network, see sockets.py."""
        return self._made_inside(b"d", 1)[0]

    def _made_inside(self, kind: bytes, number: int) -> list[socket.socket]:
        with self._lock:
            self._control.send(b"%s%d" % (kind, number))
            _, descriptors, *_ = socket.recv_fds(self._control, 1, number)
        return [socket.socket(fileno=fd) for fd in descriptors]

    def processes(self) -> list[int]:
        """The program and all that it started, without bubblewrap's own init."""
        if self.level.closed and not self.level.bubblewrap:
            return proc.tree(self._warden.pid)[1:]  # orphans come to the warden: none gets lost
        found = proc.tree(self.root)
        return found[self.level.bubblewrap + self._keeper :]

    @property
    def network_pid(self) -> int:
        """A process whose /proc/PID/net shows the box's network."""
        return self._warden.pid

    def exited(self) -> bool:
        return self.wait_for_exit(0)

    def wait_for_exit(self, seconds) -> bool:
        """Waits for the end of the program's main process; true if it has ended."""
        return readable(self._pidfd, seconds)

    def exit_status(self) -> int | None:
        """As a shell says it: the status, 128 + N after signal N, None while it runs."""
        with self._lock:
            self._control.send(b"x")
            status = json.loads(self._control.recv(64))
        return 128 - status if status is not None and status < 0 else status


def environment() -> dict:
    """The caller's own, and what makes a sanitizer say where."""
    says = {"UBSAN_OPTIONS": "print_stacktrace=1", "TSAN_OPTIONS": "halt_on_error=1"}
    return {**os.environ, **says}
