#!/usr/bin/env python3
"""The client of the request-reply servers: one number, one reply, read until the server closes."""
import logging
import os
import random
import re
import socket
import sys


def main():
    host, port, number = read_arguments(sys.argv[1:])
    logging.basicConfig(format="%(name)s: %(message)s", level=logging.INFO)
    try:
        reply = ask(host, port, number)
    except OSError as error:
        sys.exit("error: {}:{}: {}".format(host, port, error.strerror or error))
    if not reply:
        sys.exit("error: {}:{}: the server closed without a reply".format(host, port))
    line = "function({}): {}\n".format(number, reply.decode("ascii", "backslashreplace"))
    sys.stdout.write(line)  # in one piece, beside other clients


def read_arguments(words):
    """Any integer is sent, also those that the service refuses: so its errors can be seen. None, or
    -1, stands for any number of 0 to 34."""
    if len(words) not in (2, 3) or not re.fullmatch("[+-]?[0-9]+", (words + ["0"])[2]):
        name = os.path.basename(sys.argv[0])
        sys.exit("Usage: {} server_name server_port [num]\n0 <= num <= 34".format(name))
    if not re.fullmatch("[0-9]{1,9}", words[1]) or not 0 < int(words[1]) < 65536:
        sys.exit("Invalid port {}".format(words[1]))
    asked = (words + ["-1"])[2]
    return words[0], int(words[1]), str(random.randint(0, 34)) if asked == "-1" else asked


def ask(host, port, number):
    """Sends a number, and returns all that comes back: a reply may arrive in pieces, recv(2)."""
    with socket.create_connection((host, port)) as server:
        logging.info("Connected to %s:%d", host, port)
        logging.info("Sending %s", number)
        server.sendall(number.encode())
        return b"".join(iter(lambda: server.recv(256), b""))


if __name__ == "__main__":
    main()
