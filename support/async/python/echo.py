"""What the echo servers share: `NAME [PORT]`, the listener, accept() and its errors.

echo_blocking.py, echo_select.py, echo_threads.py and echo_asyncio.py answer every byte with itself.
"""
import os
import re
import socket
import sys
import time

BUFFER = 65536  # bytes that one recv() takes at most
SECONDS_WITHOUT_DESCRIPTORS = 0.1  # until accept() is tried again


def run(serve):
    """A whole program: listens where the user says, says so, and calls serve(listener)."""
    try:
        with listen(port_from(sys.argv[1:])) as listener:
            print("listening on 127.0.0.1:%d" % listener.getsockname()[1], flush=True)
            serve(listener)
    except KeyboardInterrupt:  # Ctrl-C
        sys.exit(130)


def port_from(words):
    """The port that was asked for, or 12345; 0 lets the kernel choose. Exits with 2 if wrong."""
    word = words[0] if words else "12345"
    if len(words) > 1 or not re.fullmatch("[0-9]{1,5}", word) or int(word) > 65535:
        print("usage: %s [PORT]" % os.path.basename(sys.argv[0]), file=sys.stderr)
        sys.exit(2)
    return int(word)


def listen(port):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # socket(7): restart at once
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(1024)
    except OSError as error:
        sys.exit("error: bind: %s (port %d)" % (error.strerror, port))
    return listener


def clients(listener):
    """Accepts for ever."""
    while True:
        client = accept(listener)
        if client:
            yield client


def accept(listener):
    """The next client, or None. accept(2), "ERRORS": they concern one client, or pass with time."""
    try:
        return listener.accept()[0]
    except (BlockingIOError, ConnectionError):
        return None  # gone before we came
    except OSError:  # out of descriptors, for example: the listener stays ready, do not spin
        time.sleep(SECONDS_WITHOUT_DESCRIPTORS)
        return None


def converse(client):
    """Echoes to one client until it has finished, or is gone, and closes."""
    with client:
        try:
            while True:
                data = client.recv(BUFFER)
                if not data:  # the seed's threads had no such line: they spun for ever
                    return
                client.sendall(data)  # send() may take less than it is offered
        except OSError:  # a reset: the end of this client, not of the server
            pass
