"""A box: where one program runs during one check, and where its clients' sockets come from."""
import json
import os
import socket
import threading

from . import isolation, open_box, proc
from .closed_box import Start
from .guard import Guard
from .isolation import OPEN
from .limits import RUN
from .nursery import NURSERY, readable
from .stream import Stream

KEEPER = ("sh", "-c", '"$@" & wait; exec sleep 86400', "sh")  # stays first of the namespace
MOST_SOCKETS = 128  # in one message: the kernel bears 253 descriptors, SCM_MAX_FD


class BoxError(Exception):
    """The box itself could not be made: never the graded program's fault."""


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
            self.level = isolation.without_namespace_of_pids()
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
            "argv": start.command(info_w) if start else self._open(info_w),
            "env": start.env if start else open_box.environment(),
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

    def _open(self, info):
        return open_box.command(self._argv, self.level, self._nofile, self._writable, info)

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
