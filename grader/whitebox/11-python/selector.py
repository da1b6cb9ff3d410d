"""What asynclab.Selector promises: what every selector of the standard library does."""
import gc
import os
import select
import signal
import socket
import threading
import time
from selectors import EVENT_READ, EVENT_WRITE, SelectorKey

import suite
from suite import expect, if_stuck, raised, shown

import asynclab

TOLD_APART = "EPOLLIN makes it readable, EPOLLOUT writable: tell the one from the other"


def pair():
    return socket.socketpair()


def open_descriptors() -> dict:
    """Descriptor -> what it is, of this process (proc(5), fd)."""
    found = {}
    for fd in os.listdir("/proc/self/fd"):
        try:
            found[int(fd)] = os.readlink(f"/proc/self/fd/{fd}")
        except OSError:
            pass  # the directory itself
    return found


def epoll_descriptors():
    return [fd for fd, what in open_descriptors().items() if "eventpoll" in what]


def watched() -> dict:
    """Descriptor -> events, of what the EventLoops of this process watch (proc(5), fdinfo). An
    EventLoop's epoll set is known by the eventfd that stop() writes: select.epoll has none."""
    found, what = {}, open_descriptors()
    for epoll in epoll_descriptors():
        with open(f"/proc/self/fdinfo/{epoll}") as file:
            lines = [line.split() for line in file if line.startswith("tfd:")]
        told = {int(words[1]): int(words[3], 16) for words in lines}
        if any("eventfd" in what.get(fd, "") for fd in told):
            found.update(
                {fd: events & (select.EPOLLIN | select.EPOLLOUT) for fd, events in told.items()}
            )
    return found


def register_returns_the_key():
    """11.3, 4 points: register() returns the SelectorKey and makes the loop watch the descriptor; its
    errors are those of selectors."""
    selector = asynclab.Selector()
    ours, theirs = pair()
    key = selector.register(ours, EVENT_READ, "data")
    expected = SelectorKey(ours, ours.fileno(), EVENT_READ, "data")
    expect(key == expected, f"register() returned {key!r}", "return the SelectorKey that is kept")
    expect(
        ours.fileno() in watched(),
        "no EventLoop that watches the registered descriptor",
        "register() must add it to the loop",
    )
    wrong = {
        "a socket registered before": (KeyError, ours, EVENT_READ),
        "its descriptor, registered before": (KeyError, ours.fileno(), EVENT_READ),
        "events 0": (ValueError, theirs, 0),
        "events 999": (ValueError, theirs, 999),
        "a descriptor below 0": (ValueError, -1, EVENT_READ),
        "a string": (ValueError, "file", EVENT_READ),
    }
    for what, (kind, *arguments) in wrong.items():
        error = raised(selector.register, *arguments)
        expect(
            type(error) is kind,
            f"{shown(error)} from register() of {what}",
            f"{kind.__name__} is what the other selectors raise",
        )
    with open(__file__) as regular:
        error = raised(selector.register, regular, EVENT_READ)
        expect(
            isinstance(error, PermissionError),
            f"{shown(error)} from register() of a regular file, which epoll(7) does not take",
            "the error of the loop's add() is for the caller: let it through",
        )
        expect(
            regular.fileno() not in selector.get_map(),
            "a regular file in the map after register() of it failed",
            "tell the loop first, and remember the key only if it took it",
        )


def the_map_is_always_up_to_date():
    """11.3, 4 points: get_map() knows every registered file object, by itself and by its number."""
    selector = asynclab.Selector()
    ours, theirs = pair()
    mapping = selector.get_map()
    expect(
        len(mapping) == 0,
        f"{len(mapping)} in the map of a new selector",
        "nothing is registered yet",
    )
    key = selector.register(ours, EVENT_READ)
    other = selector.register(theirs.fileno(), EVENT_WRITE)
    expect(len(mapping) == 2, f"{len(mapping)} in the map, two are registered", "remember the key")
    expect(
        mapping[ours] == key == mapping[ours.fileno()] and mapping[theirs] == other,
        "another key in the map than register() returned",
        "keep the key by descriptor",
    )
    expect(
        set(mapping) == {ours.fileno(), theirs.fileno()}, f"keys {set(mapping)}", "by descriptor"
    )
    selector.unregister(ours)
    expect(
        len(mapping) == 1 and ours not in mapping,
        "an unregistered socket in the map",
        "unregister() must forget the key",
    )


