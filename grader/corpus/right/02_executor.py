# right: 02 prethreaded_echo
# run: /usr/bin/python3 {source} {port}
# unlike the reference: Python; ThreadPoolExecutor makes its threads when they are first needed, and
# its queue has no bound: a semaphore bounds it

import concurrent.futures
import socket
import sys
import threading

port, workers = int(sys.argv[1]), int(sys.argv[sys.argv.index("--workers") + 1])
room = threading.BoundedSemaphore(2 * workers)


def echo(client):
    with client:
        try:
            while data := client.recv(8192):
                client.sendall(data)
        except OSError:
            pass
    room.release()


with (
    socket.create_server(("127.0.0.1", port), backlog=128) as listener,
    concurrent.futures.ThreadPoolExecutor(workers) as pool,
):
    while True:
        room.acquire()
        pool.submit(echo, listener.accept()[0])
