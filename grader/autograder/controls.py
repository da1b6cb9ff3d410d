"""A spinner and a sleeper, measured beside a program: where these two mislead, nothing is judged."""
import contextlib
import subprocess
import sys
import threading

# The spinner ends with the grader, also when that is killed; the sleeper reads the end of its input.
SPIN = """
os.nice(5)
grader = os.getppid()
while os.getppid() == grader:
    for _ in range(100_000): pass
"""


class Controls:
    """A spinner and a sleeper, shared by all windows that are open at the moment."""

    _lock, _users, _processes = threading.Lock(), 0, []

    @classmethod
    @contextlib.contextmanager
    def running(cls):
        with cls._lock:
            cls._users += 1
            if cls._users == 1:
                cls._processes = [
                    cls._start(SPIN),
                    cls._start("os.read(0, 1)"),
                ]
            processes = list(cls._processes)
        try:
            yield [process.pid for process in processes]
        finally:
            with cls._lock:
                cls._users -= 1
                if cls._users == 0:
                    for process in processes:
                        process.kill()
                        process.communicate()

    @staticmethod
    def _start(code):
        """Returns when the process has begun: an interpreter's start is no part of a window."""
        ready = "import os; os.write(1, b'r')\n"
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", ready + code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        process.stdout.read(1)
        return process
