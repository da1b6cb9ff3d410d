"""Lab 06, step 06.4: who is silent is closed, who gets on is not; and the polite end."""
import contextlib
import signal
import time

from ..check import CannotJudge, check
from . import http
from .lab_06 import PROGRAM, needs_files, page, served

PATIENCE = 25  # seconds of silence after which at the latest a client has to be closed
SLOW = 1.5  # seconds between two looks of the grader: then it was itself too slow to judge


@check("06.4", 4, PROGRAM, needs=needs_files)
def a_silent_client_is_closed(bench):
    """Who says nothing, or a head byte by byte without end, is closed; who gets on is not."""
    with http.site(bench, tiny=True) as (server, tree):
        silent, dripping, kept = server.connect(), server.connect(), served(server, tree)
        dripping.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
        active, slow = served(server, tree), server.connect()
        slow.send(http.request(target="/big.bin"))
        waiting = {silent: "says nothing", dripping: "sends a head byte by byte, without end"}
        waiting |= {kept: "is silent after its first request"}
        gaps, last = [0.0], time.monotonic()

        def all_closed(seconds):
            nonlocal last
            now = time.monotonic()
            gaps.append(now - last)
            last = now
            goes_on(server, active, slow, dripping, tree, gaps)
            left = [client for client in waiting if server.descriptors_of(client)]
            return not left or time.sleep(0.25)

        with server.quietly("one client asks again and again, one reads slowly"):
            server.wait(all_closed, calm=PATIENCE, limit=PATIENCE)
        for client, what in waiting.items():
            if server.descriptors_of(client):
                server.fail(
                    f"{client.name} {what}: after {PATIENCE} s it is still there",
                    (
                        "who holds a connection and does not get on has to go: give each a deadline"
                        " that only progress moves"
                    ),
                    "timerfd_create(2)",
                )
        http.expect_body(
            server,
            http.reply_to(server, slow, means="a slow reader is no silent one"),
            tree.files["big.bin"],
            "GET /big.bin, read slowly",
        )


def goes_on(server, active, slow, dripping, tree, gaps):
    """One more request of `active`, a little more for `slow`, a byte of the endless head."""
    with contextlib.suppress(OSError):
        dripping.socket.send(b"x")
    with contextlib.suppress(BlockingIOError):
        slow.received += slow.socket.recv(65536)  # all: half a window read opens none
    active.ended or active._receive_some(0)
    if active.ended:
        if max(gaps) > SLOW:
            raise CannotJudge("this machine is too busy to keep a client active: run it again")
        server.fail(
            f"{active.name} asks several times a second, and its connection was closed",
            "a deadline has to begin anew with each request",
            "timerfd_create(2)",
        )
    page(server, active, tree, "a client that gets on is closed like a silent one")


@check("06.4", 3, PROGRAM, needs=needs_files)
def stops_on_sigterm(bench):
    """SIGTERM ends the server with status 0, idle connections or not."""
    with http.site(bench) as (server, tree):
        served(server, tree)
        server.connect()
        server.signal(signal.SIGTERM)
        server.expect_exit(
            0,
            "SIGTERM asks a server to stop: accept nobody, finish, exit with status 0",
            "signal(7); signalfd(2)",
        )


@check("06.4", 3, PROGRAM, needs=needs_files)
def finishes_what_is_under_way(bench):
    """After SIGTERM a reply under way is sent whole, nobody new is served, and it ends within
    seconds."""
    with http.site(bench, tiny=True) as (server, tree):
        late, never = server.connect(), server.connect()
        for client in (late, never):
            client.send(http.request(target="/big.bin"))
        server.rest(calm=0.1)
        server.signal(signal.SIGTERM)
        server.wait(lambda seconds: not server.listening_ports() or time.sleep(seconds), limit=5)
        if server.listening_ports():
            server.fail("it still listens after SIGTERM", "stop accepting first", "listen(2)")
        reply = http.reply_to(server, late, means="SIGTERM came, and the rest was dropped")
        http.expect_body(server, reply, tree.files["big.bin"], "a reply under way at SIGTERM")
        server.expect_exit(
            0,
            "a client that never reads keeps the server alive: give it two seconds, then end",
            "timerfd_create(2)",
        )
