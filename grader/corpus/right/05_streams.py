# right: 05 epoll_echo
# run: /usr/bin/python3 {source} {port}
# unlike the reference: asyncio's streams, a coroutine per client, which sends before it reads again

"""It accepts with sock_accept(), and, out of descriptors, looks again twice a second."""

import asyncio
import signal
import socket
import sys


async def echo(sock):
    reader, writer = await asyncio.open_connection(sock=sock)
    try:
        while data := await reader.read(10_000):
            writer.write(data)
            await writer.drain()
        writer.close()
        await writer.wait_closed()
    except OSError:
        writer.close()  # reset by the client


async def accept(listener, sessions):
    loop = asyncio.get_running_loop()
    while True:
        try:
            sock, _ = await loop.sock_accept(listener)
        except OSError:
            await asyncio.sleep(0.5)
            continue
        session = asyncio.create_task(echo(sock))
        sessions.add(session)
        session.add_done_callback(sessions.discard)


async def main():
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    sessions = set()
    with socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=1024) as listener:
        listener.setblocking(False)
        accepting = asyncio.create_task(accept(listener, sessions))
        await stop.wait()
        accepting.cancel()
        await asyncio.wait([accepting])
    if sessions:
        await asyncio.wait(sessions, timeout=2)


asyncio.run(main())
