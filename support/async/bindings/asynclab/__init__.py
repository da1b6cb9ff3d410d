"""asynclab's C++ for Python: an event loop, a selector for asyncio, servers, a ring.

EventLoop, fibonacci    lab 11: the epoll loop of lab 05, and work done without the GIL
Selector                lab 11: asyncio on that loop, asyncio.SelectorEventLoop(asynclab.Selector())
Server, Statistics      a request-reply server of any model, with a handler in Python or in C++
Ring, Completion        io_uring: the ring of lab 08

Errors are Python's: OSError by errno, ValueError, TypeError; NotImplementedError names the step of a
lab that is still to be written. `make bindings` builds all of it.
"""
from typing import TYPE_CHECKING

from ._loop import EventLoop, fibonacci
from .selector import Selector

__all__ = [
    "Completion",
    "EventLoop",
    "Ring",
    "Selector",
    "Server",
    "Statistics",
    "fibonacci",
]

if TYPE_CHECKING:
    from ._servers import Completion, Ring, Server, Statistics
else:

    def __getattr__(name):
        """Loads the servers when one is asked for: a package built to grade lab 11 has none."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        try:
            from ._servers import Completion, Ring, Server, Statistics
        except ModuleNotFoundError as error:
            if error.name != f"{__name__}._servers":
                raise
            raise ImportError(f"asynclab.{name} is not built: run `make bindings`") from None
        globals().update(Completion=Completion, Ring=Ring, Server=Server, Statistics=Statistics)
        return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
