#!/usr/bin/python3
"""Figure: the CPUs that each lab's server asks for while three clients are connected and silent."""
import subprocess
import sys

from drawing import BLUE, INK, KIT, RED, keep, main

sys.path.insert(0, str(KIT / "grader"))
from autograder.demand import BUSY, IDLE  # noqa: E402
from autograder.server import Server  # noqa: E402

SERVERS = {
    "01-blocking-echo": ("blocking_echo", "recv() waits", IDLE),
    "02-processes-and-threads": ("preforked_echo", "accept() and recv() wait, in processes", IDLE),
    "03-busy-loop": ("busy_echo", "recv() never waits", BUSY),
    "04-poll": ("poll_echo", "poll() waits", IDLE),
    "05-epoll": ("epoll_echo", "epoll_wait() waits", IDLE),
    "06-state-machine": ("http_server", "epoll_wait() waits", IDLE),
    "07-regular-files": ("file_server", "epoll_wait() waits, and four threads", IDLE),
    "08-io-uring": ("uring_echo", "io_uring_enter() waits", IDLE),
    "11-python": ("asyncio_echo", "asyncio on lab 05's loop", IDLE),
}


def demand_of(lab: str) -> dict:
    """Starts the solution's server, connects three clients, and reads its demand for two seconds."""
    program, what, expected = SERVERS[lab]
    subprocess.run(["make", "-s", "build", f"LAB={lab[:2]}", "FROM=solutions"], cwd=KIT, check=True)
    argv = [str(KIT / "build/solutions/release" / lab / program), "{port}"]
    with Server(argv) as server:
        server.connect_many(3)
        server.wait(lambda seconds: not server.in_transit(), limit=2)
        reading = server.reading(expected, seconds=2.0)
    return {
        "lab": lab,
        "server": program,
        "what": what,
        "demand": round(reading.demand, 4),
        "wakeups": round(reading.wakeups, 1),
    }


def measure():
    method = "CPU demand over 2 s, three silent clients."
    keep("idle_demand", {"method": method, "servers": [demand_of(lab) for lab in SERVERS]})


def draw(axes, data):
    servers = data["servers"][::-1]
    demands = [server["demand"] for server in servers]
    axes.barh(range(len(servers)), demands, color=[RED if d > 0.5 else BLUE for d in demands])
    for row, server in enumerate(servers):
        text = f"{server['demand']:.2f}   {server['what']}"
        inside = server["demand"] > 0.5
        axes.text(
            server["demand"] + (-0.02 if inside else 0.012),
            row,
            text,
            va="center",
            ha="right" if inside else "left",
            color="white" if inside else INK,
        )
    axes.set_yticks(range(len(servers)), [f"{s['lab'][:2]}  {s['server']}" for s in servers])
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.set_xlim(0, 1.05)
    axes.set_xlabel("CPUs in demand while nothing happens")


if __name__ == "__main__":
    main("idle_demand", measure, draw)
