# right: 05 epoll_echo
# run: /usr/bin/python3 {source} {port}
# unlike the reference: asyncio's protocols and its backlog of 100, pauses both directions

"""Out of descriptors asyncio sleeps for a second, whether or not a client leaves meanwhile."""

import asyncio
import signal
import sys


class Echo(asyncio.Protocol):
    clients = set()
    empty = None  # an event: the last client has gone

    def connection_made(self, transport):
        self.transport = transport
        self.clients.add(self)
        self.empty.clear()

    def data_received(self, data):
        self.transport.write(data)

    def pause_writing(self):
        self.transport.pause_reading()

    def resume_writing(self):
        self.transport.resume_reading()

    # eof_received() is inherited: it closes, and close() sends what is left first

    def connection_lost(self, error):
        self.clients.discard(self)
        if not self.clients:
            self.empty.set()


def complain(loop, context):
    """Called for each accept() that failed: `Too many open files`. Be silent and let it retry."""
    if not isinstance(context.get("exception"), OSError):
        loop.default_exception_handler(context)


async def main():
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(complain)
    Echo.empty, stop = asyncio.Event(), asyncio.Event()
    Echo.empty.set()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = await loop.create_server(Echo, "127.0.0.1", int(sys.argv[1]))
    await stop.wait()
    server.close()
    try:
        await asyncio.wait_for(Echo.empty.wait(), 2)
    except asyncio.TimeoutError:
        for client in list(Echo.clients):
            client.transport.abort()


asyncio.run(main())
