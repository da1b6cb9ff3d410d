# right: 03 receive_two
# run: /usr/bin/python3 {source} {port}
# unlike the reference: Python; spins from the start, so client 1 is heard before client 2 has come

import os
import socket
import sys


def show(number, data):
    for line in data.removesuffix(b"\n").split(b"\n"):
        os.write(1, b"CLIENT %d: %s\n" % (number, line))


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
listener.setblocking(False)
clients = {}
gone = 0
while gone < 2:
    if len(clients) + gone < 2:
        try:
            client, _ = listener.accept()
            client.setblocking(False)
            clients[client] = len(clients) + gone + 1
        except BlockingIOError:
            pass
    for client, number in list(clients.items()):
        try:
            data = client.recv(512)
        except BlockingIOError:
            continue
        except OSError:
            data = b""  # reset: gone as well
        if data:
            show(number, data)
        else:
            client.close()
            del clients[client]
            gone += 1
