"""The command line of the request-reply servers: `NAME port [--wait MS] [--limit N] [--quiet]`.

This module keeps to Python 3.6.
"""
import argparse
import logging
import os
import re
import sys


class Parser(argparse.ArgumentParser):
    """The command line of a server: a port, and options anywhere."""

    def __init__(self, more_options=""):
        super().__init__(add_help=False, allow_abbrev=False)
        self.more_options = more_options
        self.add_argument("port")
        self.add_argument("--wait", type=number(0, 3600000), default=0)  # ms; an hour: our bound
        self.add_argument("--limit", type=number(0, 92), default=34)
        self.add_argument("--quiet", action="store_true")

    def error(self, message):
        usage = "Usage: {} port [--wait MS] [--limit N] [--quiet]{}\n"
        self.exit(1, usage.format(os.path.basename(sys.argv[0]), self.more_options))


def number(least, most):
    """A reader of whole numbers within bounds, for argparse."""

    def read(text):
        if not re.fullmatch("[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise ValueError(text)
        return int(text)

    return read


def read_options(parser=None):
    """Returns port, wait (in seconds), limit, quiet; wrong words end the program with status 1."""
    options = (parser or Parser()).parse_args()
    options.wait /= 1000
    level = logging.INFO if options.quiet else logging.DEBUG
    logging.basicConfig(format="%(name)s: %(message)s", level=level)
    logging.raiseExceptions = False  # a log that nobody reads any more is no reason to complain
    try:
        options.port = number(0, 65535)(options.port)
    except ValueError:
        sys.exit("Invalid port {}".format(options.port))
    return options
