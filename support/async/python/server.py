#!/usr/bin/env python3
"""A synchronous server: one client after the other. The others wait in the listen queue."""
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
            blocking.serve(connection, options, stop)


if __name__ == "__main__":
    main()
