# right: 06 http_server
# run: /usr/bin/python3 {source} {port}
# unlike the reference: a coroutine a client, SO_SNDBUF of 64 KiB instead of SIOCOUTQ, realpath(), rename() only

import argparse
import asyncio
import itertools
import mimetypes
import os
import pathlib
import re
import signal
import socket
import urllib.parse

PATIENCE, CHUNK, MOST = 3, 65536, 16 << 20
KNOWN = {"POST", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH"}
WORDS = {100: "Continue", 200: "OK", 201: "Created", 204: "No Content", 301: "Moved"}
HOPS = {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "host", "expect"}
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Refused(Exception):
    def __init__(self, status, close=False, fields=()):
        self.status, self.close, self.fields = status, close, fields


class Head:
    """A start line, and the fields by their names in small letters."""

    def __init__(self, text):
        self.line, *lines = text.decode("latin-1")[:-4].split("\r\n")
        self.lines, self.fields = [], {}
        for line in lines:
            name, colon, value = line.partition(":")
            if not colon or not TOKEN.fullmatch(name):
                raise Refused(400, True)
            self.lines.append((name, value.strip()))
            self.fields.setdefault(name.lower(), []).append(value.strip())

    def words(self, name):
        return [w.strip().lower() for v in self.fields.get(name, ()) for w in v.split(",")]

    def length(self):
        told = set(self.fields.get("content-length", ()))
        if len(told) > 1 or any(not re.fullmatch("[0-9]+", value) for value in told):
            raise Refused(400, True)
        return int(told.pop()) if told else None

    def end_to_end(self, *others):
        gone = HOPS | set(self.words("connection")) | set(others)
        return [f"{name}: {value}" for name, value in self.lines if name.lower() not in gone]


class Session:
    numbers = itertools.count()

    def __init__(self, server, reader, writer):
        self.server, self.reader, self.writer = server, reader, writer
        writer.transport.set_write_buffer_limits(CHUNK)

    # -- in and out ------------------------------------------------------------------------------
    async def send(self, data):
        self.writer.write(data)
        await asyncio.wait_for(self.writer.drain(), PATIENCE)

    async def start(self, status, fields=(), close=None):
        close = self.close if close is None else close
        lines = [f"HTTP/1.1 {status} {WORDS.get(status, 'No')}", *fields]
        lines += ["Connection: close"] if close else []
        lines += ["Connection: keep-alive"] if self.old and not close else []
        await self.send("\r\n".join([*lines, "", ""]).encode("latin-1"))

    async def page(self, status, fields=()):
        body = b"" if status == 204 else f"{status}\n".encode()
        length = [] if status == 204 else [f"Content-Length: {len(body)}"]
        await self.start(status, [*fields, *length])
        if self.method != "HEAD":
            await self.send(body)

    # -- the life of a connection ----------------------------------------------------------------
    async def run(self):
        try:
            while await self.one():
                pass
            self.writer.write_eof()
            while await asyncio.wait_for(self.reader.read(CHUNK), PATIENCE):
                pass
        except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError):
            pass
        self.writer.transport.abort() if self.writer.transport.is_closing() else self.writer.close()

    async def one(self):
        self.method, self.close, self.old, self.idle = "", True, False, True
        try:
            text = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), PATIENCE)
            self.idle = False
            await self.answer(Head(text))
        except asyncio.IncompleteReadError:
            return False
        except asyncio.LimitOverrunError:
            await self.page(431)
        except asyncio.TimeoutError:
            if not self.idle:
                raise
            await self.page(408)
        except Refused as no:
            self.close |= no.close
            await self.page(no.status, no.fields)
        return not self.close and not self.server.stopping

    async def answer(self, head):
        words = head.line.split(" ")
        if len(words) != 3 or not re.fullmatch(r"HTTP/\d\.\d", words[2]) or not words[1]:
            raise Refused(400)
        self.method, target, version = words
        if version[5] != "1":
            raise Refused(505)
        if len(head.line) > 8192:
            raise Refused(414)
        if sum(len(name) + len(value) for name, value in head.lines) > 16384:
            raise Refused(431)
        self.old = version == "HTTP/1.0"
        if len(head.fields.get("host", ())) != 1 and not self.old:
            raise Refused(400)
        length = head.length()
        if "transfer-encoding" in head.fields:
            raise Refused(400 if length is not None else 411)
        asked = head.words("connection")
        keep = "keep-alive" in asked if self.old else "close" not in asked
        self.close = not keep or bool(length) or self.server.stopping
        if self.method == "PUT":
            self.close = not keep or self.server.stopping
            await self.store(target, head, length)
        elif self.method in KNOWN:
            raise Refused(405, fields=["Allow: GET, HEAD, PUT"])
        elif self.method not in ("GET", "HEAD"):
            raise Refused(501)
        elif target.startswith("/upstream/") and self.server.upstream:
            await self.relay(target[9:], head)
        else:
            await self.file(target)

    # -- files -----------------------------------------------------------------------------------
    def path(self, target):
        name = urllib.parse.unquote_to_bytes(target.partition("?")[0])
        inside = name.lstrip(b"/")
        if b"\0" in name or any(part.startswith(b".") for part in inside.split(b"/")):
            raise Refused(404)
        path = pathlib.Path(os.path.realpath(self.server.root / os.fsdecode(inside)))
        if not path.is_relative_to(self.server.root):
            raise Refused(403)
        if name.endswith(b"/"):
            path /= "index.html"
        return path

    async def file(self, target):
        path = self.path(target)
        if path.is_dir():
            raise Refused(301, fields=[f"Location: {target.partition('?')[0]}/"])
        if not path.is_file():
            raise Refused(404)
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            await self.start(200, [f"Content-Type: {kind}", f"Content-Length: {size}"])
            while self.method == "GET" and (part := file.read(CHUNK)):
                await self.send(part)

    async def store(self, target, head, length):
        name = urllib.parse.unquote(target.removeprefix("/upload/"))
        if not target.startswith("/upload/"):
            raise Refused(405, True, ["Allow: GET, HEAD"])
        if not name or "/" in name or "\0" in name or name.startswith("."):
            raise Refused(404, True)
        if length is None:
            raise Refused(411, True)
        if length > MOST:
            raise Refused(413, True)
        if "100-continue" in head.words("expect"):
            await self.start(100, close=False)
        final = self.server.root / "upload" / name
        hidden = final.with_name(f".{os.getpid()}.{next(self.numbers)}")
        try:
            with open(hidden, "xb") as file:
                while length:
                    part = await asyncio.wait_for(self.reader.read(min(length, CHUNK)), PATIENCE)
                    if not part:
                        raise ConnectionResetError
                    file.write(part)
                    length -= len(part)
            status = 204 if final.exists() else 201
            os.rename(hidden, final)
        finally:
            hidden.unlink(missing_ok=True)
        await self.page(status)

    # -- the second server -----------------------------------------------------------------------
    async def relay(self, target, head):
        self.begun = False
        try:
            reader, writer = await asyncio.wait_for(
                asyncio.open_connection(*self.server.upstream), PATIENCE
            )
        except OSError:
            raise Refused(502) from None
        try:
            await self.pass_on(reader, writer, target, head)
        except asyncio.TimeoutError:
            if self.begun:
                raise ConnectionResetError from None
            raise Refused(504) from None
        except (OSError, EOFError, ValueError, Refused):
            if self.begun:
                raise ConnectionResetError from None
            raise Refused(502) from None
        finally:
            writer.close()

    async def pass_on(self, reader, writer, target, head):
        lines = [f"{self.method} {target} HTTP/1.1", "Host: upstream", "Connection: close"]
        lines += head.end_to_end("content-length")
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        reply = Head(await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE))
        match = re.match(r"HTTP/1\.\d (\d{3})", reply.line)
        if not match:
            raise ValueError
        length, chunked = reply.length(), "chunked" in reply.words("transfer-encoding")
        unknown = chunked or length is None
        fields = reply.end_to_end("content-length")
        if unknown:
            self.close |= self.old
            fields += [] if self.old else ["Transfer-Encoding: chunked"]
        else:
            fields.append(f"Content-Length: {length}")
        self.begun = True
        await self.start(int(match[1]), fields)
        if self.method == "HEAD":
            return
        async for part in chunks(reader) if chunked else counted(reader, length):
            await self.send(b"%x\r\n%s\r\n" % (len(part), part) if unknown and not self.old else part)
        if unknown and not self.old:
            await self.send(b"0\r\n\r\n")


