# right: 02 forking_echo
# run: /usr/bin/python3 {source} {port}
# unlike the reference: Python; a set of its children, each asked for by its number; sendall()

import os
import signal
import socket
import sys
import time

children = set()


def reap(*_):
    for child in list(children):
        try:
            if os.waitpid(child, os.WNOHANG)[0]:
                children.discard(child)
        except ChildProcessError:
            pass  # a signal came meanwhile, and this function was called within itself


def echo(client):
    try:
        while data := client.recv(10000):
            client.sendall(data)
    except OSError:
        pass


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=128)
signal.signal(signal.SIGCHLD, reap)
while True:
    client, _ = listener.accept()
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])  # until the child is in the set
    try:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            listener.close()
            echo(client)
            os._exit(0)
        children.add(child)
    except BlockingIOError:
        time.sleep(0.05)
    client.close()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
