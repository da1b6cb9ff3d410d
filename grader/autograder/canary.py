"""The canary: a program that tries, inside a box, what nobody may do there and what everybody must.

Pairs of controls, as a box that refuses everything would be no good either: a level of isolation is
offered only where every one of them comes out as it should.
"""
import json
import os
import pathlib
import socket
import sys
import tempfile
from dataclasses import dataclass

from . import limits, machine, system_calls
from .box import Box, BoxError
from .port import Port

# name -> (what a program cannot do, the attempt); `told`: what the grader tells the canary
FORBIDDEN = {
    "read the kit": "open(told['kit'])",
    "see the home directory": "os.listdir(told['home'])",
    "read /etc/shadow": "open('/etc/shadow')",
    "write the results": "open(told['results'], 'r+')",
    "set core_pattern": "os.close(os.open('/proc/sys/kernel/core_pattern', os.O_WRONLY))",
    "connect outside": "socket.create_connection(('127.0.0.1', told['outside']), 2)",
    "reach abstract sockets": "socket.socket(socket.AF_UNIX).connect(told['abstract'])",
    "trace its parent": "call('ptrace', 16, os.getppid(), 0, 0)",
    "signal the grader": "os.kill(told['grader'], 0)",
    "make a user namespace": "call('unshare', 0x10000000)",
    "become uninspectable": "call('prctl', 4, 0, 0, 0, 0)",
    "talk to the host of a virtual machine (AF_VSOCK)": "socket.socket(40, socket.SOCK_STREAM)",
    "open a socket of Multipath TCP": "socket.socket(2, socket.SOCK_STREAM, 262)",
    "use keys of the kernel": "call('syscall', told['keyctl'], 0, -3, 0)",
    "find the grader's environment": (
        "assert [name for name in found() if name not in told['known']]"
    ),
    "inherit a descriptor": "assert [fd for fd in os.listdir('/proc/self/fd') if int(fd) > 3]",
}
NEEDED = {
    "listen and connect": "echo(told['port'])",
    "make a thread": (
        "import threading; t = threading.Thread(target=len, args=('',)); t.start(); t.join()"
    ),
    "make a process": "os.waitpid(os.fork() or os._exit(0), 0)",
    "write to its directory": "open('made', 'w').write('x')",
    "set up a ring (io_uring)": "call('syscall', 425, 4, ctypes.create_string_buffer(120))",
}
PROGRAM = """
import ctypes, json, os, pathlib, socket, sys
told = json.loads(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)
def call(name, *arguments):
    if getattr(libc, name)(*(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments)) < 0:
        raise OSError(ctypes.get_errno(), name)
def echo(port):
    with socket.create_server(('127.0.0.1', port)) as listener:
        client = socket.create_connection(('127.0.0.1', port))
        client.sendall(b'x')
        assert listener.accept()[0].recv(1) == b'x'
def found():
    names = list(os.environ)
    for pid in (1, os.getppid(), told['grader']):
        try:
            text = pathlib.Path(f'/proc/{pid}/environ').read_bytes()
        except OSError:
            continue
        names += [one.partition(b'=')[0].decode() for one in text.split(b'\\0') if one]
    return names
worked = {}
for name, attempt in told['attempts'].items():
    try:
        exec(attempt)
        worked[name] = True
    except BaseException as error:
        worked[name] = False
print(json.dumps(worked))
"""
KEYCTL = {"x86_64": 250, "aarch64": 219}
KNOWN = ("PATH", "LANG", "PWD", "OLDPWD", "TMPDIR", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LC_CTYPE")


class NoBox(Exception):
    """Programs cannot be started at this level at all; says why."""


@dataclass(frozen=True)
class Control:
    name: str
    allowed: bool  # must it work?
    worked: bool

    @property
    def trouble(self) -> str:
        if self.worked == self.allowed:
            return ""
        return f"a program in it {'can' if self.worked else 'cannot'} {self.name}"


def controls(level) -> list[Control]:
    """What came of every attempt in a closed box of this level, by worker 0's user."""
    if reason := "" if level.bare else system_calls.missing():
        raise NoBox(reason)
    needed = {n: a for n, a in NEEDED.items() if "ring" not in n or not machine.io_uring()}
    worked = attempt(level, {**FORBIDDEN, **needed})
    return [Control(name, name in needed, worked[name]) for name in (*FORBIDDEN, *needed)]


def attempt(level, attempts) -> dict[str, bool]:
    with (
        tempfile.NamedTemporaryFile() as results,
        socket.create_server(("127.0.0.1", 0)) as outside,
        socket.socket(socket.AF_UNIX) as abstract,
    ):
        abstract.bind("")  # the kernel chooses an abstract name, unix(7)
        abstract.listen()
        told = {
            "attempts": attempts,
            "kit": str(machine.KIT / "Makefile"),
            "home": home(),
            "results": results.name,
            "outside": outside.getsockname()[1],
            "abstract": abstract.getsockname().decode("latin-1"),
            "grader": os.getpid(),
            "keyctl": KEYCTL.get(os.uname().machine, 250),
            "known": KNOWN,
        }
        return run(level, told)


def home() -> str:
    """A directory of somebody's own; not one that a box has too, as HOME=/tmp would be."""
    found = pathlib.Path.home().resolve()
    common = len(found.parts) < 2 or found.parts[1] in ("tmp", "usr", "dev", "proc", "bin", "lib")
    return str(found if found.is_dir() and not common else "/root")


def run(level, told) -> dict[str, bool]:
    port = Port(level)
    told["port"] = port.number
    argv = [sys.executable, "-I", "-S", "-c", PROGRAM, json.dumps(told)]
    ring = limits.RELEASE.but(io_uring=True)
    try:
        with Box(argv, chosen=level, limits=ring, ports=[port.number]) as box:
            ended = box.wait_for_exit(30)
            box.stdout.join(1), box.stderr.join(1)
            if not ended or box.exit_status() != 0:
                raise NoBox(" ".join(f"{box.stderr}".split())[-200:] or "the canary does not end")
            return json.loads(str(box.stdout))
    except BoxError as reason:
        raise NoBox(str(reason).strip()) from None
    finally:
        port.release()
