"""asyncio's protocols, its fast interface: callbacks, no coroutine and no buffer a client.

`protocol.py PORT` runs on asyncio's loop, `protocol.py PORT uvloop` on uvloop's. Both set
TCP_NODELAY on every connection by themselves.

asyncio receives into 256 KiB that it allocates for each read. At first malloc() maps and unmaps such
a block every time, three system calls a message; once a block as large has been freed it does so no
longer. A client that leaves is enough for that, so here it is done at the start. mallopt(3)
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


bytes(1 << 20)  # freed at once
if sys.argv[2:] == ["uvloop"]:
    import uvloop

    uvloop.install()
asyncio.run(main(int(sys.argv[1])))
