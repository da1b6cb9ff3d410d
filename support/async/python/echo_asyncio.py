#!/usr/bin/env python3
"""Echo, a coroutine for each client: it reads like echo_blocking.py, and one thread runs all of
them, because each `await` lets the others go on. SIGTERM ends it politely."""
import asyncio
import signal

import echo


class Server:
    def __init__(self):
        self.sessions = set()

    async def converse(self, reader, writer):
        self.sessions.add(asyncio.current_task())
        try:
            while data := await reader.read(echo.BUFFER):
                writer.write(data)
                await writer.drain()  # waits while the client does not read: bounded memory
        except OSError:  # a reset
            pass
        finally:
            writer.close()
            self.sessions.discard(asyncio.current_task())

    async def run(self, listener):
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        loop.set_exception_handler(be_silent)
        loop.add_signal_handler(signal.SIGTERM, stop.set)
        server = await asyncio.start_server(self.converse, sock=listener, backlog=1024)
        await stop.wait()
        server.close()
        if self.sessions:
            await asyncio.wait(self.sessions, timeout=2)


def be_silent(loop, context):
    """Called when accept() fails: asyncio tries again after a second."""
    if not isinstance(context.get("exception"), OSError):
        loop.default_exception_handler(context)


def serve(listener):
    listener.setblocking(False)
    asyncio.run(Server().run(listener))


if __name__ == "__main__":
    echo.run(serve)