def unregister_after_close():
    """11.3, 4 points: unregister() returns the key, ends the watching, and works when the file object
    is closed already."""
    selector = asynclab.Selector()
    ours, theirs = pair()
    key = selector.register(ours, EVENT_READ)
    expect(selector.unregister(ours) == key, "another key from unregister()", "return the old key")
    expect(
        ours.fileno() not in watched(),
        "a loop that watches an unregistered descriptor",
        "unregister() must remove it from the loop",
    )
    error = raised(selector.unregister, ours)
    expect(
        type(error) is KeyError,
        f"{shown(error)} from a second unregister()",
        "KeyError is what the other selectors raise",
    )
    for file in (ours, theirs):
        selector.register(file, EVENT_READ)
    number = ours.fileno()
    ours.close()
    error = raised(selector.unregister, ours)
    expect(
        error is None,
        f"{error!r} from unregister() of a socket that was closed",
        (
            "a closed descriptor has left the epoll set by itself, so the loop's OSError says"
            " nothing new; and its object no longer tells its number, but the key does"
        ),
    )
    expect(
        number not in selector.get_map(),
        "a closed socket in the map after unregister()",
        "forget the key first",
    )
    number = theirs.fileno()
    os.close(theirs.detach())
    error = raised(selector.unregister, number)
    expect(
        error is None,
        f"{error!r} from unregister() of a descriptor's number, closed before",
        "a closed descriptor has left the epoll set by itself: the loop's OSError says nothing new",
    )


def modify_changes_events_and_data():
    """11.3, 4 points: modify() changes what is watched for and the data, and returns the new key."""
    selector = asynclab.Selector()
    ours, theirs = pair()
    selector.register(ours, EVENT_READ, "old")
    key = selector.modify(ours, EVENT_WRITE, "new")
    expect(
        key == SelectorKey(ours, ours.fileno(), EVENT_WRITE, "new") == selector.get_key(ours),
        f"{key!r} from modify(), {selector.get_key(ours)!r} kept",
        "return the new key, and keep it",
    )
    now = watched().get(ours.fileno(), 0)
    expect(
        now == select.EPOLLOUT,
        f"the loop watches for {now:#x} after modify() to EVENT_WRITE, which is EPOLLOUT, 4",
        "tell the loop the new events",
    )
    key = selector.modify(ours, EVENT_WRITE, "newer")
    expect(selector.get_key(ours).data == "newer", "old data after modify()", "keep the new data")
    error = raised(selector.modify, theirs, EVENT_READ)
    expect(
        type(error) is KeyError,
        f"{shown(error)} from modify() of what is not registered",
        "KeyError is what the other selectors raise",
    )
    error = raised(selector.modify, ours, 999)
    expect(
        type(error) is ValueError,
        f"{shown(error)} from modify() to events 999",
        "ValueError is what the other selectors raise",
    )


def close_gives_back_descriptors():
    """11.3, 4 points: close() closes the loop's descriptors, not the file objects; a selector that is
    dropped without close() leaks nothing either."""
    before = len(open_descriptors())
    selector = asynclab.Selector()
    ours, theirs = pair()
    selector.register(ours, EVENT_READ)
    selector.close()
    expect(
        raised(ours.send, b"x") is None,
        "a registered socket that no longer works after the selector's close()",
        "the file objects belong to the caller, and stay open",
    )
    left = len(open_descriptors()) - before - 2
    expect(
        left == 0 and not epoll_descriptors(),
        f"{left} descriptors more than before after close()",
        "let go of the EventLoop: it owns an epoll descriptor and an eventfd",
    )
    expect(selector.get_map() is None, "a map after close()", "get_map() returns None then")
    for _ in range(10):
        asynclab.Selector().register(ours, EVENT_READ)
    gc.collect()
    left = len(epoll_descriptors())
    expect(
        left == 0,
        f"{left} epoll descriptors of ten selectors that were dropped",
        "a callback that refers to its selector makes a cycle through C++, which is never freed",
    )


