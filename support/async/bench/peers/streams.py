"""asyncio's streams: a coroutine a client, which reads, writes and waits until that may go on.

asyncio sets TCP_NODELAY on every connection by itself. For the large block see protocol.py.
"""

import asyncio
import sys


async def echo(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass  # reset by the client
    finally:
        writer.close()


async def main(port):
    server = await asyncio.start_server(echo, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


bytes(1 << 20)  # freed at once
asyncio.run(main(int(sys.argv[1])))
