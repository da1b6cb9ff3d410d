# right: 03 busy_echo
# run: /usr/bin/python3 {source} {port}
# unlike the reference: Python; a client is a generator that gives way whenever a call would block

import socket
import sys


def echo(client):
    """One client, written as if it were alone; each yield lets the others have their turn."""
    with client:
        client.setblocking(False)
        while True:
            try:
                data = client.recv(32768)
            except BlockingIOError:
                yield
                continue
            if not data:
                return
            while data:
                try:
                    data = data[client.send(data) :]
                except BlockingIOError:
                    pass
                yield


def gone(turn):
    try:
        next(turn)
    except (StopIteration, OSError):
        return True


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=1024)
listener.setblocking(False)
turns = []
while True:
    try:
        turns.append(echo(listener.accept()[0]))
    except OSError:
        pass  # nobody new, or out of descriptors: ask again in the next round
    turns = [turn for turn in turns if not gone(turn)]
