#!/usr/bin/python3
"""C++ waits, Python answers: every model with the same handler, and who ran it where.

Try it: PYTHONPATH=build/solutions/python /usr/bin/python3 support/async/bindings/examples/hybrid.py
"""
import os
import socket
import threading
import time

import asynclab

MODELS = "sync", "processes", "threads", "async", "io_uring"
CLIENTS = 8


def handler(request: bytes) -> str:
    """One request, at most 256 bytes, to its reply. It waits as if it asked a data base."""
    time.sleep(0.05)
    return f"{request.decode('ascii').upper()} {os.getpid()} {threading.get_native_id()}"


def ask(port, request):
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(request)
        return b"".join(iter(lambda: client.recv(4096), b"")).decode().split()


def all_at_once(port):
    """The replies that some clients get who come together."""
    replies = []
    clients = [
        threading.Thread(target=lambda: replies.append(ask(port, b"hello"))) for _ in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return replies


print(f"{CLIENTS} clients together, a handler that sleeps 50 ms\n")
print(f"{'model':<10} {'seconds':>7} {'processes':>9} {'threads':>7}")
for model in MODELS:
    with asynclab.Server(model, handler) as server:
        start = time.monotonic()
        seen = all_at_once(server.port)
        seconds = time.monotonic() - start
    processes, threads = (len({reply[place] for reply in seen}) for place in (1, 2))
    print(f"{model:<10} {seconds:7.2f} {processes:9} {threads:7}")
    assert server.statistics == (CLIENTS, CLIENTS, 0)
