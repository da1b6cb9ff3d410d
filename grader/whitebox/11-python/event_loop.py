"""What asynclab.EventLoop and asynclab.fibonacci promise, seen from Python: one fact a test."""
import errno
import gc
import select
import signal
import socket
import sys
import threading
import time
import weakref

import suite
from suite import expect, if_crashed, if_stuck, raised, shown

import asynclab

IN, OUT = select.EPOLLIN, select.EPOLLOUT
HUNG = (
    "the GIL is held while epoll_wait() sleeps: no other thread can run Python, so none can wake it"
)
HANDED_ON = "what EventLoop throws comes out as an OSError: hand the call on, and catch nothing"


def readable():
    """(descriptor that is ready to be read, its owner)"""
    ours, theirs = socket.socketpair()
    theirs.send(b"x")
    return ours.fileno(), (ours, theirs)


def silent():
    ours, theirs = socket.socketpair()
    return ours.fileno(), (ours, theirs)


def runs_the_callback_of_a_ready_descriptor():
    """11.1, 5 points: run_once() runs the Python callback of every ready descriptor, with its events,
    and no other."""
    loop, seen = asynclab.EventLoop(), []
    ready, keep = readable()
    quiet, keep_too = silent()
    loop.add(ready, IN, seen.append)
    loop.add(quiet, IN, lambda events: seen.append("quiet"))
    if_stuck("one descriptor is ready, and the time-out is 0: there is nothing to wait for")
    if_crashed("the loop ran a callback of Python on a thread that did not hold the GIL")
    count = loop.run_once(0)
    expect("quiet" not in seen, "the callback of a silent descriptor run", "add() mixed them up")
    expect(
        seen == [IN],
        f"one descriptor ready to be read, and its callback called with {seen or 'nothing'}",
        "add() must hand the function on to the loop, which calls it with the events",
    )
    expect(
        count == 1, f"run_once() returned {count}, one was ready", "return what the loop returns"
    )


def modify_changes_the_interest():
    """11.1, 4 points: After modify() a descriptor is watched for the new events only."""
    loop, seen = asynclab.EventLoop(), []
    fd, keep = readable()
    loop.add(fd, OUT, seen.append)
    error = raised(loop.modify, fd, IN)
    expect(
        error is None,
        f"{error!r} from modify() of a descriptor that was added",
        "modify() is to call EventLoop::modify(), nothing else",
    )
    loop.run_once(0)
    expect(seen == [IN], f"events {seen} after modify(fd, EPOLLIN)", "modify() is not handed on")
    loop.modify(fd, 0)
    seen.clear()
    loop.run_once(0)
    expect(not seen, f"events {seen} after modify(fd, 0)", "modify() does not replace the interest")


def a_callback_may_remove_itself():
    """11.1, 4 points: A callback may remove its own descriptor, and is not called again."""
    loop, calls = asynclab.EventLoop(), []
    fd, keep = readable()

    def once(events):
        calls.append(events)
        loop.remove(fd)

    loop.add(fd, IN, once)
    for _ in range(3):
        loop.run_once(0)
    expect(
        len(calls) == 1,
        f"{len(calls)} calls of a callback that removes its descriptor at the first",
        "remove() is not handed on to the loop",
    )
    error = raised(loop.add, fd, IN, lambda events: calls.append("again"))
    expect(error is None, f"{error!r} when the descriptor was added again", "remove() leaves it")
    loop.run_once(0)
    expect(
        calls[-1] == "again", "no call after the descriptor was added again", "remove() leaves it"
    )


def errors_are_oserrors():
    """11.1, 4 points: What the kernel refuses is an OSError with its errno; what is no descriptor or
    function is a TypeError."""
    loop = asynclab.EventLoop()
    fd, keep = silent()
    with open(__file__) as regular:
        error = raised(loop.add, regular.fileno(), IN, print)
    refused = {
        "add() of a regular file": (error, errno.EPERM),
        "modify() of a descriptor that was not added": (raised(loop.modify, fd, IN), errno.ENOENT),
        "remove() of a descriptor that was not added": (raised(loop.remove, fd), errno.ENOENT),
    }
    for what, (error, number) in refused.items():
        expect(
            isinstance(error, OSError) and error.errno == number,
            f"{shown(error)} from {what}; epoll_ctl() says {errno.errorcode[number]}",
            HANDED_ON,
        )
    for wrong in (("0", IN, print), (fd, IN, 7)):
        error = raised(loop.add, *wrong)
        expect(
            isinstance(error, TypeError),
            f"{shown(error)} from add{wrong}",
            "a descriptor is an int, and a callback a py::function: pybind11 checks these types",
        )


