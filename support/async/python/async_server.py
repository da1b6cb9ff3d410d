#!/usr/bin/env python3
"""An asynchronous server: one thread, a coroutine for each client. They wait at the same time in
one event loop; computation goes to a pool of processes, or with --inline stops everyone."""
import asyncio
import logging
import sys

import command_line
import pool
import service


class Server:
    """All clients, and those of them that only wait for bytes."""

    def __init__(self, options, workers):
        self.options = options
        self.workers = workers
        self.sessions = set()
        self.idle = set()

    async def run(self, listener):
        """Serves until a stop signal, and then those who have sent a request."""
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        service.on_stop(lambda: loop.call_soon_threadsafe(stop.set))
        server = await asyncio.start_server(self.serve, sock=listener, backlog=pool.AT_ONCE)
        listener.listen(service.BACKLOG)
        service.announce(listener)
        await stop.wait()
        server.close()
        for session in self.idle:
            session.cancel()
        if self.sessions:
            await asyncio.wait(self.sessions)

    async def dismiss(self):
        """Sends away whoever is left."""
        for session in self.sessions:
            session.cancel()
        if self.sessions:
            await asyncio.wait(self.sessions)

    async def serve(self, reader, writer):
        """One client, however it goes."""
        session = asyncio.current_task()
        self.sessions.add(session)
        try:
            await self.converse(reader, writer)
        except (OSError, asyncio.CancelledError) as error:
            logging.debug("client left: %r", error)
        finally:
            writer.close()
            self.sessions.discard(session)

    async def converse(self, reader, writer):
        """One request, one reply, and the end of the connection."""
        logging.debug("Received connection from %s", writer.get_extra_info("peername"))
        request = await self.idly(reader.read(service.REQUEST_BYTES))
        service.log_request(request)
        await asyncio.sleep(self.options.wait)
        writer.write(await self.reply(request))
        writer.write_eof()
        await self.idly(discard(reader))

    async def idly(self, waiting):
        """Awaits something during which a stop signal sends the client away."""
        session = asyncio.current_task()
        self.idle.add(session)
        try:
            return await waiting
        finally:
            self.idle.discard(session)

    async def reply(self, request):
        if self.options.inline:
            return service.safe_reply(request, self.options.limit)  # nobody else is served now
        try:
            return await self.workers.compute(asyncio.get_running_loop(), request)
        except Exception as error:  # a worker has died
            logging.error("handler: %r", error)
            return b"error"


async def discard(reader):
    """Reads what comes after the request: close() with bytes unread sends a reset."""

    async def read_all():
        while await reader.read(65536):
            pass

    try:
        await asyncio.wait_for(read_all(), service.LINGER)
    except asyncio.TimeoutError:
        pass


def make_selector(name):
    """What the loop waits with: its own choice (None), or the event loop of lab 11."""
    if name is None:
        return None
    try:
        import asynclab
    except ImportError as error:
        sys.exit(f"error: {error}; run `make bindings`, set PYTHONPATH=build/solutions/python")
    return asynclab.Selector()


def main():
    parser = command_line.Parser(" [--inline] [--selector asynclab]")
    parser.add_argument("--inline", action="store_true")
    parser.add_argument("--selector", choices=["asynclab"])
    options = command_line.read_options(parser)
    selector = make_selector(options.selector)
    listener = service.listen(options.port)
    loop = asyncio.SelectorEventLoop(selector)
    loop.set_exception_handler(pool.complain)
    workers = pool.Workers(options.limit)
    server = Server(options, workers)
    try:
        loop.run_until_complete(server.run(listener))
    finally:  # also when GRACE seconds are over, see service.on_stop()
        workers.end()
        loop.run_until_complete(server.dismiss())


if __name__ == "__main__":
    main()
elif __name__ == "__mp_main__":  # this is a worker, which has just been spawned
    pool.die_with_parent()
