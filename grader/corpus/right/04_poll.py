# right: 04 poll_echo
# run: /usr/bin/python3 {source} {port}
# unlike the reference: Python's select.poll(), a generator a client that yields what it waits for

import select
import socket
import sys
import time


def later(call, *arguments):
    """The result of a call on a non-blocking socket, or None."""
    try:
        return call(*arguments)
    except (BlockingIOError, InterruptedError):
        return None


def echo(client):
    """Receives again when the last answer has gone whole."""
    while True:
        yield select.POLLIN
        data = later(client.recv, 65536)
        if data == b"":
            return
        while data:
            data = data[later(client.send, data) or 0 :]
            if data:
                yield select.POLLOUT


def welcome(listener, start):
    while True:
        yield select.POLLIN
        try:
            client, _ = listener.accept()
        except (BlockingIOError, ConnectionError):
            continue
        except OSError:  # EMFILE: who waits goes on waiting
            time.sleep(0.1)
            continue
        start(client, echo(client))


def serve(listener):
    poll, tasks = select.poll(), {}

    def start(sock, task):
        sock.setblocking(False)
        tasks[sock.fileno()] = sock, task
        poll.register(sock, next(task))

    start(listener, welcome(listener, start))
    while True:
        for fd, _ in poll.poll():  # POLLERR and POLLHUP: the next call says which error
            sock, task = tasks[fd]
            try:
                poll.modify(fd, next(task))
            except (StopIteration, OSError):
                poll.unregister(fd)
                del tasks[fd]
                sock.close()


serve(socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=1024))