def never_wakes_too_early():
    """11.1, 4 points: A time-out is never cut short: fractions of a millisecond are rounded up, and
    what is negative has passed."""
    loop = asynclab.EventLoop()
    for seconds in (0.0004, 0.0015, 0.0021) * 7:
        began = time.monotonic()
        loop.run_once(seconds)
        passed = time.monotonic() - began
        expect(
            passed >= seconds,
            f"run_once({seconds}) came back after {passed * 1000:.2f} ms",
            "rounded down, the last millisecond of every wait becomes a busy loop",
        )
    for seconds in (0, -1, -0.0005, -0.5):
        if_stuck(f"run_once({seconds}) waits for ever: 0 and less do not wait, only None does")
        loop.run_once(seconds)


def stop_before_run_is_not_lost():
    """11.1, 4 points: stop() ends run(), from a callback and before run(); run() may be called again."""
    loop, calls = asynclab.EventLoop(), []
    fd, keep = readable()

    def third(events):
        calls.append(events)
        if len(calls) == 3:
            loop.stop()

    loop.add(fd, IN, third)
    if_stuck("a stop() from a callback does not end run()")
    loop.run()
    expect(
        len(calls) >= 3,
        f"run() ended after {len(calls)} calls, stop() came in the third",
        "run() is a loop: it goes on until stop()",
    )
    loop.remove(fd)
    loop.stop()
    if_stuck("a stop() that came before run() is lost: who begins to run must not forget it")
    loop.run()
    seen = []
    loop.add(fd, IN, lambda events: seen.append(events) or loop.stop())
    loop.run()
    expect(
        seen == [IN],
        f"a later run() ended after {len(seen)} calls, stop() came in the first",
        "an old stop() was kept: forget it when it has ended run()",
    )


def other_threads_run_while_it_waits():
    """11.2, 6 points: While the loop waits, other threads run Python, and may wake it."""
    loop, seen = asynclab.EventLoop(), []
    ours, theirs = socket.socketpair()
    loop.add(ours.fileno(), IN, seen.append)
    if_stuck(HUNG)
    if_crashed("the loop ran a callback of Python on a thread that did not hold the GIL")
    threading.Timer(0.05, theirs.send, (b"x",)).start()
    loop.run_once(None)
    expect(
        seen == [IN],
        "run_once(None) came back before anything was ready",
        "None waits for ever, which epoll_wait() calls -1; 0 does not wait at all",
    )
    loop.remove(ours.fileno())
    if_stuck("a stop() from another thread does not wake a loop that sleeps")
    began = time.monotonic()
    threading.Timer(0.05, loop.stop).start()
    loop.run()
    expect(time.monotonic() - began >= 0.05, "run() ended before stop()", "it has to wait for it")


def an_exception_comes_out():
    """11.2, 5 points: What a callback raises comes out of run_once() and run(), the very same object;
    the loop is usable afterwards."""
    loop, seen = asynclab.EventLoop(), []
    fd, keep = readable()
    problem = LookupError("not found")

    def fails(events):
        raise problem

    loop.add(fd, IN, fails)
    for function in (lambda: loop.run_once(0), loop.run):
        if_stuck("the exception of a callback is swallowed, and run() goes on")
        if_crashed("the exception of a callback was thrown or caught without the GIL")
        error = raised(function)
        expect(
            error is problem,
            f"a callback raised {problem!r}, and the caller of the loop got {shown(error)}",
            "let C++ throw py::error_already_set through the loop: pybind11 restores it in Python",
        )
        expect(
            error.__traceback__.tb_next is not None,
            "the exception without the callback in its traceback",
            "raise the original, not a copy of it",
        )
    loop.remove(fd)
    loop.add(fd, IN, seen.append)
    loop.run_once(0)
    expect(seen == [IN], "no callback after an exception", "the loop must survive its callbacks")


