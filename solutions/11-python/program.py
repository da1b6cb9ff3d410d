"""Lab 11: what both servers' main program does: command line, loop, listening, an end in good order.

Given code. Below asyncio lies the selector of this lab, and below that the event loop of lab 05.
"""
import asyncio
import os
import signal
import sys

import asynclab

GRACE = 2  # seconds for what is under way when SIGTERM comes


def port_from(arguments) -> int:
    """The port that the command line names, 12345 without one. Exits with 2 for anything else."""
    if len(arguments) == 2 and arguments[1].isdecimal() and int(arguments[1]) < 65536:
        return int(arguments[1])
    if len(arguments) == 1:
        return 12345
    sys.exit(print(f"usage: {os.path.basename(arguments[0])} [PORT]", file=sys.stderr) or 2)


async def serve(port, talk):
    """Runs `talk(reader, writer)` for every client, until SIGTERM or SIGINT."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    clients = set()

    async def client(reader, writer):
        clients.add(asyncio.current_task())
        try:
            await talk(reader, writer)
        except ConnectionError:
            pass  # its client has gone, which concerns nobody else
        finally:
            clients.discard(asyncio.current_task())
            writer.close()

    server = await asyncio.start_server(client, "127.0.0.1", port, backlog=4096)
    print(f"listening on 127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await stopped.wait()
    server.close()
    if clients:
        await asyncio.wait(clients, timeout=GRACE)


def main(talk):
    """An asyncio program like any other, on a loop whose selector is this lab's."""
    port = port_from(sys.argv)
    loop = asyncio.SelectorEventLoop(asynclab.Selector())
    try:
        loop.run_until_complete(serve(port, talk))
    except OSError as error:
        sys.exit(f"error: bind: {os.strerror(error.errno)} (port {port})")
