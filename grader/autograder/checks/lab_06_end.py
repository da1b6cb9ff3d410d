"""Lab 06, step 06.4: the polite end."""
import signal
import time

from ..check import check
from . import http, leaving, resting
from .lab_06 import PROGRAM, needs_files, served
from .site import site, within

GRACE = 1.5  # seconds: after SIGTERM the server has two
CROWD = 60  # clients that wait to be accepted: more than anybody accepts in one turn


@check("06.4", 2, PROGRAM, needs=needs_files)
def stops_on_sigterm(bench):
    """SIGTERM ends the server with status 0, idle connections or not."""
    with site(bench) as (server, tree):
        served(server, tree)
        server.connect()
        server.signal(signal.SIGTERM)
        server.expect_exit(
            0,
            "SIGTERM asks a server to stop: accept nobody, finish, exit with status 0",
            "signal(7); signalfd(2)",
        )


@check("06.4", 2, PROGRAM, needs=needs_files)
def finishes_what_is_under_way(bench):
    """After SIGTERM a reply under way is sent whole, nobody new is served, and it ends within
    seconds."""
    with site(bench, tiny=True) as (server, tree):
        late, never = server.connect(), server.connect()
        for client in (late, never):
            client.send(http.request(target="/some.bin"))
        server.rest(calm=0.1)
        leaving.hears_sigterm(server)
        with within(GRACE):
            reply = http.reply_to(server, late, means="SIGTERM came, and the rest was dropped")
            http.expect_body(server, reply, tree.files["some.bin"], "a reply under way at SIGTERM")
        server.wait(lambda seconds: not server.listening_ports() or time.sleep(seconds), limit=5)
        if server.listening_ports():
            server.fail("it still listens after SIGTERM", "stop accepting first", "listen(2)")
        server.expect_exit(
            0,
            "a client that never reads keeps the server alive: give it two seconds, then end",
            "timerfd_create(2)",
        )


@check("06.4", 2, PROGRAM, needs=needs_files, own=True)
def serves_those_who_wait_at_sigterm(bench):
    """Clients that had connected and asked before SIGTERM came get their replies, accepted or
    not."""
    with site(bench) as (server, tree):
        served(server, tree)
        resting.stop(server)
        clients = server.connect_many(CROWD)
        with server.quietly(f"the server is stopped, and each of {CROWD} clients asks for /"):
            for client in clients:
                client.send(http.request())
        server.signal(signal.SIGTERM)
        server.signal(signal.SIGCONT)
        with within(GRACE):
            for client in clients:
                means = "to close a listener resets all who wait there: accept them first"
                reply = http.reply_to(server, client, means=means, read="listen(2); accept(2)")
                http.expect_body(server, reply, tree.files["index.html"], "GET / before SIGTERM")