async def counted(reader, left):
    while left is None or left > 0:
        most = CHUNK if left is None else min(left, CHUNK)
        part = await asyncio.wait_for(reader.read(most), PATIENCE)
        if not part:
            if left is None:
                return
            raise EOFError
        left = left and left - len(part)
        yield part


async def chunks(reader):
    while True:
        line = await asyncio.wait_for(reader.readuntil(b"\r\n"), PATIENCE)
        size = int(line.partition(b";")[0], 16)
        if not size:
            break
        yield await asyncio.wait_for(reader.readexactly(size), PATIENCE)
        await reader.readexactly(2)
    while await asyncio.wait_for(reader.readuntil(b"\r\n"), PATIENCE) != b"\r\n":
        pass


class Server:
    def __init__(self, options):
        self.root = pathlib.Path(os.path.realpath(options.root))
        self.upstream = options.upstream and options.upstream.rsplit(":", 1)
        self.port, self.stopping, self.tasks = options.port, False, {}

    async def welcome(self, reader, writer):
        session = Session(self, reader, writer)
        self.tasks[asyncio.current_task()] = session
        await session.run()
        del self.tasks[asyncio.current_task()]

    async def run(self):
        listener = socket.create_server(("127.0.0.1", self.port), backlog=1024)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, CHUNK)  # its clients inherit it
        server = await asyncio.start_server(self.welcome, sock=listener, limit=32768)
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await stop.wait()
        server.close()
        self.stopping = True
        await asyncio.sleep(0.1)
        for task, session in self.tasks.items():
            session.idle and task.cancel()
        busy = [task for task, session in self.tasks.items() if not session.idle]
        if busy:
            await asyncio.wait(busy, timeout=1.5)


mimetypes.add_type("text/javascript", ".js")
parser = argparse.ArgumentParser()
parser.add_argument("port", type=int)
parser.add_argument("--root", default=".")
parser.add_argument("--upstream")
asyncio.run(Server(parser.parse_args()).run())
