#!/usr/bin/env python3
"""Sends a message to an echo server again and again, and shows what comes back and when. Start two
at once: with echo_blocking.py the second one sees nothing, and then everything in one lump."""
import argparse
import socket
import sys
import threading
import time


def main():
    options = read_arguments()
    try:
        with socket.create_connection((options.host, options.port)) as server:
            missing = converse(server, options)
    except OSError as error:
        sys.exit("error: %s:%d: %s" % (options.host, options.port, error.strerror or error))
    except KeyboardInterrupt:
        sys.exit(130)
    if missing:
        sys.exit("error: the server closed, %d bytes have not come back" % missing)


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", nargs="?", type=int, default=12345)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--message", default="hello")
    parser.add_argument("--interval", type=float, default=0.5, help="seconds (default: 0.5)")
    parser.add_argument("--count", type=int, default=10, help="messages (default: 10)")
    options = parser.parse_args()
    if not (0 < options.port < 65536 and 0 <= options.interval <= 3600 and options.count > 0):
        parser.error("a number is out of range")
    return options


def converse(server, options):
    """Shows replies until the server has no more; returns the number of bytes that are missing.

    A thread of its own sends: a client that only sends and does not read would at last stop a
    server that only sends and does not read.
    """
    message, start = options.message.encode(), time.monotonic()
    threading.Thread(target=send_all, args=(server, message, options), daemon=True).start()
    missing = len(message) * options.count
    for data in iter(lambda: server.recv(65536), b""):
        missing -= len(data)
        seconds = time.monotonic() - start
        print("%6.2f s  %s" % (seconds, data.decode(errors="backslashreplace")), flush=True)
    return missing


def send_all(server, message, options):
    try:
        for _ in range(options.count):
            server.sendall(message)
            time.sleep(options.interval)
        server.shutdown(socket.SHUT_WR)  # no more from here, but the replies may still come
    except OSError:
        pass  # the server has gone: the other thread sees it, and says so


if __name__ == "__main__":
    main()
