"""asyncio's protocols, its fast interface: callbacks, no coroutine and no buffer a client.

`protocol.py PORT` runs on asyncio's loop, `protocol.py PORT uvloop` on uvloop's. Both set
TCP_NODELAY on every connection by themselves.
"""

import asyncio
import sys


class Echo(asyncio.Protocol):
    __slots__ = ("transport",)

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)

    def pause_writing(self):
        self.transport.pause_reading()

    def resume_writing(self):
        self.transport.resume_reading()


async def main(port):
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Echo, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if sys.argv[2:] == ["uvloop"]:
    import uvloop

    uvloop.install()
asyncio.run(main(int(sys.argv[1])))
