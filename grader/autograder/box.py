"""A box: where one program runs during one check, and where its clients' sockets come from.

The best level that this machine allows is found once by trying: a network namespace of its own
with bubblewrap (file system read-only, own process ids), the namespace alone, or a plain process.
"""
import array
import functools
import json
import os
import pathlib
import select
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass

from . import proc

WARDEN = pathlib.Path(__file__).with_name("warden.py")
OUTPUT_LIMIT = 1 << 20  # bytes kept of each stream; the rest is read and thrown away
FLOOD = 32 << 20  # bytes after which a program is taken for one that floods its output


@dataclass(frozen=True)
class Level:
    """How much a box keeps apart. `network`: own namespace. `bubblewrap`: own view of the files."""

    title: str
    network: bool
    bubblewrap: bool


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


def without_namespace_of_pids() -> Level:
    """A level at which a program's children live on when it ends: bubblewrap would end them all."""
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
    `writable`: directories in which the program may write; all else is read-only.
    """

    def __init__(
        self, argv, *, chosen=None, cwd="/", buffers=(0, 0), nofile=0, keep=(), writable=()
    ):
        self.level = chosen or level()
        self._argv, self._cwd = list(argv), str(cwd)
        self._buffers, self._nofile, self._keep = buffers, nofile, list(keep)
        self._writable = [str(path) for path in writable]
        self._lock = threading.Lock()

    def __enter__(self):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        (out, out_w), (err, err_w), (info, info_w) = os.pipe(), os.pipe(), os.pipe()
        keep = [*self._keep, *([info_w] if self.level.bubblewrap else [])]
        config = {
            "control": theirs.fileno(),
            "network": self.level.network,
            "cwd": self._cwd,
            "buffers": self._buffers,
            "argv": self._command(info_w),
            "keep": keep,
            "stdout": out_w,
            "stderr": err_w,
        }
        self._control = ours
        self._warden = subprocess.Popen(
            [sys.executable, "-I", "-S", str(WARDEN), json.dumps(config)],
            env=environment(),
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno(), out_w, err_w, *keep],
        )
        theirs.close()
        for fd in (out_w, err_w, info_w):
            os.close(fd)
        self.stdout, self.stderr = Stream(out), Stream(err)
        try:
            self._begin(info)
        except BaseException:
            self.__exit__()
            raise
        finally:
            os.close(info)
        return self

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
        self._control.close()
        try:
            self._warden.wait(10)
        except subprocess.TimeoutExpired:
            self._warden.kill()
            self._warden.wait()
        if hasattr(self, "_pidfd"):
            os.close(self._pidfd)
            del self._pidfd
        self.stdout.join(1), self.stderr.join(1)

    def socket(self) -> socket.socket:
        """A new TCP socket inside the box's network."""
        with self._lock:
            self._control.send(b"s")
            _, ancillary, *_ = self._control.recvmsg(1, socket.CMSG_SPACE(4))
        fd = array.array("i", ancillary[0][2])[0]
        return socket.socket(fileno=fd)

    def processes(self) -> list[int]:
        """The program and all that it started, without bubblewrap's own init."""
        found = proc.tree(self.root)
        return found[1:] if self.level.bubblewrap else found

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


def readable(fd, seconds) -> bool:
    """poll(2) rather than select(2): a grader with a thousand clients has descriptors above
    FD_SETSIZE."""
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(seconds * 1000))
