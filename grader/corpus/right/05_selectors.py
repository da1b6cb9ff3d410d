# right: 05 epoll_echo
# run: /usr/bin/python3 {source} {port}
# unlike the reference: Python's selectors, level-triggered, a high-water mark of 64 KiB

"""Signals come through set_wakeup_fd(). Out of descriptors it does not watch its listener until a
client has left, or a second has passed."""

import selectors
import signal
import socket
import sys
import time

CHUNK = 16384
HIGH = 65536
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class Client:
    def __init__(self, loop, sock):
        self.loop, self.sock = loop, sock
        self.pending, self.finished, self.interest = bytearray(), False, READ
        sock.setblocking(False)
        loop.selector.register(sock, READ, self.ready)
        loop.clients.add(self)

    def ready(self, mask):
        try:
            self.move(mask)
        except BlockingIOError:
            pass
        except OSError:
            return self.close()
        if self.finished and not self.pending:
            return self.close()
        wanted = WRITE if self.pending else 0
        if not self.finished and len(self.pending) < HIGH:
            wanted |= READ
        if wanted != self.interest:
            self.loop.selector.modify(self.sock, wanted, self.ready)
            self.interest = wanted

    def move(self, mask):
        if mask & WRITE:
            del self.pending[: self.sock.send(self.pending)]
        if mask & READ:
            data = self.sock.recv(CHUNK)
            self.finished = not data
            self.pending += data
            if self.pending:
                del self.pending[: self.sock.send(self.pending)]

    def close(self):
        self.loop.selector.unregister(self.sock)
        self.loop.clients.discard(self)
        self.sock.close()
        self.loop.listen()


class Loop:
    def __init__(self, port):
        self.selector, self.clients = selectors.EpollSelector(), set()
        self.listening, self.deadline = False, None
        self.signals, self.wakeup = socket.socketpair()
        self.wakeup.setblocking(False)
        signal.set_wakeup_fd(self.wakeup.fileno())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        self.selector.register(self.signals, READ, self.stop)
        self.listener = socket.create_server(("127.0.0.1", port), backlog=1024)
        self.listener.setblocking(False)
        self.listen()

    def listen(self):
        if not self.listening and self.deadline is None:
            self.selector.register(self.listener, READ, self.accept)
            self.listening = True

    def pause(self):
        if self.listening:
            self.selector.unregister(self.listener)
            self.listening = False

    def accept(self, _):
        try:
            Client(self, self.listener.accept()[0])
        except (BlockingIOError, ConnectionAbortedError):
            pass
        except OSError:
            self.pause()

    def stop(self, _):
        self.signals.recv(100)
        if self.deadline is None:
            self.pause()
            self.listener.close()
            self.deadline = time.monotonic() + 2

    def timeout(self):
        if self.deadline is not None:
            return self.deadline - time.monotonic()
        return None if self.listening else 1

    def run(self):
        while self.deadline is None or (self.clients and time.monotonic() < self.deadline):
            events = self.selector.select(self.timeout())
            for key, mask in events:
                key.data(mask)
            if not events:
                self.listen()


Loop(int(sys.argv[1])).run()
