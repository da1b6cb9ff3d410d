# right: 02 preforked_echo
# run: /usr/bin/python3 {source} {port}
# unlike the reference: Python; prctl() by ctypes; the parent reads a pipe that SIGCHLD writes to

import ctypes
import os
import signal
import socket
import sys
import time

PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None)
port, workers = int(sys.argv[1]), int(sys.argv[sys.argv.index("--workers") + 1])


def work(listener):
    while True:
        try:
            client, _ = listener.accept()
            with client:
                while data := client.recv(65536):
                    client.sendall(data)
        except OSError:
            pass


def start(listener):
    parent = os.getpid()
    if os.fork():
        return
    signal.set_wakeup_fd(-1)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == parent:
        work(listener)
    os._exit(1)


listener = socket.create_server(("127.0.0.1", port), backlog=128)
told, tell = os.pipe()
os.set_blocking(tell, False)
signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
signal.signal(signal.SIGCHLD, lambda *_: None)
for _ in range(workers):
    start(listener)
while os.read(told, 100):
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            start(listener)
    except ChildProcessError:
        time.sleep(0.1)
