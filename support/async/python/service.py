"""What all the request-reply servers share: the service itself, the listener, the stop signals.

A request is a decimal number in ASCII; the reply is that Fibonacci number, computed in the most
expensive way so that a request costs CPU time. This module keeps to Python 3.6.
"""
import atexit
import logging
import re
import signal
import socket
import sys

REQUEST_BYTES = 256  # a request is what one recv() of this size brings: there is no framing
GRACE = 2  # seconds that a computation may go on after a stop signal
LINGER = 1  # seconds for which what a client sends after its request is read and thrown away
BACKLOG = 1024  # clients that wait to be accepted; the kernel caps it, see listen(2)

STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT}
NUMBER = re.compile(rb"[ \t\r\n\f\v]*([+-]?[0-9]+)[ \t\r\n\f\v]*")  # int() would take b"1_0" too


def fibonacci(n):
    """The number after n additions, fibonacci(0) = fibonacci(1) = 1; exponential on purpose."""
    return 1 if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def reply_to(request: bytes, limit=34) -> bytes:
    """The reply to a request: a number, `error` (not a number) or `out of range` (0 to limit)."""
    found = NUMBER.fullmatch(request)
    if not found:
        return b"error"
    n = int(found.group(1))
    return b"%d" % fibonacci(n) if 0 <= n <= limit else b"out of range"


def safe_reply(request: bytes, limit) -> bytes:
    """The same for a server: whatever goes wrong in the handler is `error`, and nobody dies."""
    try:
        return reply_to(request, limit)
    except Exception as error:
        logging.error("handler: %r", error)
        return b"error"


def log_request(request: bytes):
    logging.debug("Message: %s", repr(request.strip())[2:-1])  # escaped: it goes to a terminal


def listen(port):
    """A listening socket on 127.0.0.1; port 0 lets the kernel choose. Exits if it cannot be had."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # socket(7): restart at once
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(BACKLOG)
    except OSError as error:
        sys.exit("error: bind: {} (port {})".format(error.strerror, port))
    listener.setblocking(False)  # accept() must not wait for a client who has left again
    return listener


def announce(listener):
    """Says that clients may come, and that a stop signal is understood."""
    logging.info("Starting server on port %d", listener.getsockname()[1])


def on_stop(callback):
    """Has SIGTERM and SIGINT (Ctrl-C) call callback() once, in the main thread. GRACE seconds later
    the program ends, with status 0, whatever it is doing: SystemExit is raised there. Who is ending
    already is left to it: the interpreter would have forgotten the handler, and die of the alarm."""

    def stop(*_):
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)  # once is enough
        signal.alarm(GRACE)
        callback()

    signal.signal(signal.SIGALRM, lambda *_: sys.exit(0))
    atexit.register(signal.alarm, 0)
    for number in STOP_SIGNALS:
        signal.signal(number, stop)
