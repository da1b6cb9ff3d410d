#!/usr/bin/env python3
"""An asynchronous server without async and await: the loop calls the methods of a Protocol, one for
each client. Streams and coroutines stand on this. The same file runs on Python 3.6 to 3.13."""
import asyncio
import logging

import command_line
import pool
import service


class Session(asyncio.Protocol):
    """One client. What is a line of a coroutine is a method here, and what it knows is state."""

    def __init__(self, server):
        self.server = server
        self.request = None  # has not come yet
        self.ended = False  # the client sends no more
        self.lingering = None  # a timer: the reply is sent

    def connection_made(self, transport):
        logging.debug("Received connection from %s", transport.get_extra_info("peername"))
        self.transport = transport
        self.server.sessions.add(self)

    def data_received(self, data):
        if self.request is None:  # what comes later is thrown away
            self.take(data[: service.REQUEST_BYTES])

    def eof_received(self):
        self.ended = True
        if self.request is None:
            self.take(b"")
        return self.lingering is None  # true: the connection stays open, for the reply

    def take(self, request):
        self.request = request
        service.log_request(request)
        self.server.loop.call_later(self.server.options.wait, self.compute)

    def compute(self):
        if self.server.options.inline:  # nobody else is served now
            return self.send(service.safe_reply(self.request, self.server.options.limit))
        try:
            future = self.server.workers.compute(self.server.loop, self.request)
            future.add_done_callback(self.computed)
        except OSError as error:  # no worker can be started
            self.fail(error)

    def computed(self, future):
        if future.exception():  # a worker has died
            self.fail(future.exception())
        else:
            self.send(future.result())

    def fail(self, error):
        logging.error("handler: %r", error)
        self.send(b"error")

    def send(self, reply):
        """Sends the reply, and goes on reading: close() with bytes unread sends a reset."""
        if self.transport.is_closing():
            return
        self.lingering = self.server.loop.call_later(service.LINGER, self.transport.close)
        self.transport.write(reply)
        if self.ended or self.server.stopping:
            self.transport.close()
        else:
            self.transport.write_eof()

    def connection_lost(self, error):
        if self.lingering:
            self.lingering.cancel()
        self.server.leave(self)


class Server:
    """All clients, and the end."""

    def __init__(self, options, workers, loop):
        self.options = options
        self.workers = workers
        self.loop = loop
        self.sessions = set()
        self.stopping = False

    def run(self, listener):
        """Serves until a stop signal, and then those who have sent a request."""
        service.on_stop(lambda: self.loop.call_soon_threadsafe(self.stop))
        listening = self.loop.create_server(
            lambda: Session(self), sock=listener, backlog=pool.AT_ONCE
        )
        self.listening = self.loop.run_until_complete(listening)
        listener.listen(service.BACKLOG)
        service.announce(listener)
        self.loop.run_forever()

    def stop(self):
        self.stopping = True
        self.listening.close()
        for session in self.sessions:
            if session.request is None or session.lingering:
                session.transport.close()
        self.leave(None)

    def leave(self, session):
        self.sessions.discard(session)
        if self.stopping and not self.sessions:
            self.loop.stop()


def main():
    parser = command_line.Parser(" [--inline]")
    parser.add_argument("--inline", action="store_true")
    options = command_line.read_options(parser)
    listener = service.listen(options.port)
    workers = pool.Workers(options.limit)
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(pool.complain)
    try:
        Server(options, workers, loop).run(listener)
    finally:  # also when GRACE seconds are over, see service.on_stop()
        workers.end()


if __name__ == "__main__":
    main()
elif __name__ == "__mp_main__":  # this is a worker, which has just been spawned
    pool.die_with_parent()
