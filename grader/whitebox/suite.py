"""Runs one test of a white-box suite in Python: the last lines of a suite are

    if __name__ == "__main__":
        suite.main(globals())

A test is a function whose docstring begins with `11.1, 3 points: promise`. It says what it saw with
expect(). It runs in a process of its own, so that its parent can tell when it hangs or crashes inside
C++, also with the GIL held. Import this module before the one that is judged.
"""
import contextlib
import mmap
import os
import select
import signal
import sys
import time
import traceback

LIMIT = 60  # seconds for one test: for what neither sleeps nor computes, on a machine that is busy
CPU = 6  # seconds on a CPU for all its threads: more than any test computes
QUIET = 1.5  # seconds asleep: no test sleeps as long by itself
SWITCH = 0.05  # seconds between two looks of a thread that waits for the GIL, where 0.005 is usual
CRUMBS = 0.02  # seconds on a CPU that such looks cost in QUIET, and more
CRASHED = "Python was touched without the GIL, or an object was used that had gone"
NOBODY = "what should wake it is lost"


class Broken(Exception):
    """A promise is not kept: what was seen, and the one likely cause."""


class Note:
    """A sentence in memory that parent and child share: it outlives a crash."""

    def __init__(self, text):
        self._memory = mmap.mmap(-1, 1024)
        self.write(text)

    def write(self, text):
        self._memory[:] = text.encode().ljust(len(self._memory), b"\0")

    def read(self) -> str:
        return self._memory[:].rstrip(b"\0").decode()


_stuck, _crash = Note(NOBODY), Note(CRASHED)


def expect(condition, saw, means):
    """Ends the test as failed unless `condition` is true."""
    if not condition:
        raise Broken(saw, means)


def if_stuck(means):
    """Says what it means if the test does not come back from what follows."""
    _stuck.write(means)


def if_crashed(means):
    """Says what it means if what follows ends the process."""
    _crash.write(means)


def raised(function, *arguments):
    """The exception that a call raises; None if it raises none."""
    try:
        function(*arguments)
    except NotImplementedError:
        raise
    except Exception as error:
        return error
    return None


def shown(error) -> str:
    """An exception, or that there is none, on one short line."""
    return "no exception" if error is None else repr(error).split("\\n")[0]


def tell(saw, means) -> int:
    """Prints what the grader looks for; returns the exit status of a broken promise."""
    print(f"saw    {saw}\nmeans  {means}", flush=True)
    return 1


def unexpected(error) -> int:
    """Tells of an exception that no promise speaks of: which line got it, and whence."""
    traceback.print_exception(type(error), error, error.__traceback__)
    frames = traceback.extract_tb(error.__traceback__)
    asked = [frame.line for frame in frames if frame.filename == sys.argv[0]]
    inside = [frame for frame in frames if os.path.dirname(frame.filename).endswith("/asynclab")]
    return tell(
        f"{type(error).__name__}: {error}" + (f", from `{asked[-1]}`" if asked else ""),
        (
            f"{os.path.basename(inside[-1].filename)}, line {inside[-1].lineno}, raised it:"
            f" `{inside[-1].line}`"
            if inside
            else "the C++ module raised it, and there nothing should go wrong"
        ),
    )


def perform(test) -> int:
    """Runs the test; returns its exit status: 0 kept, 1 broken."""
    try:
        test()
    except Broken as broken:
        return tell(*broken.args)
    except BaseException as error:
        return unexpected(error)
    return 0


def vouch() -> int:
    """Tells the grader that the test came to its end: see ended.hpp, which does it in C++."""
    if select.select([0], [], [], 0)[0] and (word := os.read(0, 64)):
        print(f"\nended {word.decode()}", flush=True)
    return 0


def watch(child, ended) -> str:
    """Waits until the test has ended; empty then, else what is seen of one that never will."""
    began = still_since = time.monotonic()
    ran_then = 0
    while not select.select([ended], [], [], 0.05)[0]:
        now, sleeps, ran = time.monotonic(), asleep(child), run_seconds(child)
        if not sleeps or ran - ran_then > CRUMBS:
            ran_then, still_since = ran, now
        if ran > CPU:
            return f"it has run for {CPU} s, and comes to no end"
        if now - still_since > QUIET:
            return f"for {QUIET} s it has slept, and nothing wakes it"
        if now - began > LIMIT:
            return f"after {LIMIT} s it has not come to its end"
    return ""


def tasks(pid, file) -> list[str]:
    """What /proc says in `file` of every thread of a process."""
    found = []
    for task in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{task}/{file}") as told:
            found.append(told.read())
    return found


def asleep(pid) -> bool:
    """Whether all threads of a process sleep (proc(5), stat): one that waits for a CPU does not."""
    return all(stat.rsplit(") ", 1)[1][0] in "SD" for stat in tasks(pid, "stat"))


def run_seconds(pid) -> float:
    """How long the threads of a process have run on a CPU."""
    return sum(int(told.split()[0]) for told in tasks(pid, "schedstat")) / 1e9


def main(tests):
    """Runs the test that the command line names. Exit status: 0 kept, 1 broken."""
    test = tests[sys.argv[1]]
    ended, held = os.pipe()  # its other end is closed when the child has ended
    sys.setswitchinterval(SWITCH)
    child = os.fork()
    if child == 0:
        os._exit(perform(test) or vouch())
    os.close(held)
    if hangs := watch(child, ended):
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        sys.exit(tell(f"{test.__name__} hangs: {hangs}", _stuck.read()))
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status < 0:
        name = signal.Signals(-status).name
        sys.exit(tell(f"{test.__name__} crashed: {name} ended the process", _crash.read()))
    sys.exit(status)


sys.excepthook = lambda kind, error, trace: unexpected(error)
