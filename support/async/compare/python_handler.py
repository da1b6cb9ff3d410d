#!/usr/bin/python3
"""A C++ server whose handler is Python: python_handler.py MODEL PORT [--wait MS] [--limit N]
[--quiet]; MODEL is sync, processes, threads, async, inline or io_uring. The handler is the one of
the Python servers, so both compute the same and differ in who waits for the clients."""
import argparse
import functools
import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "python"))
import asynclab
import service


def options_of(arguments):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("port", type=int)
    parser.add_argument("--wait", type=int, default=0, help="milliseconds before the handler")
    parser.add_argument("--limit", type=int, default=34)
    parser.add_argument("--quiet", action="store_true", help="as the other servers; always quiet")
    return parser.parse_args(arguments)


def main():
    options = options_of(sys.argv[1:])
    inline = options.model == "inline"
    model = "async" if inline else options.model
    handler = functools.partial(service.reply_to, limit=options.limit)
    signal.pthread_sigmask(signal.SIG_BLOCK, ends := {signal.SIGTERM, signal.SIGINT})
    wait = options.wait / 1000
    with asynclab.Server(model, handler, port=options.port, wait=wait, inline=inline) as server:
        print(f"root: Starting server on port {server.port}", file=sys.stderr, flush=True)
        signal.sigwait(ends)


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(f"error: {error.strerror}")
