"""Prints what select(), poll() and epoll say here of every kind of descriptor, as JSON.

The grader runs it as a process of its own (`python3 -I -S kinds_here.py`): it sends itself signals.
"""
import ctypes
import errno
import json
import os
import select
import signal
import socket
import struct

libc = ctypes.CDLL(None, use_errno=True)
KEPT = []  # other ends, and members of sets: they must stay open


def made(result) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def opened(path) -> int:
    return os.open(path, os.O_RDONLY)


def pair(ends, filled) -> int:
    """The reading end of a pair; `ends`: (reading, writing)."""
    KEPT.append(ends[1])
    if filled:
        os.write(ends[1], b"x")
    return ends[0]


def sockets():
    return [end.detach() for end in socket.socketpair()]


def timer(seconds, nanoseconds) -> int:
    fd = made(libc.timerfd_create(1, 0))  # CLOCK_MONOTONIC
    made(libc.timerfd_settime(fd, 0, struct.pack("qqqq", 0, 0, seconds, nanoseconds), None))
    return fd if seconds else select.select([fd], [], [])[0][0]


def signals(number, pending) -> int:
    signal.pthread_sigmask(signal.SIG_BLOCK, [number])
    if pending:
        os.kill(os.getpid(), number)
    return made(libc.signalfd(-1, struct.pack("Q", 1 << (number - 1)), 0))


def epoll_set(value) -> int:
    KEPT.extend([select.epoll(), made(libc.eventfd(value, 0))])
    KEPT[-2].register(KEPT[-1], select.EPOLLIN)
    return KEPT[-2].fileno()


def kinds():
    yield "regular-file", opened("/proc/self/exe")
    yield "directory", opened("/")
    yield "memfd", os.memfd_create("kind")
    for path in ("/dev/null", "/dev/urandom", "/proc/self/status", "/proc/mounts"):
        yield path, opened(path)
    yield "pipe-empty", pair(os.pipe(), False)
    yield "pipe-with-data", pair(os.pipe(), True)
    yield "socket-empty", pair(sockets(), False)
    yield "socket-with-data", pair(sockets(), True)
    yield "eventfd-0", made(libc.eventfd(0, 0))
    yield "eventfd-1", made(libc.eventfd(1, 0))
    yield "timerfd-running", timer(3600, 0)
    yield "timerfd-expired", timer(0, 1)
    yield "signalfd-empty", signals(signal.SIGUSR1, False)
    yield "signalfd-pending", signals(signal.SIGUSR2, True)
    yield "epoll-empty", epoll_set(0)
    yield "epoll-with-event", epoll_set(1)
    yield "inotify-empty", made(libc.inotify_init1(0))


def word(ask) -> str:
    try:
        return "ready" if ask() else "waits"
    except OSError as error:
        return errno.errorcode[error.errno]


def says(fd) -> dict[str, str]:
    asked = select.poll()
    asked.register(fd, select.POLLIN)

    def epoll():
        with select.epoll() as watching:
            watching.register(fd, select.EPOLLIN)
            return watching.poll(0)

    return {
        "select": word(lambda: select.select([fd], [], [], 0)[0]),
        "poll": word(lambda: asked.poll(0)),
        "epoll": word(epoll),
        "io_uring": word(lambda: asked.poll(0)),  # POLL_ADD asks the file what poll(2) asks it
    }


if __name__ == "__main__":
    print(json.dumps({name: says(fd) for name, fd in kinds()}))
