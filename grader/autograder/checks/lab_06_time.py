"""Lab 06, step 06.4: who is silent is closed, and who gets on is not."""
import contextlib
import time

from ..check import CannotJudge, check
from ..verdict import TIMEOUT
from . import http
from .lab_06 import PROGRAM, needs_files, served
from .lab_06_connection import keeps_the_connection_if_the_client_wants
from .site import site

PATIENCE = 25  # seconds of silence after which at the latest a client has to be closed
BEAT = 0.2  # seconds between two looks at the clients
LAPSE = 1.5  # seconds between two looks: then the grader has itself been too slow to judge
LITTLE = 32 * 1024  # bytes a beat that the slow reader takes: less than opens a full socket in 3 s


class Beats:
    """Runs `each` some times a second for as long as `event` has not come, and knows how regularly."""

    def __init__(self, each, event):
        self.each, self.event = each, event
        self.longest, self.last = 0.0, time.monotonic()

    def __call__(self, seconds):
        now = time.monotonic()
        self.longest, self.last = max(self.longest, now - self.last), now
        self.each()
        return self.event() or time.sleep(BEAT)

    def judge(self):
        if self.longest > LAPSE:
            raise CannotJudge(
                f"this machine let the grader wait for {self.longest:.1f} s between two looks at"
                " its clients: run it again when less is running"
            )


@check("06.4", 2, PROGRAM, needs=needs_files)
def a_silent_client_is_closed(bench):
    """Who says nothing, or sends a head byte by byte without end, is closed."""
    with site(bench) as (server, tree):
        silent, dripping, kept = server.connect(), server.connect(), served(server, tree)
        waiting = {silent: "says nothing", dripping: "sends a head byte by byte, without end"}
        waiting |= {kept: "is silent after its first request"}
        dripping.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ")

        def drip():
            with contextlib.suppress(OSError):
                dripping.ended or dripping.socket.send(b"x")

        beats = Beats(drip, lambda: all(closed(client) for client in waiting))
        with server.quietly(f"{dripping.name} sends another byte now and then"):
            server.wait(beats, calm=PATIENCE, limit=PATIENCE)
        for client, what in waiting.items():
            if not client.ended:
                beats.judge()
                server.fail(
                    f"{client.name} {what}: after {PATIENCE} s it is still there",
                    (
                        "who holds a connection and does not get on has to go: give each a deadline"
                        " that only progress moves"
                    ),
                    "timerfd_create(2)",
                    TIMEOUT,
                )


def closed(client) -> bool:
    """Has the server closed its side? What else it said, 408 perhaps, does not matter here."""
    while not client.ended and client._receive_some():
        pass
    return client.ended


@check("06.4", 2, PROGRAM, needs=(*needs_files, keeps_the_connection_if_the_client_wants.id))
def who_gets_on_is_not_closed(bench):
    """A client that asks now and then, and one that reads slowly, outlive one that is silent."""
    with site(bench) as (server, tree):
        silent, active = server.connect(), served(server, tree)
        slow = server.connect(receive_buffer=4 * LITTLE)
        slow.send(http.request(target="/huge.bin"))
        active.send(http.request())
        began, took = time.monotonic(), []

        def get_on():
            ask_again(active)
            slow.received += receive(slow, LITTLE)
            if closed(silent) and not took:
                took.append(time.monotonic() - began)

        beats = Beats(get_on, lambda: took and time.monotonic() - began > 1.2 * took[0])
        with server.quietly(f"{active.name} asks now and then, {slow.name} reads slowly"):
            server.wait(beats, calm=PATIENCE, limit=PATIENCE)
        for client, what in ((active, "asks several times a second"), (slow, "reads slowly")):
            if gone(server, client):
                beats.judge()
                server.fail(
                    f"{client.name} {what}, and its connection was closed",
                    "a deadline begins anew with each request, and with each byte that is taken",
                    "timerfd_create(2); tcp(7), SIOCOUTQ",
                )


def ask_again(client):
    """Sends a request if the reply to the last one is there; never waits."""
    client._receive_some()
    if made := http.parse(bytes(client.received)):
        del client.received[: made[1]]
        with contextlib.suppress(OSError):
            client.socket.send(http.request())


def receive(client, most) -> bytes:
    with contextlib.suppress(OSError):
        return client.socket.recv(most)
    return b""


def gone(server, client) -> bool:
    """Has the server given up this client? What it still holds for it the kernel delivers."""
    return client.ended or not server.descriptors_of(client)
