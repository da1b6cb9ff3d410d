#!/usr/bin/python3
"""An echo server for any number of clients: one thread, one ring, no readiness.

Try it: PYTHONPATH=build/solutions/python /usr/bin/python3 support/async/bindings/examples/ring_echo.py 12345
and `nc 127.0.0.1 12345` in other terminals. Ctrl-C ends it.
"""
import socket
import sys

import asynclab

SIZE = 16 * 1024  # bytes that one receive may bring: our choice


class Echo:
    """One client: it receives, or it sends what it has received. Nothing else is ever in flight."""

    def __init__(self, ring, descriptor):
        self.ring, self.socket, self.unsent = ring, socket.socket(fileno=descriptor), b""

    def next(self):
        """Starts the next operation; returns its token."""
        if self.unsent:
            return self.ring.send(self.socket, self.unsent)
        return self.ring.recv(self.socket, SIZE)

    def completed(self, done) -> bool:
        """Takes what an operation has brought. Returns whether the client goes on."""
        if done.operation == "send":
            self.unsent = self.unsent[max(done.result, 0) :]  # a send may take a part
        else:
            self.unsent = done.data or b""  # nothing: the client has finished, or is gone
        return done.error is None and (done.operation == "send" or bool(self.unsent))


def serve(listener):
    with listener, asynclab.Ring() as ring:
        clients = {}  # token of the operation in flight -> client
        ring.accept(listener)
        while True:
            for done in ring.wait():
                if done.operation == "accept":
                    newcomer = Echo(ring, done.check())
                    clients[newcomer.next()] = newcomer
                    ring.accept(listener)
                elif (client := clients.pop(done.token)).completed(done):
                    clients[client.next()] = client
                else:
                    client.socket.close()


if __name__ == "__main__":
    listening = socket.create_server(("127.0.0.1", int(sys.argv[1]) if sys.argv[1:] else 12345))
    print(f"listening on 127.0.0.1:{listening.getsockname()[1]}", flush=True)
    try:
        serve(listening)
    except KeyboardInterrupt:
        pass
