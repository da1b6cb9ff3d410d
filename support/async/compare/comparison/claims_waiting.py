"""What one reads about servers whose clients wait, as ratios: everybody but sync, and memory."""
import math

from .cells import IO
from .claims import Claim
from .measures import EQUAL, memory, serial, walls, worst

TOGETHER = (4, math.inf)  # 64 waits in a quarter of their sum; what remains is starting processes
IN_TURN = (0.9, 1.5)
LESS_MEMORY = (1.5, math.inf)


def in_parallel(language: str, name: str) -> Claim:
    models = [f"{language}/{model}" for model in ("threads", "processes", "async")]
    return Claim(
        f"{language}-waiting",
        f"I/O-bound, {name}: threads, processes and async wait for all at once",
        "wall: sync / the slowest of them",
        worst(f"{language}/sync", models, IO, 64),
        TOGETHER,
    )


def less_memory(language: str, name: str, model: str) -> Claim:
    return Claim(
        f"{language}-{model}-memory",
        f"{name}: a waiting client takes less memory in {model} than in threads and processes",
        f"memory: the lesser of the two / {model}",
        memory(language, ["threads", "processes"], model),
        LESS_MEMORY,
    )


def waiting() -> list[Claim]:
    return [
        Claim(
            "sync-waiting",
            "I/O-bound, C++: sync alone makes 64 clients wait in turn",
            "wall / sum of the waits",
            serial("cpp"),
            IN_TURN,
        ),
        in_parallel("cpp", "C++"),
        in_parallel("python", "Python"),
        in_parallel("handler", "C++ with a Python handler"),
        Claim(
            "io_uring",
            "I/O-bound, C++: io_uring is as fast as epoll",
            "wall: async / io_uring",
            walls("cpp/async", "cpp/io_uring", IO, 64),
            EQUAL,
        ),
        Claim(
            "loop-waiting",
            "asyncio on the C++ loop is as fast as on its own, when it waits",
            "wall: its own / C++ loop",
            walls("python/async", "loop/async", IO, 64),
            EQUAL,
        ),
        less_memory("cpp", "C++", "async"),
        less_memory("cpp", "C++", "io_uring"),
        less_memory("python", "Python", "async"),
    ]
