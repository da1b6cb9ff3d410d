"""Clients of a server under test."""
import socket

PATIENCE = 20  # seconds after which a test gives up: never reached when all is well


def connect(port) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


def ask(port, request: bytes) -> bytes:
    """One connection: a request, and what comes back until the end."""
    with connect(port) as client:
        client.sendall(request)
        return b"".join(iter(lambda: client.recv(4096), b""))
