"""How much a box keeps apart: the levels that there are, which of them this machine gives, and whose code
gets which."""
import functools
import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """How much a box keeps apart. `network`: own namespace. `bubblewrap`: own view of the files.
    `closed`: keeps in who tries to get out, as far as `trusted_enough` and `bare` (nothing does) say.
    """

    title: str
    network: bool
    bubblewrap: bool
    closed: bool = False
    trusted_enough: bool = False
    bare: bool = False


@dataclass(frozen=True)
class Policy:
    """Whose code runs: one's own, or (`closed`) that of somebody whom nobody trusts. `slot`: which of
    the workers of this machine this is; as root each has a user of its own."""

    closed: bool = False
    slot: int = 0

    @property
    def level(self) -> Level:
        return closed_level() if self.closed else level()


OPEN = Policy()


LEVELS = (
    Level("bubblewrap box with its own network namespace", True, True),
    Level("own network namespace, no bubblewrap", True, False),
    Level("plain process (no namespaces here: free port, larger payloads)", False, False),
)


@functools.cache
def level() -> Level:
    """The best level that works here. ASYNCLAB_BOX=net or plain forces a lower one."""
    forced = {"net": LEVELS[1:2], "plain": LEVELS[2:]}.get(
        os.environ.get("ASYNCLAB_BOX", ""), LEVELS
    )
    from .box import Box, BoxError

    for candidate in forced:
        try:
            with Box(["/bin/true"], chosen=candidate) as box:
                if box.wait_for_exit(10) and box.exit_status() == 0:
                    return candidate
        except BoxError:
            pass
    return LEVELS[-1]


def closed_level() -> Level:
    """The best level for code that nobody trusts: tried with programs that try to get out."""
    from . import levels  # which tries boxes

    return levels.closed_level()


def without_namespace_of_pids() -> Level:
    """An open level at which a program's children live on when it ends."""
    return LEVELS[1] if level().bubblewrap else level()
