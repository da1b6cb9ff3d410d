"""The levels of the closed box, and which of them this machine gives: tried with canary.py, not guessed."""
import functools
import os

from . import canary
from .isolation import Level

WHO = "own user, " if os.geteuid() == 0 else ""
BOX = Level(f"closed box ({WHO}bubblewrap, seccomp)", True, True, True, True)
LANDLOCK = Level(
    f"closed box without namespaces ({WHO}Landlock, seccomp)", False, False, True, True
)
BARE = Level("no closed box: limits only", False, False, True, False, True)
CLOSED = (BOX, LANDLOCK, BARE)


@functools.cache
def closed_level() -> Level:
    """The best that keeps its promises here. ASYNCLAB_BOX=landlock or bare forces a lower one."""
    forced = {"landlock": CLOSED[1:], "bare": CLOSED[2:]}
    for level in forced.get(os.environ.get("ASYNCLAB_BOX", ""), CLOSED):
        if level.bare or not trouble(level):
            return level
    return BARE


@functools.cache
def trouble(level: Level) -> tuple[str, ...]:
    """What does not hold at this level, each in a sentence; empty when all does."""
    try:
        return tuple(control.trouble for control in canary.controls(level) if control.trouble)
    except canary.NoBox as reason:
        return (str(reason),)
