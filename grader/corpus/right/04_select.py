# right: 04 select_echo
# run: /usr/bin/python3 {source} {port}
# unlike the reference: Python; lists kept from call to call, a queue of pieces, mark of 128 KiB

"""Accepts until EAGAIN. Out of descriptors it does not ask about its listener until a client has
left."""

import collections
import select
import socket
import sys

CHUNK = 10000
HIGH = 131072
FD_SETSIZE = 1024


class Client:
    def __init__(self, server, sock):
        self.server, self.sock = server, sock
        self.pieces, self.size, self.finished = collections.deque(), 0, False
        sock.setblocking(False)
        server.inputs.add(self)

    def fileno(self):
        return self.sock.fileno()

    def on_input(self):
        data = self.sock.recv(CHUNK)
        if data:
            self.pieces.append(memoryview(data))
            self.size += len(data)
        else:
            self.finished = True

    def on_output(self):
        sent = self.sock.send(self.pieces[0])
        self.size -= sent
        rest = self.pieces.popleft()[sent:]
        if rest:
            self.pieces.appendleft(rest)

    def step(self, what):
        try:
            what()
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            return self.close()
        if self.finished and not self.pieces:
            return self.close()
        self.server.ask(self.server.inputs, self, not self.finished and self.size < HIGH)
        self.server.ask(self.server.outputs, self, self.pieces)

    def close(self):
        self.server.inputs.discard(self)
        self.server.outputs.discard(self)
        self.sock.close()
        self.server.inputs.add(self.server)


class Server:
    def __init__(self, port):
        self.listener = socket.create_server(("127.0.0.1", port), backlog=500)
        self.listener.setblocking(False)
        self.inputs, self.outputs = {self}, set()

    def fileno(self):
        return self.listener.fileno()

    @staticmethod
    def ask(those, one, wanted):
        (those.add if wanted else those.discard)(one)

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except BlockingIOError:
                return
            except ConnectionError:
                continue
            except OSError:  # EMFILE: close() puts the listener back
                return self.inputs.discard(self)
            if sock.fileno() < FD_SETSIZE:
                Client(self, sock)
            else:
                sock.close()

    def run(self):
        while True:
            readable, writable, _ = select.select(self.inputs, self.outputs, ())
            for one in writable:
                one.step(one.on_output)
            for one in readable:
                if one is self:
                    self.accept()
                elif one in self.inputs:  # not closed a moment ago
                    one.step(one.on_input)


Server(int(sys.argv[1])).run()
