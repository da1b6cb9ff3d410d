#!/usr/bin/python3
"""Figure: 500 clients send a head without end, byte by byte; another one asks beside them."""
import socket
import tempfile
import time

from drawing import BLUE, RED, SOFT, keep, main
from running import built, running

CLIENTS = 500
SECONDS = 6  # of looking, at most; the server's patience is three
REQUEST = b"GET /none HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"


def ask(port) -> float:
    """Milliseconds until somebody else has a whole answer."""
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(REQUEST)
        while client.recv(4096):
            pass
    return (time.monotonic() - began) * 1000


def lives(client) -> bool:
    """Sends one byte more of the head; has it heard nothing yet?"""
    try:
        client.send(b"a")
        client.recv(4096)
        return False  # 408, or the end
    except BlockingIOError:
        return True  # nothing has come
    except OSError:
        return False


def crowd(port):
    """500 clients that have begun a head."""
    for _ in range(CLIENTS):
        client = socket.create_connection(("127.0.0.1", port), timeout=10)
        client.send(b"GET /")
        client.setblocking(False)
        yield client


def measure():
    with tempfile.TemporaryDirectory() as root:
        with running([built("06", "http_server"), "0", "--root", root]) as port:
            slow, rows = list(crowd(port)), []
            began = time.monotonic()
            while (now := time.monotonic() - began) < SECONDS:
                latency = ask(port)
                rows.append({"s": round(now, 2), "slow": len(slow), "ms": round(latency, 2)})
                slow = [client for client in slow if lives(client)]
                time.sleep(0.2)
    method = f"{CLIENTS} clients send a byte of a head every 0.2 s; http_server of lab 06."
    keep("slow_clients", {"method": method, "rows": rows})


def draw(axes, data):
    seconds = [row["s"] for row in data["rows"]]
    axes.step(
        seconds, [row["slow"] for row in data["rows"]], where="post", color=RED, linewidth=2.6
    )
    axes.set(xlabel="seconds since the last of them came", ylim=(0, 620), xlim=(0, SECONDS))
    axes.set_ylabel("slow clients connected", color=RED)
    axes.text(0.08, 525, "500 half heads: 3 s from the first byte, then 408", color=RED)
    other = axes.twinx()
    other.spines["right"].set_visible(True)
    other.plot(seconds, [row["ms"] for row in data["rows"]], "o", color=BLUE, markersize=7)
    other.set_ylabel("ms until somebody else is answered", color=BLUE)
    other.set_ylim(0, max(25, 1.3 * max(row["ms"] for row in data["rows"])))
    other.tick_params(axis="y", colors=SOFT)


if __name__ == "__main__":
    main("slow_clients", measure, draw, size=(11, 4.8))
