"""One asynclab.Server as a program: MODEL HANDLER PORT [--wait MS] [--limit N] [--inline] [--quiet].

HANDLER is `cpp` (the module's own fibonacci) or `python` (the function below). It runs in a process of
its own, so that a crash of the module ends this program and not the tests.
"""
import argparse
import re
import signal
import sys

import asynclab

ENDS = {signal.SIGTERM, signal.SIGINT}
NUMBER = re.compile(rb"[ \t\r\n\f\v]*([+-]?[0-9]+)[ \t\r\n\f\v]*")


def fibonacci(n: int) -> int:
    return 1 if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def reply_to(request: bytes, limit: int):
    """The protocol's reply; str and bytes are both allowed, so it gives now one, now the other."""
    if request == b"raise":
        raise RuntimeError("a handler that fails")
    number = NUMBER.fullmatch(request)
    if not number:
        return b"error"
    n = int(number.group(1))
    return str(fibonacci(n)) if 0 <= n <= limit else "out of range"


def say(unraisable):
    """In place of a traceback: where Python code that C++ has called throws, Python tells this."""
    print(f"handler: {unraisable.exc_value!r}", file=sys.stderr, flush=True)


def main():
    sys.unraisablehook = say
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("handler", choices=("cpp", "python"))
    parser.add_argument("port", type=int)
    parser.add_argument("--wait", type=int, default=0)
    parser.add_argument("--limit", type=int, default=34)
    parser.add_argument("--inline", action="store_true")
    parser.add_argument("--quiet", action="store_true")
    told = parser.parse_args()
    handler = None if told.handler == "cpp" else lambda request: reply_to(request, told.limit)
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)  # before any thread: all of them inherit it
    server = asynclab.Server(
        told.model,
        handler,
        port=told.port,
        wait=told.wait / 1000,
        limit=told.limit,
        inline=told.inline,
    )
    with server.start():
        print(f"root: Starting server on port {server.port}", file=sys.stderr, flush=True)
        signal.sigwait(ENDS)
    counted = server.statistics
    print(f"statistics: {counted.connections} {counted.requests} {counted.failures}")


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(f"error: {error}")
