"""A Ctrl-C that Python drops stops the run at its next part."""
import os
import pathlib
import signal
import subprocess
import sys

from comparison import interrupt

DROPPED = """\
import os, signal, subprocess, sys
from comparison import interrupt
interrupt.listen()
os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIGINT))
subprocess.Popen(["/bin/true"], preexec_fn=os.getpid).wait()  # the hook runs, what it raises is dropped
print("it went on", flush=True)
try:
    interrupt.check()
except KeyboardInterrupt:
    print("it stopped")
"""


def run(program: str, **options) -> subprocess.CompletedProcess:
    found = str(pathlib.Path(interrupt.__file__).resolve().parents[1])
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": found},
        capture_output=True,
        text=True,
        timeout=60,
        **options,
    )


def test_a_dropped_interrupt_is_not_lost():
    done = run(DROPPED)
    assert done.stdout == "it went on\nit stopped\n" and "Exception ignored" in done.stderr


def test_who_was_told_to_ignore_it_does():
    """nohup(1) ignores SIGHUP, a shell without job control SIGINT of what runs behind."""
    ignore = lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)
    done = run(DROPPED, preexec_fn=ignore)
    assert done.stdout == "it went on\n" and not done.stderr


def test_nothing_has_come_yet():
    interrupt.check()
