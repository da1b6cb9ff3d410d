"""The clients: one process, one selector, all connections opened at once, every reply verified."""
import selectors
import socket
import time


class LoadError(Exception):
    """A server did not do what it should: the text is the reason that the table shows."""


class Client:
    """One connection: sends its request when connected, then reads to the end."""

    def __init__(self, port: int, request: bytes):
        self.request = request
        self.reply = b""
        self.began = time.perf_counter()
        self.ended = 0.0
        self.socket = socket.socket()
        self.socket.setblocking(False)
        try:
            self.socket.connect(("127.0.0.1", port))
        except BlockingIOError:  # EINPROGRESS: writable when it is connected, connect(2)
            pass

    @property
    def latency(self) -> float:
        """Seconds from connect to the end of the reply."""
        return self.ended - self.began

    def send(self):
        self.socket.send(self.request)  # raises what became of the connect, too

    def receive(self) -> bool:
        """Returns True at the end of the reply."""
        data = self.socket.recv(4096)
        self.reply += data
        if not data:
            self.ended = time.perf_counter()
        return not data


def connect_all(port: int, clients: int, argument: int, patience: float) -> list[Client]:
    """Opens all connections at once and sends all requests; returns when all are sent."""
    crowd = Crowd(port, clients, argument)
    crowd.run(patience, until_sent=True)
    return crowd.clients


def run(port: int, clients: int, argument: int, expected: str, patience: float) -> list[float]:
    """Asks all at once and waits for all replies: returns the latencies, in seconds.

    patience  seconds until it gives up
    raises    LoadError: a reply is wrong or missing
    """
    crowd = Crowd(port, clients, argument)
    try:
        crowd.run(patience)
    finally:
        close(crowd.clients)
    for client in crowd.clients:
        if client.reply != expected.encode():
            got = client.reply[:40].decode(errors="replace")
            raise LoadError(f"answered {got!r} to {argument} instead of {expected!r}")
    return [client.latency for client in crowd.clients]


def close(clients: list[Client]):
    for client in clients:
        client.socket.close()


class Crowd:
    """All the clients and the selector that they wait in."""

    def __init__(self, port: int, clients: int, argument: int):
        self.selector = selectors.DefaultSelector()
        self.clients = [Client(port, b"%d" % argument) for _ in range(clients)]
        for client in self.clients:
            self.selector.register(client.socket, selectors.EVENT_WRITE, client)
        self.unsent = self.open = clients

    def run(self, patience: float, until_sent=False):
        deadline = time.perf_counter() + patience
        with self.selector:
            while self.unsent if until_sent else self.open:
                left = deadline - time.perf_counter()
                if left <= 0:
                    raise LoadError(f"{self.open} clients got no reply in {patience:.0f} s")
                for key, _ in self.selector.select(left):
                    self.step(key)

    def step(self, key):
        try:
            if key.events == selectors.EVENT_WRITE:
                key.data.send()
                self.selector.modify(key.fileobj, selectors.EVENT_READ, key.data)
                self.unsent -= 1
            elif key.data.receive():
                self.selector.unregister(key.fileobj)
                self.open -= 1
        except OSError as error:
            raise LoadError(f"a connection failed: {error.strerror}") from error
