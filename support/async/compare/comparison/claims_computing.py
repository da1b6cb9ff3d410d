"""What one reads about computing in servers, as ratios: the GIL, parallel threads, inline async."""
import math

from .cells import SAME
from .claims import Claim
from .measures import EQUAL, PARALLEL, cpus_at_work, median_share, walls

LANGUAGE_FACTOR = (5, math.inf)  # "much faster"; the table has the factor itself
HALF = (0.4, 0.65)  # of 8 clients in a queue the fourth waits 0.5


def with_gil() -> list[Claim]:
    return [
        Claim(
            "python-processes",
            "Python: processes beat threads at computing, because of the GIL",
            "CPUs at work: processes / threads",
            cpus_at_work("python/processes", "python/threads"),
            PARALLEL,
            needs_cpus=2,
        ),
        Claim(
            "python-threads",
            "Python: threads compute no faster than one client at a time",
            "CPUs at work: threads / sync",
            cpus_at_work("python/threads", "python/sync"),
            EQUAL,
            needs_cpus=2,
        ),
    ]


def without_gil() -> list[Claim]:
    return [
        Claim(
            "python-threads",
            "Python without a GIL: threads compute in parallel",
            "CPUs at work: threads / sync",
            cpus_at_work("python/threads", "python/sync"),
            PARALLEL,
            needs_cpus=2,
        ),
        Claim(
            "python-processes",
            "Python without a GIL: processes do not beat threads at computing",
            "CPUs at work: processes / threads",
            cpus_at_work("python/processes", "python/threads"),
            (0, EQUAL[1]),
            needs_cpus=2,
        ),
    ]


def bound_again(model: str, text: str) -> Claim:
    return Claim(
        f"handler-{model}",
        f"C++ with a Python handler: {text}",
        f"CPUs at work: {model} / sync",
        cpus_at_work(f"handler/{model}", "handler/sync"),
        EQUAL,
        needs_cpus=2,
        needs_gil=True,
    )


def languages() -> list[Claim]:
    return [
        Claim(
            "cpp-threads",
            "C++: threads compute in parallel",
            "CPUs at work: threads / sync",
            cpus_at_work("cpp/threads", "cpp/sync"),
            PARALLEL,
            needs_cpus=2,
        ),
        bound_again("threads", "threads are bound by the GIL again"),
        bound_again("async", "so is the pool of the async server"),
        Claim(
            "handler-processes",
            "C++ with a Python handler: processes are not",
            "CPUs at work: processes / sync",
            cpus_at_work("handler/processes", "handler/sync"),
            PARALLEL,
            needs_cpus=2,
        ),
        Claim(
            "language",
            "C++ answers the same requests much faster than Python",
            "wall: Python / C++, sync",
            walls("python/sync", "cpp/sync", SAME),
            LANGUAGE_FACTOR,
        ),
        Claim(
            "loop",
            "asyncio on the C++ loop is as fast as on its own, when it computes",
            "wall: its own / C++ loop",
            walls("python/async", "loop/async"),
            EQUAL,
        ),
    ]


def inline(language: str, name: str) -> list[Claim]:
    return [
        Claim(
            f"{language}-inline",
            f"{name}: async with inline computation serves one client at a time, like sync",
            "CPUs at work: inline / sync",
            cpus_at_work(f"{language}/inline", f"{language}/sync"),
            EQUAL,
        ),
        Claim(
            f"{language}-queue",
            f"{name}: its clients queue: half of them wait half of the time",
            "p50 / wall",
            median_share(language),
            HALF,
        ),
        Claim(
            f"{language}-pool",
            f"{name}: a pool cures it",
            "CPUs at work: pool / inline",
            cpus_at_work(f"{language}/async", f"{language}/inline"),
            PARALLEL,
            needs_cpus=2,
        ),
    ]


def computing(gil: bool) -> list[Claim]:
    about_gil = with_gil() if gil else without_gil()
    return [*about_gil, *languages(), *inline("cpp", "C++"), *inline("python", "Python")]
