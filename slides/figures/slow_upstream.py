#!/usr/bin/python3
"""Figure: the second server takes a second for each answer; a file is asked for meanwhile."""
import http.server
import pathlib
import tempfile
import threading
import time
import urllib.request

from drawing import BLUE, INK, LINE, keep, main
from running import built, running

WAITING = 8  # clients that ask for what the second server has
FILES = 25  # times that a file is asked for, every 40 ms


class Slow(http.server.BaseHTTPRequestHandler):
    """The second server: an answer takes it a second."""

    def do_GET(self):
        time.sleep(1)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"mail\n")

    def log_message(self, *_):
        pass


class Upstream(http.server.ThreadingHTTPServer):
    request_queue_size = 64  # listen(2)


def ask(port, path, began, rows):
    """Notes when the client asked and when it had its answer, in ms since `began`."""
    asked = time.monotonic()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as reply:
        reply.read()
    rows.append([round(1000 * (moment - began), 1) for moment in (asked, time.monotonic())])


def run(port) -> dict:
    mail, files, began = [], [], time.monotonic()
    clients = [
        threading.Thread(target=ask, args=(port, "/upstream/mail", began, mail))
        for _ in range(WAITING)
    ]
    for client in clients:
        client.start()
    for _ in range(FILES):
        ask(port, "/file", began, files)
        time.sleep(0.04)
    for client in clients:
        client.join()
    return {"mail": sorted(mail), "files": files}


def measure():
    upstream = Upstream(("127.0.0.1", 0), Slow)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as root:
        (pathlib.Path(root) / "file").write_text("a file\n")
        address = f"127.0.0.1:{upstream.server_port}"
        with running(
            [built("06", "http_server"), "0", "--root", root, "--upstream", address]
        ) as port:
            rows = run(port)
    method = "http_server of lab 06, one thread, seen from its clients."
    keep("slow_upstream", {"method": method, **rows})


def draw(axes, data):
    for row, (asked, done) in enumerate(data["mail"]):
        axes.barh(row, done - asked, left=asked, color=LINE, height=0.7)
        axes.text(done + 8, row, f"{done - asked:,.0f} ms", va="center", color=INK, fontsize=12.5)
    place = len(data["mail"]) + 0.6
    for asked, done in data["files"]:
        axes.barh(place, max(done - asked, 3), left=asked, color=BLUE, height=1.1)
    median = sorted(done - asked for asked, done in data["files"])[len(data["files"]) // 2]
    last = data["files"][-1][1]
    axes.text(
        last + 12, place, f"median {median:.1f} ms", va="center", color=BLUE, fontweight="bold"
    )
    ends = (len(data["mail"]) - 1) / 2, place
    axes.set_yticks(ends, [f"{len(data['mail'])} ask for what the\nsecond server has", "a file"])
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.22 * max(last, max(done for _, done in data["mail"])))
    axes.set_xlabel("ms since the first client asked")


if __name__ == "__main__":
    main("slow_upstream", measure, draw, size=(11, 4.8))
