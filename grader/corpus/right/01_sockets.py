# right: 01 blocking_echo
# run: /usr/bin/python3 {source} {port}
# unlike the reference: Python; sendall() hides the short writes, an odd buffer of 1,000 bytes

import socket
import sys
import time


def serve(client):
    while data := client.recv(1000):
        client.sendall(data)


with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:  # out of descriptors, or the client has gone: not the end of the server
            time.sleep(0.1)
            continue
        with client:
            try:
                serve(client)
            except OSError:
                pass  # reset by the client
