# right: 07 file_server
# run: /usr/bin/python3 {source} {port}
# unlike the reference: asyncio's streams, a ThreadPoolExecutor, pieces of 64 KiB

"""What touches a file runs in the executor; a coroutine a client awaits it."""

import asyncio
import concurrent.futures
import contextlib
import os
import signal
import stat
import sys
from urllib.parse import unquote

PIECE = 64 * 1024
ROOT = os.path.realpath(sys.argv[sys.argv.index("--root") + 1] if "--root" in sys.argv else ".")
NOWAIT = "--nowait" in sys.argv  # for 07_nowait.sh
EXECUTOR = concurrent.futures.ThreadPoolExecutor(6)
stopping, idle = asyncio.Event(), set()


def open_below_root(target):
    path = os.path.realpath(os.path.join(ROOT, unquote(target.partition("?")[0]).lstrip("/")))
    if not path.startswith(ROOT + "/"):
        raise PermissionError(path)
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise FileNotFoundError(path)
    return fd


def offload(function, *arguments):
    return asyncio.get_running_loop().run_in_executor(EXECUTOR, function, *arguments)


async def read(fd, size, offset):
    if NOWAIT:
        piece = bytearray(size)
        with contextlib.suppress(BlockingIOError):  # it is not in memory: the executor waits for it
            if os.preadv(fd, [piece], offset, os.RWF_NOWAIT) == size:
                return piece
    return await offload(os.pread, fd, size, offset)


def head(status, length, close):
    end = "Connection: close\r\n\r\n" if close else "\r\n"
    return f"HTTP/1.1 {status}\r\ncontent-length:{length}\r\n{end}".encode()


async def send_file(writer, method, target, close):
    try:
        fd = await offload(open_below_root, target)
    except OSError:
        return writer.write(head("404 no such file", 5, close) + b"none\n"[: 5 * (method == "GET")])
    try:
        size = os.fstat(fd).st_size
        writer.write(head("200 OK", size, close))
        for offset in range(0, size if method == "GET" else 0, PIECE):
            writer.write(await read(fd, min(PIECE, size - offset), offset))
            await writer.drain()
    finally:
        os.close(fd)


async def serve(reader, writer):
    me = asyncio.current_task()
    try:
        while not stopping.is_set():
            idle.add(me)
            lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            idle.discard(me)
            method, target, _ = lines[0].split(" ")
            close = "connection: close" in map(str.lower, lines)
            if method in ("GET", "HEAD"):
                await send_file(writer, method, target, close)
            else:
                writer.write(head("501 what?", 0, close))
            await writer.drain()
            if close:
                break
    except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
        pass
    finally:
        idle.discard(me)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    await stopping.wait()
    server.close()
    for task in list(idle):
        task.cancel()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        await asyncio.wait(others, timeout=2)


asyncio.run(main())
