"""A server's process and all below it: start, find the port, read the counters, end, collect.

What processes and threads that are gone have used is exact, because nobody dies unseen: this
process is their subreaper (prctl(2), PR_SET_CHILD_SUBREAPER), ends the server with SIGKILL at the
end of the load, and takes the rusage of each from wait4(2), to the microsecond. It includes
threads that have ended and children that the server itself has waited for.
"""
import contextlib
import ctypes
import os
import pathlib
import re
import select
import signal
import subprocess
import time

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h
START_PATIENCE = 10  # seconds
END_PATIENCE = 2  # seconds for what ends by itself
libc = ctypes.CDLL(None, use_errno=True)


class StartError(Exception):
    """The server did not start: the text is the reason, the server's own last words if any."""


def become_subreaper():
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent():
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


class Server:
    """A running server; `port` is where it listens."""

    def __init__(self, command: list[str], environment: dict[str, str]):
        try:
            self.process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is for us: we end the server then
                preexec_fn=die_with_parent,
            )
        except OSError as error:
            name = pathlib.Path(command[0]).name
            raise StartError(f"{name}: {error.strerror}") from error
        self.pid = self.process.pid
        try:
            self.port = self.wait_for_port()
        except BaseException:
            self.end()
            raise

    def wait_for_port(self) -> int:
        """Reads what it prints until it says where it listens."""
        text, deadline = "", time.monotonic() + START_PATIENCE
        while (left := deadline - time.monotonic()) > 0:
            if not select.select([self.process.stderr], [], [], left)[0]:
                break
            data = os.read(self.process.stderr.fileno(), 4096).decode(errors="replace")
            text += data
            if found := re.search(r"Starting server on port (\d+)\n", text):
                return int(found.group(1))
            if not data:
                words = [line for line in text.splitlines() if line.strip()]
                raise StartError(words[-1] if words else "ended without a word")
        raise StartError(f"did not listen within {START_PATIENCE} s")

    def end(self) -> list:
        """Kills it and everything below it. Returns the rusage of each process, wait4(2)."""
        self.process.stderr.close()
        os.kill(self.pid, signal.SIGKILL)  # Popen.kill() would reap a dead one, and lose its rusage
        _, status, usage = os.wait4(self.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        return [usage, *collect_session(self.pid)]


def collect_session(session: int) -> list:
    """Ends and collects what the server has left behind: those are our children now."""
    usages, deadline = [], time.monotonic() + END_PATIENCE
    while left := [pid for pid in tree(os.getpid())[1:] if session_of(pid) == session]:
        for pid in left:
            if time.monotonic() > deadline or not tidies_up(pid):
                os.kill(pid, signal.SIGKILL)  # not reaped yet, so the number is still its own
            with contextlib.suppress(
                ChildProcessError
            ):  # a grandchild is ours when its parent ends
                reaped, _, usage = os.wait4(pid, os.WNOHANG)
                if reaped:
                    usages.append(usage)
        time.sleep(0.001)
    return usages


def session_of(pid: int) -> int:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return -1


def tidies_up(pid: int) -> bool:
    """multiprocessing's resource tracker removes what its parent has left, then it ends."""
    return "resource_tracker" in read(f"/proc/{pid}/cmdline")


def read(path: str) -> str:
    try:
        return pathlib.Path(path).read_text(errors="replace")
    except OSError:  # gone in the meantime
        return ""


def tasks(pid: int) -> list[int]:
    """The threads of a process."""
    try:
        return [int(name) for name in os.listdir(f"/proc/{pid}/task")]
    except OSError:
        return []


def tree(pid: int) -> list[int]:
    """`pid` first, then every process below it. proc(5), /proc/PID/task/TID/children"""
    found = [pid]
    for task in tasks(pid):
        for child in read(f"/proc/{pid}/task/{task}/children").split():
            found += tree(int(child))
    return found
