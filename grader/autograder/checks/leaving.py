"""What labs promise when somebody leaves: a client by a reset, the server by SIGTERM."""
import signal
import time

from ..activity import Activity
from ..failure import count
from . import echoing, resting


def resets(server, client):
    """Resets a connection, and waits until the server's kernel knows it: a process that the grader
    forks meanwhile holds up a close."""
    port = client.port
    client.reset()
    server.wait(
        lambda seconds: not any(s.peer_port == port for s in server.sockets())
        or time.sleep(seconds),
        limit=5,
    )


def survives_resets(server, greet, sending=True):
    """Clients that reset while idle and, if `sending`, with an answer under way and with one
    stuck."""
    quiet = server.connect()
    quiet.send(b"x")
    quiet.expect(b"x")
    resets(server, quiet)
    if sending:
        hasty = server.connect()
        hasty.send(server.payload(2000))
        resets(server, hasty)
        stuck, _ = echoing.stalls(server)
        resets(server, stuck)
    greet(server)


def survives_a_broken_pipe(bench, greet, before=lambda server: None, **options):
    """A client that has finished, and goes while its answer is stuck: send() says EPIPE, with
    SIGPIPE."""
    with bench.server(tiny_send=True, **options) as server:
        before(server)
        client = server.connect(receive_buffer=4096)
        if server.box.level.network:
            client.send(server.payload(64 * 1024))
            client.half_close()
            server.rest()
            resets(server, client)
        else:  # its buffers would take the answer: let the bytes, the end and the reset come at once
            resting.stop(server)
            client.send(server.payload(24))
            client.half_close()
            resets(server, client)
            server.signal(signal.SIGCONT)
        greet(server)


def keeps_what_did_not_fit(bench):
    """As echoing's; and who leaves while an answer is stuck harms nobody."""

    def keeps():
        with bench.server(tiny=True) as server:
            echoing.keeps_what_did_not_fit(server)
            survives_resets(server, echoing.greets)

    bench.side_by_side(keeps, lambda: survives_a_broken_pipe(bench, echoing.greets))


def descriptors_come_back(server, visit, times=10):
    """After `times` visits the server holds as many descriptors as after the first."""
    visit(server)
    before = len(server.descriptors())
    for _ in range(times):
        visit(server)
    server.wait(lambda seconds: len(server.descriptors()) <= before or time.sleep(seconds), limit=5)
    left = len(server.descriptors()) - before
    if left > 0:
        server.fail(
            (
                f"{count(left, 'descriptor')} more than before are open after {times} clients came"
                " and went"
            ),
            "a descriptor is not closed when its client has gone",
            "close(2)",
        )


def ends_on_sigterm(bench):
    with bench.server() as server:
        echoing.greets(server)
        server.signal(signal.SIGTERM)
        server.expect_exit(
            0,
            "SIGTERM asks a server to stop: accept nobody, finish, exit with status 0",
            "signal(7); signalfd(2)",
        )


def hears_sigterm(server):
    """SIGTERM, and the server has run since, or has ended: who reads only now finds it informed."""
    before = Activity(server.processes())

    def heard(seconds):
        now = Activity(server.processes())
        return not (now.awake or now.quiet_since(before)) or time.sleep(min(seconds, 0.005))

    server.signal(signal.SIGTERM)
    server.wait(heard, calm=0.2, limit=0.5)


def finishes_on_sigterm(bench):
    with bench.server(tiny=True) as server:
        late, data = echoing.stalls(server)
        echoing.stalls(server)  # never reads: must not keep the server from ending
        taken = len(data) - server.not_yet_read(late)
        hears_sigterm(server)
        late.expect(
            data[:taken],
            "SIGTERM came while an answer was under way, and the rest of it was dropped",
            "shutdown(2)",
        )
        server.expect_exit(
            0,
            "a client that never reads keeps the server alive: give it two seconds, then end",
            "timerfd_create(2)",
        )
