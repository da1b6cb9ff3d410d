#!/usr/bin/env python3
"""A server with a process for each client. They wait at the same time, and they compute at the
same time, each with an interpreter and a GIL of its own."""
import logging
import multiprocessing
from multiprocessing.connection import wait

import blocking
import command_line
import service

fork = multiprocessing.get_context("fork")  # the child has the connection because it inherits it


def main():
    options = command_line.read_options()
    listener = service.listen(options.port)
    stop = blocking.Stop()
    service.announce(listener)
    children = {}  # by sentinel: a descriptor that becomes readable when the child ends
    try:
        with listener:
            accept_all(listener, options, stop, children)
        for child in children.values():  # for GRACE seconds at most, see service.on_stop()
            child.join()
    finally:
        for child in children.values():
            child.kill()
            child.join()


def accept_all(listener, options, stop, children):
    """A process for each client; whoever ends is reaped at once, so there are no zombies."""
    while True:
        ready = wait([listener, stop, *children])
        for sentinel in children.keys() & set(ready):
            reap(children.pop(sentinel))
        if stop in ready:
            return
        client = blocking.accept(listener, stop) if listener in ready else None
        if client:
            with client[0] as connection:  # closes our copy at once: else no client sees the end
                start_process(children, listener, connection, options, stop)


def reap(child):
    child.join()
    child.close()


def start_process(children, *conversation):
    child = fork.Process(target=converse, args=conversation, daemon=True)
    try:
        child.start()
        children[child.sentinel] = child
    except OSError as error:  # no more processes, fork(2): this client is turned away
        logging.error("fork: %s", error.strerror)


def converse(listener, connection, options, stop):
    """What the child does. It gives up what it has inherited and does not need."""
    listener.close()
    stop.leave_to_parent()
    blocking.serve(connection, options, stop)


if __name__ == "__main__":
    main()