def select_tells_all_that_are_ready():
    """11.4, 4 points: select() tells every ready file object once, also when there are hundreds, and
    nothing else."""
    if_stuck("something is ready, or the time-out is 0: select() must come back at once")
    selector, pairs = asynclab.Selector(), [pair() for _ in range(150)]
    for ours, _ in pairs:
        selector.register(ours, EVENT_READ)
    for ready in (1, 63, 64, 65, 128, 150):
        for _, theirs in pairs[:ready]:
            theirs.send(b"x")
        found = selector.select(5)
        told = {key.fileobj for key, _ in found}
        expect(
            len(found) == len(told) == ready,
            f"{len(found)} entries for {len(told)} file objects, {ready} were ready",
            (
                "one run_once() brings 64 at most: ask on until nothing is new"
                if len(told) < ready
                else "the loop tells a descriptor again that is still ready: tell each once"
            ),
        )
        for ours, _ in pairs[:ready]:
            ours.recv(1)
    found = selector.select(0)
    expect(
        found == [],
        f"{len(found)} ready after all had been read",
        "what was ready at the last select() is told again: forget it first",
    )

    ours, theirs = pair()
    selector.register(ours, EVENT_READ)
    copy = ours.dup()
    ours.close()
    selector.unregister(ours)
    theirs.send(b"x")
    found = selector.select(0)
    expect(
        found == [],
        (
            f"{found} after unregister() of a closed socket whose copy, descriptor {copy.fileno()},"
            " is open and has a byte"
        ),
        "the epoll set still tells of it, epoll(7): leave out what is not registered",
    )


def an_end_is_readable():
    """11.4, 3 points: READ and WRITE are told apart; an end or an error makes a file object ready for
    what it is registered for."""
    if_stuck(
        "the other end is closed, epoll says EPOLLHUP or EPOLLERR, and select() goes on waiting"
    )
    selector = asynclab.Selector()
    ours, theirs = pair()
    key = selector.register(ours, EVENT_READ | EVENT_WRITE)
    found = selector.select(0)
    expect(found == [(key, EVENT_WRITE)], f"{found} of a silent socket", TOLD_APART)
    theirs.send(b"x")
    found = selector.select(0)
    expect(found == [(key, EVENT_READ | EVENT_WRITE)], f"{found} with a byte to read", TOLD_APART)
    reading, writing = os.pipe()
    ended = selector.register(reading, EVENT_READ)
    os.close(writing)
    found = [events for key, events in selector.select(0) if key == ended]
    expect(
        found == [EVENT_READ],
        f"{found or 'nothing'} of a pipe whose other end is closed (epoll says EPOLLHUP)",
        "whoever reads learns of the end: EPOLLHUP and EPOLLERR count as readable and writable",
    )
    reading, writing = os.pipe()
    broken = selector.register(writing, EVENT_WRITE)
    while os.write(writing, bytes(65536)) == 65536 and select.select([], [writing], [], 0)[1]:
        pass
    os.close(reading)
    found = [events for key, events in selector.select(0) if key == broken]
    expect(
        found == [EVENT_WRITE],
        f"{found or 'nothing'} of a full pipe that nobody reads any more (epoll says EPOLLERR)",
        "whoever writes learns of the error: EPOLLERR counts as writable",
    )


def signals(thread, number=250):
    for _ in range(number):
        time.sleep(0.02)
        signal.pthread_kill(thread, signal.SIGUSR1)


def a_signal_does_not_end_the_wait():
    """11.4, 3 points: A signal whose handler does not raise does not end select() early (PEP 475), and
    a time-out is kept."""
    selector = asynclab.Selector()
    ours, theirs = pair()
    selector.register(ours, EVENT_READ)
    signal.signal(signal.SIGUSR1, lambda *_: None)
    disturbs = threading.Thread(target=signals, args=(threading.main_thread().ident,), daemon=True)
    disturbs.start()
    began = time.monotonic()
    found = selector.select(0.3)
    passed = time.monotonic() - began
    expect(
        found == [] and passed >= 0.3,
        f"select(0.3) came back after {passed:.3f} s with {found}, a signal came every 0.02 s",
        "run_once() returns 0 for a signal too: go on until the time has really passed",
    )
    expect(
        disturbs.is_alive(),
        f"select(0.3) came back after {passed:.1f} s, when no more signals came",
        "after a signal wait for the rest of the time, not for all of it again",
    )
    threading.Timer(0.1, theirs.send, (b"x",)).start()
    if_stuck("select(None) does not come back although a byte has arrived")
    found = selector.select(None)
    expect(
        len(found) == 1,
        f"{found} from select(None) before anything was ready, a signal came every 0.02 s",
        "None waits for ever: neither a signal nor a time-out of 0 may end it",
    )
    ours.recv(1)
    for timeout in (0, -1):
        if_stuck(f"select({timeout}) waits, and nothing will come: 0 and less do not wait")
        found = selector.select(timeout)
        expect(found == [], f"{found} from select({timeout}), nothing was ready", "forget the last")


if __name__ == "__main__":
    suite.main(globals())
