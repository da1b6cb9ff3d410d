# right: 02 threaded_echo
# run: /usr/bin/python3 {source} {port}
# unlike the reference: Python, one lock for the whole interpreter; 100 bytes; pauses at EMFILE

import socket
import sys
import threading
import time


def echo(client):
    with client:
        try:
            while data := client.recv(100):
                client.sendall(data)
        except OSError:
            pass


with socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=128) as listener:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            time.sleep(0.02)
            continue
        try:
            threading.Thread(target=echo, args=(client,), daemon=True).start()
        except RuntimeError:
            client.close()