def signals_are_handled_while_it_waits():
    """11.2, 5 points: A signal's handler in Python runs while the loop waits; what it raises, as
    Ctrl-C does, comes out."""
    loop, handled = asynclab.EventLoop(), []
    signal.signal(signal.SIGUSR1, lambda *_: handled.append(1) or loop.stop())
    me = threading.main_thread().ident
    if_stuck(
        "a signal has ended epoll_wait(), and its handler in Python has not run: call"
        " PyErr_CheckSignals() after each batch"
    )
    threading.Timer(0.05, signal.pthread_kill, (me, signal.SIGUSR1)).start()
    loop.run()
    expect(
        len(handled) == 1,
        f"run() ended, and the handler had run {len(handled)} times",
        "it ends at stop(), which the handler calls: call PyErr_CheckSignals() after each batch",
    )

    loop = asynclab.EventLoop()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name, wait in (("run_once(None)", lambda: loop.run_once(None)), ("run()", loop.run)):
        if_stuck("Ctrl-C does not end a loop that waits: throw what the handler has raised")
        error = None
        try:
            threading.Timer(0.05, signal.pthread_kill, (me, signal.SIGINT)).start()
            wait()
        except KeyboardInterrupt:
            continue
        except Exception as other:
            error = other
        expect(
            False,
            f"{shown(error)} out of {name} after Ctrl-C, where KeyboardInterrupt was due",
            (
                "when PyErr_CheckSignals() is not 0 a handler has raised: throw"
                " py::error_already_set{}"
            ),
        )


class Tattler:
    """A callback that says when it is dropped; saying so takes a thread that may run Python."""

    def __init__(self, told):
        self.told = told

    def __call__(self, events):
        self.loop.remove(self.fd)

    def __del__(self):
        self.told.append(sum(range(1000)))


def a_callback_is_dropped_under_the_gil():
    """11.2, 4 points: The last reference to a callback that has removed itself is dropped by a thread
    that holds the GIL."""
    if_stuck("dropping a callback waits for a lock that its own thread holds")
    if_crashed(
        "the loop copied, ran or dropped a callback of Python on a thread that did not hold the GIL"
    )
    for _ in range(20):
        loop, told = asynclab.EventLoop(), []
        fd, keep = readable()
        tattler = Tattler(told)
        tattler.loop, tattler.fd = loop, fd
        gone = weakref.ref(tattler)
        loop.add(fd, IN, tattler)
        del tattler
        loop.run_once(1)
        gc.collect()
        expect(
            gone() is None and told,
            "a callback that removed itself still there",
            "a reference to it is never given back",
        )


def computes_without_the_gil():
    """11.5, 5 points: While fibonacci() computes, other threads run Python; its value is right."""
    first = [asynclab.fibonacci(n) for n in range(10)]
    expect(first == [1, 1, 2, 3, 5, 8, 13, 21, 34, 55], f"{first}", "fibonacci(0) and (1) are 1")
    sys.setswitchinterval(0.001)  # what Python gives a thread in its turn between two computations
    other = threading.Thread(target=spin, daemon=True)
    other.start()
    clock, spent, theirs, n = time.pthread_getcpuclockid(other.ident), 0, 0, 30
    while spent < 0.3 or (spent < 2 and theirs < spent / 5):  # CPU time: a loaded machine tells too
        before, began = time.clock_gettime(clock), time.thread_time()
        asynclab.fibonacci(n)
        ran, got = time.thread_time() - began, time.clock_gettime(clock) - before
        if ran >= 0.2:  # beside it such turns do not count
            spent, theirs = spent + ran, theirs + got
        else:
            n += 1
    expect(
        theirs >= spent / 5,
        f"another thread ran {theirs:.2f} s during {spent:.1f} s of computation",
        "the GIL is held while C++ computes: release it, no Python object is needed",
    )


def spin():
    while True:
        pass


if __name__ == "__main__":
    suite.main(globals())
