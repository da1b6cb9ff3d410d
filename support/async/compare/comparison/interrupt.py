"""Ctrl-C that cannot be lost.

What a signal's handler raises within a hook of fork() or a finalizer is dropped by Python ("Exception
ignored in: ..."), and who starts many processes is often in one. So that somebody has asked is also
remembered, and a long run looks between its parts.
"""
import signal

_asked = False


def listen(*numbers: int):
    """SIGINT, and `numbers`, raise KeyboardInterrupt, as soon as may be and at each check()."""
    for number in (signal.SIGINT, *numbers):
        if signal.getsignal(number) != signal.SIG_IGN:  # as nohup(1) and `command &` set it
            signal.signal(number, _stop)


def check():
    """Raises KeyboardInterrupt if a signal has come."""
    if _asked:
        raise KeyboardInterrupt


def _stop(*_):
    global _asked
    _asked = True
    raise KeyboardInterrupt
