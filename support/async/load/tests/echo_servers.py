"""Echo servers, right and wrong ones: selectors in a thread, and a function that makes the echo."""
import selectors
import socket
import threading


def right(piece: bytes, connection: "Connection") -> bytes:
    return piece


class Connection:
    """What a server knows of a client: its number, from 0 on, and how many bytes it has sent."""

    def __init__(self, server, number, sock):
        self.server, self.number, self.socket = server, number, sock
        self.received, self.unsent = 0, b""


class Server:
    """Serves until stop(). Counts what it receives. `echo` returns what to send back for a piece, or
    None to close the connection; `at_once` bytes of it go out at a time."""

    def __init__(self, echo=right, at_once=1 << 20):
        self.received, self.accepted, self.last, self._at_once = 0, 0, b"", at_once
        self._echo, self._selector = echo, selectors.DefaultSelector()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = self._listener.getsockname()[1]
        self._wake, self._end = socket.socketpair()
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._selector.register(self._end, selectors.EVENT_READ, None)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def stop(self):
        self._wake.close()
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()
        self._selector.close()

    def _serve(self):
        while True:
            for key, events in self._selector.select():
                if key.data is None:
                    return
                key.data(events)

    def _accept(self, _):
        client, _ = self._listener.accept()
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(self, self.accepted, client)
        self.accepted += 1
        serve = lambda events: self._advance(connection, events)  # noqa: E731
        self._selector.register(client, selectors.EVENT_READ, serve)

    def _advance(self, connection, events):
        try:
            if events & selectors.EVENT_READ:
                piece = connection.socket.recv(1 << 16)
                reply = self._echo(piece, connection) if piece else None
                if reply is None:
                    return self._close(connection)
                self.received += len(piece)
                connection.received += len(piece)
                connection.unsent += reply
            sent = connection.socket.send(connection.unsent[: self._at_once])
            connection.unsent = connection.unsent[sent:]
        except BlockingIOError:
            pass
        except OSError:
            return self._close(connection)
        self._watch(connection)

    def _watch(self, connection):
        key = self._selector.get_key(connection.socket)
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.unsent else 0)
        if wanted != key.events:
            self._selector.modify(connection.socket, wanted, key.data)

    def _close(self, connection):
        self._selector.unregister(connection.socket)
        connection.socket.close()
