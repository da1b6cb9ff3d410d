"""Lab 11: a selector on the event loop of lab 05. With it asyncio runs on your own epoll loop:

    loop = asyncio.SelectorEventLoop(asynclab.Selector())

Where selectors.EpollSelector talks to epoll(7) through select.epoll, this one talks to EventLoop.
"""
import functools
import select
import selectors
import time
from collections.abc import Mapping
from selectors import EVENT_READ, EVENT_WRITE, SelectorKey

from ._loop import EventLoop

BATCH = 64  # the most that one run_once() brings


def descriptor(fileobj) -> int:
    """The descriptor of a file object, or of a number that is one already.

    Raises ValueError for anything else, and for a file that is closed.
    """
    try:
        fd = fileobj if isinstance(fileobj, int) else int(fileobj.fileno())
    except (AttributeError, TypeError, ValueError):
        raise ValueError(f"Invalid file object: {fileobj!r}") from None
    if fd < 0:
        raise ValueError(f"Invalid file descriptor: {fd}")
    return fd


class Registered(Mapping):
    """What get_map() returns: file object or descriptor -> SelectorKey, always up to date."""

    def __init__(self, selector):
        self._selector = selector

    def __len__(self):
        return len(self._selector.keys)

    def __getitem__(self, fileobj):
        try:
            return self._selector.keys[self._selector.number(fileobj)]
        except KeyError:
            raise KeyError(f"{fileobj!r} is not registered") from None

    def __iter__(self):
        return iter(self._selector.keys)


class Selector(selectors.BaseSelector):
    """Waits for file objects to become readable or writable, in the thread that uses it."""

    def __init__(self):
        self.keys = {}  # descriptor -> SelectorKey
        self._ready = {}  # descriptor -> events of epoll(7), while select() runs
        self._loop = EventLoop()
        self._map = Registered(self)

    def register(self, fileobj, events, data=None):
        """Watches a file object for EVENT_READ, EVENT_WRITE or both; returns its SelectorKey.

        Raises ValueError (events, file object), KeyError (registered before), OSError (epoll does
        not take it, as a regular file): nothing is changed then.
        """
        # STEP 11.3: check, tell the loop, then remember the key.
        #   The callback of a descriptor notes its events in `_ready`; select() does the rest. Let
        #   the callback refer to the dict, not to the selector: a cycle through C++ is never freed.
        #   man: selectors "BaseSelector.register"   check: register_returns_the_key
        interest = self.interest(events)
        key = SelectorKey(fileobj, self.number(fileobj), events, data)
        if key.fd in self.keys:
            raise KeyError(f"{fileobj!r} (FD {key.fd}) is already registered")
        self._loop.add(key.fd, interest, functools.partial(self._ready.__setitem__, key.fd))
        self.keys[key.fd] = key
        return key

    def unregister(self, fileobj):
        """Forgets a file object, also one that is closed by now; returns its key. Raises KeyError."""
        # STEP 11.3: forget the key, and tell the loop.
        #   A descriptor that was closed has left the epoll set by itself: the loop's OSError says
        #   nothing new. Its object no longer tells its number: see number().
        #   man: epoll(7) "Questions and answers"   check: unregister_after_close
        key = self.get_key(fileobj)
        del self.keys[key.fd]
        try:
            self._loop.remove(key.fd)
        except OSError:
            pass
        return key

    def modify(self, fileobj, events, data=None):
        """Changes events and data of a registered file object; returns the new key."""
        # STEP 11.3: tell the loop only if the events are others.
        #   A system call for the same events once more would tell the kernel nothing.
        #   man: selectors "BaseSelector.modify"   check: modify_changes_events_and_data
        key = self.get_key(fileobj)
        if events != key.events:
            self._loop.modify(key.fd, self.interest(events))
        self.keys[key.fd] = key = key._replace(events=events, data=data)
        return key

    def select(self, timeout=None):
        """Waits until a file object is ready, at most `timeout` seconds (None: for ever, 0 and less:
        not at all); returns [(key, events)]. A signal does not end the wait, if its handler
        does not raise (PEP 475).
        """
        # STEP 11.4: run the loop until something is ready or the time has passed.
        #   One run_once() brings 64 descriptors at most, and may bring nothing: a signal came. What
        #   is ready beyond 64 is brought by the next ones, in turns: ask on until nothing is new.
        #   man: epoll_wait(2)   check: select_tells_all_that_are_ready
        self._ready.clear()
        deadline = None if timeout is None else time.monotonic() + timeout
        self._loop.run_once(timeout)
        while not self._ready and (deadline is None or time.monotonic() < deadline):
            self._loop.run_once(deadline and deadline - time.monotonic())
        known = 0
        while len(self._ready) - known >= BATCH:
            known = len(self._ready)
            self._loop.run_once(0)
        return list(self.told())

    def told(self):
        """Yields (key, events) of what is ready, registered, and asked for."""
        # STEP 11.4: translate the events of epoll(7).
        #   EPOLLERR and EPOLLHUP come unasked: whoever tries to read or write learns the reason, so
        #   they count as both. A closed descriptor with a copy elsewhere may still be told.
        #   man: epoll_ctl(2) "EPOLLHUP"   check: an_end_is_readable
        for fd, ready in self._ready.items():
            if key := self.keys.get(fd):
                readable = EVENT_READ if ready & ~select.EPOLLOUT else 0
                writable = EVENT_WRITE if ready & ~select.EPOLLIN else 0
                yield key, (readable | writable) & key.events

    def close(self):
        """Lets go of the loop and its descriptors; the file objects stay open."""
        # STEP 11.3: forget everything.
        #   get_map() returns None afterwards, as that of every selector.
        #   man: selectors "BaseSelector.close"   check: close_gives_back_descriptors
        self.keys.clear()
        self._map = self._loop = None

    def get_map(self):
        return self._map

    def number(self, fileobj) -> int:
        """The descriptor of a file object; of one that was closed the one it is registered with."""
        try:
            return descriptor(fileobj)
        except ValueError:
            for key in self.keys.values():
                if key.fileobj is fileobj:
                    return key.fd
            raise

    @staticmethod
    def interest(events) -> int:
        """EVENT_READ and EVENT_WRITE as epoll(7) calls them. Raises ValueError."""
        if not events or events & ~(EVENT_READ | EVENT_WRITE):
            raise ValueError(f"Invalid events: {events!r}")
        return (select.EPOLLIN if events & EVENT_READ else 0) | (
            select.EPOLLOUT if events & EVENT_WRITE else 0
        )
