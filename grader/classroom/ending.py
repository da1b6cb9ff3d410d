"""How a grading's processes end: what still ran, that nothing is left, and in words how it died."""
import os
import pathlib
import signal
import time

from autograder import warden


def running_programs(pid) -> list[str]:
    """The names of what runs below the grading's own processes: compilers, boxed programs."""
    names = []
    for one in warden.descendants(pid):
        try:
            name = pathlib.Path(f"/proc/{one}/comm").read_text().strip()
        except OSError:
            continue
        if name not in ("python3", "bwrap", "prlimit", "make", "sh", "strace"):
            names.append(name)
    return names


def finish(pid) -> int:
    """Ends the grading, gives its wardens the time to end their boxes, then ends what is left."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    _, status = os.waitpid(pid, 0)
    calm = time.monotonic() + 2
    while warden.descendants(os.getpid()) and time.monotonic() < calm:
        reap()
        time.sleep(0.005)
    warden.end_all()
    return status


def reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def how(status) -> str:
    if os.WIFSIGNALED(status):
        return f"by signal {os.WTERMSIG(status)} ({signal.Signals(os.WTERMSIG(status)).name})"
    return f"with status {os.waitstatus_to_exitcode(status)}"
