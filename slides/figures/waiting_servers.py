#!/usr/bin/python3
"""Three servers that wait before they answer: one client after the other, a thread each, a loop.

`waiting_servers.py iterative|threaded|epoll` prints its port. A request is a number of milliseconds
and a newline; the server says `begun` when it takes the request up, waits, and says `done`.
"""
import heapq
import select
import socket
import sys
import threading
import time


def milliseconds(request: bytes) -> float:
    return int(request) / 1000


def serve(client):
    """Straight code: every call waits."""
    with client:
        wait = milliseconds(client.recv(100))
        client.sendall(b"begun\n")
        time.sleep(wait)
        client.sendall(b"done\n")


def iterative(listener):
    while True:
        serve(listener.accept()[0])


def threaded(listener):
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client,), daemon=True).start()


def epoll(listener):
    """One thread: what each client waits for stands in `clients` and `timers`, not on a stack."""
    waiting, clients, timers = select.epoll(), {}, []
    waiting.register(listener, select.EPOLLIN)
    while True:
        pause = max(0, timers[0][0] - time.monotonic()) if timers else -1
        for fd, _ in waiting.poll(pause):
            if fd == listener.fileno():
                client, _ = listener.accept()
                clients[client.fileno()] = client
                waiting.register(client, select.EPOLLIN)
            else:
                waiting.unregister(fd)
                wait = milliseconds(clients[fd].recv(100))
                clients[fd].sendall(b"begun\n")
                heapq.heappush(timers, (time.monotonic() + wait, fd))
        while timers and timers[0][0] <= time.monotonic():
            with clients.pop(heapq.heappop(timers)[1]) as client:
                client.sendall(b"done\n")


if __name__ == "__main__":
    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(listening.getsockname()[1], flush=True)
        {"iterative": iterative, "threaded": threaded, "epoll": epoll}[sys.argv[1]](listening)
