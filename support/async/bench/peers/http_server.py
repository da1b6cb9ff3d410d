"""Python's http.server as its class may be tuned: HTTP/1.1 with connections kept, TCP_NODELAY, a
thread a client, no log. `python3 -m http.server` itself speaks HTTP/1.0, a connection a request.
"""

import functools
import http.server
import sys


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 4096

    def handle_error(self, request, client_address):
        """A client that resets its connection is no reason for a traceback."""


port, root = int(sys.argv[1]), sys.argv[2]
Server(("127.0.0.1", port), functools.partial(Handler, directory=root)).serve_forever()
