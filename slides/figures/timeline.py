#!/usr/bin/python3
"""Figure: three requests at once that wait 100, 150 and 200 ms, through three kinds of server."""
import socket
import subprocess
import sys
import threading
import time

from drawing import BLUE, HERE, INK, LINE, SOFT, keep, main

WAITS = (100, 150, 200)  # milliseconds
MODELS = {
    "iterative": "one after the other",
    "threaded": "a thread each",
    "epoll": "one loop, epoll",
}


def ask(port, wait, began, row):
    """One client: when it asked, when the server took it up, when it was done, in ms since `began`."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        row["asked"] = since(began)
        client.sendall(b"%d\n" % wait)
        with client.makefile() as replies:
            assert replies.readline() == "begun\n"
            row["begun"] = since(began)
            assert replies.readline() == "done\n"
            row["done"] = since(began)


def since(began) -> float:
    return round((time.monotonic() - began) * 1000, 1)


def run(model) -> list[dict]:
    server = subprocess.Popen(
        [sys.executable, HERE / "waiting_servers.py", model], stdout=subprocess.PIPE, text=True
    )
    try:
        port, began = int(server.stdout.readline()), time.monotonic()
        rows = [{"wait": wait} for wait in WAITS]
        threads = [threading.Thread(target=ask, args=(port, r["wait"], began, r)) for r in rows]
        for thread in threads:
            thread.start()
            time.sleep(0.005)  # so that they come in this order
        for thread in threads:
            thread.join()
        return rows
    finally:
        server.kill()
        server.wait()


def measure():
    method = "Three clients at once, seen from the clients."
    keep("timeline", {"method": method, "models": {model: run(model) for model in MODELS}})


def draw(axes, data):
    ticks, labels = [], []
    for group, model in enumerate(MODELS):
        for index, row in enumerate(data["models"][model]):
            y = group * 4 + index
            ticks.append(y)
            labels.append(f"{row['wait']} ms")
            axes.barh(y, row["begun"] - row["asked"], left=row["asked"], color=LINE, height=0.74)
            axes.barh(y, row["done"] - row["begun"], left=row["begun"], color=BLUE, height=0.74)
            axes.text(row["done"] + 5, y, f"{row['done']:.0f}", va="center", color=INK)
        axes.text(-62, group * 4 + 1, MODELS[model], ha="right", va="center", fontweight="bold")
    axes.set_yticks(ticks, labels)
    axes.invert_yaxis()
    axes.set_xlim(0, 500)
    axes.set_xlabel("ms since the first client came    (grey: waits for its turn, blue: is served)")
    axes.tick_params(axis="y", length=0, labelcolor=SOFT, labelsize=12.5)


if __name__ == "__main__":
    main("timeline", measure, draw, size=(11, 5))
