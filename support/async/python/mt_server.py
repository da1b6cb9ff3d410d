#!/usr/bin/env python3
"""A server with a thread for each client. They wait at the same time, but under the GIL (Global
Interpreter Lock) only one of them computes at any moment."""
import logging
import threading

import blocking
import command_line
import service


def main():
    options = command_line.read_options()
    listener = service.listen(options.port)
    stop = blocking.Stop()
    service.announce(listener)
    with listener:
        for connection, _ in blocking.clients(listener, stop):
            start_thread(connection, options, stop)
    for thread in threading.enumerate():  # at most GRACE seconds, then the alarm ends main()
        if thread is not threading.main_thread():
            thread.join()


def start_thread(*conversation):
    connection = conversation[0]
    try:  # daemon: the interpreter does not wait for it at the end
        threading.Thread(target=blocking.serve, args=conversation, daemon=True).start()
    except RuntimeError as error:  # no more threads: this client is turned away, pthread_create(3)
        logging.error("%s", error)
        connection.close()


if __name__ == "__main__":
    main()
