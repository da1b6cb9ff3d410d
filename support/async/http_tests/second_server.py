"""The server behind the gateway: Python's http.server, and some replies that it would not give."""
import contextlib
import http.server
import threading


class Second(http.server.SimpleHTTPRequestHandler):
    """Files, and beside them `/slow` (when told), `/chunks`, `/broken`, `/sent` (the fields)."""

    protocol_version = "HTTP/1.1"
    go_on = None

    def log_message(self, *_):
        pass

    def do_GET(self):
        special = getattr(self, "get_" + self.path.strip("/").partition("?")[0], None)
        return special() if special else super().do_GET()

    def reply(self, *fields):
        self.send_response(200)
        for name, value in fields:
            self.send_header(name, value)
        self.end_headers()

    def get_slow(self):
        self.go_on.wait(2)
        self.reply(("Content-Length", "4"))
        self.wfile.write(b"slow")

    def get_chunks(self):
        self.reply(("Transfer-Encoding", "chunked"))
        for size in (1, 70_000, 3):
            self.wfile.write(b"%x\r\n%s\r\n" % (size, b"c" * size))
        self.wfile.write(b"0\r\n\r\n")

    def get_broken(self):
        self.reply(("Content-Length", "1000"))
        self.wfile.write(b"half")
        self.close_connection = True

    def get_sent(self):
        text = str(self.headers).encode()
        self.reply(("Content-Length", str(len(text))))
        self.wfile.write(text)


@contextlib.contextmanager
def second_server(root):
    Second.go_on = threading.Event()
    make = lambda *arguments: Second(*arguments, directory=str(root))  # noqa: E731
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), make) as second:
        threading.Thread(target=second.serve_forever, args=(0.05,), daemon=True).start()
        yield second
        Second.go_on.set()
        second.shutdown()
