#!/usr/bin/env python3
"""Echo, all clients in one thread: select() waits until one of them can be read, or written to.

No socket here ever waits: the accepted ones are made non-blocking one by one, because on Linux they
do not inherit it from the listener. A client is read only when it has taken all of its last answer:
one that never reads costs at most one buffer.
"""
import select

import echo

FD_SETSIZE = 1024  # select() has no place for this descriptor and beyond, select(2)


def serve(listener):
    listener.setblocking(False)
    pending = {}  # client to what it has not taken yet
    while True:
        readers = [client for client, data in pending.items() if not data]
        writers = [client for client, data in pending.items() if data]
        readable, writable, _ = select.select([listener] + readers, writers, [])
        for sock in readable + writable:
            if sock is listener:
                welcome(listener, pending)
            elif not advance(sock, pending):
                del pending[sock]
                sock.close()


def welcome(listener, pending):
    """Accepts one client; if select() cannot hold it, it is turned away."""
    client = echo.accept(listener)
    if client is None:
        return
    if client.fileno() >= FD_SETSIZE:
        client.close()
        return
    client.setblocking(False)
    pending[client] = b""


def advance(client, pending):
    """Reads or sends what is possible now. Returns False when the client has gone."""
    try:
        if not pending[client]:
            pending[client] = client.recv(echo.BUFFER)
            if not pending[client]:
                return False
        pending[client] = pending[client][client.send(pending[client]) :]
    except BlockingIOError:  # EAGAIN: not now, and no error
        pass
    except OSError:
        return False
    return True


if __name__ == "__main__":
    echo.run(serve)
