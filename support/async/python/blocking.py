"""One conversation made of calls that wait, and stop signals as a descriptor to wait for.

server.py, mp_server.py and mt_server.py have this in common; they differ in who runs serve().
"""
import logging
import os
import select
import signal
import socket
import time

import service


class Stop:
    """SIGTERM and SIGINT as a descriptor: it becomes readable and stays so, for whoever waits.

    It is a pipe whose writing end only the server's own process keeps: the death of the server
    stops its children too.
    """

    def __init__(self):
        self.reader, self.writer = os.pipe()
        service.on_stop(self.close_writer)  # end of file: readable for ever, and for everyone

    def close_writer(self):
        os.close(self.writer)
        self.writer = None

    def leave_to_parent(self):
        """In a child: Ctrl-C reaches the whole group, but the parent decides what ends when."""
        for number in service.STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        if self.writer is not None:
            self.close_writer()

    def fileno(self):
        return self.reader

    def comes_before(self, other, timeout=None):
        """Waits for `other` to be readable: False then, True on a stop or after timeout seconds."""
        poller = select.poll()  # not select(): descriptors may be beyond 1,023
        for each in (self, other) if other else (self,):
            poller.register(each, select.POLLIN)
        ready = poller.poll(None if timeout is None else timeout * 1000)
        return not ready or self.reader in dict(ready)


def clients(listener, stop):
    """Yields (connection, address) for each client, until a stop signal."""
    while not stop.comes_before(listener):
        client = accept(listener, stop)
        if client:
            yield client


def accept(listener, stop):
    """The next client, or None. accept(2), "ERRORS": most concern one client only."""
    try:
        connection, address = listener.accept()
    except (BlockingIOError, ConnectionError):
        return None  # gone before we came
    except OSError as error:  # out of descriptors: the listener stays ready, do not spin
        logging.error("accept: %s", error.strerror)
        stop.comes_before(None, 0.1)
        return None
    logging.debug("Received connection from %s", address)
    return connection, address


def serve(connection, options, stop):
    """One request, one reply, and the end of the connection, however it goes."""
    with connection:
        try:
            if stop.comes_before(connection):
                return
            request = connection.recv(service.REQUEST_BYTES)
            service.log_request(request)
            time.sleep(options.wait)
            connection.sendall(service.safe_reply(request, options.limit))
            connection.shutdown(socket.SHUT_WR)
            discard(connection, stop, patience=service.LINGER if is_full(request) else 0)
        except OSError as error:
            logging.debug("client left: %s", error.strerror)


def is_full(request):
    return len(request) == service.REQUEST_BYTES  # so there is probably more


def discard(connection, stop, patience):
    """Reads what came after the request, for LINGER seconds at most.

    patience  seconds to wait for more of it
    source    close() with bytes unread sends a reset, and the reply is lost: RFC 2525, section 2.17
    """
    end = time.monotonic() + service.LINGER
    while time.monotonic() < end and not stop.comes_before(connection, patience):
        if not connection.recv(65536):
            return
