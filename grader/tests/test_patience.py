"""How long a program is waited for: what the machine took from it is not held against it."""
import os
import socket
from types import SimpleNamespace

import pytest
from autograder import blocked, patience, proc
from autograder.activity import Activity
from autograder.client import Client
from autograder.failure import CannotJudge
from autograder.observed import Observed
from autograder.tcp import Socket


class Program(Activity):
    """One thread; what its counters say is made up."""

    def __init__(self, ran=0.0, queued=0.0, slices=0, awake=False, on_disk=False):
        self.ran, self.queued, self.slices = ran, {1: queued * 1e9}, {1: slices}
        self.waits, self.awake, self.on_disk = set(), awake, on_disk


@pytest.fixture
def clock(monkeypatch):
    told = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(patience.time, "monotonic", lambda: told.now)
    return told


def begun(clock):
    made = patience.Patience(0, calm=3, cpu=3, limit=20)
    made.look(Program(), 0)
    return made


def test_who_is_asleep_is_given_up_soon(clock):
    waited = begun(clock)
    clock.now += 2.9
    waited.look(Program(), 0)
    assert not waited.asleep()
    clock.now += 0.2
    waited.look(Program(), 0)
    assert waited.asleep() and str(waited) == "all of it slept for 3 s"


def test_a_box_that_is_not_made_yet_is_not_asleep(clock):
    waited = patience.Patience(0, calm=3, cpu=3, limit=20)
    nobody = Activity([])
    for _ in range(40):
        waited.look(nobody, 0, started=False)
        clock.now += 1
    assert not waited.asleep() and not waited.spent()
    waited.look(Program(), 0)
    assert not waited.asleep(), "the calm begins with the program"


def test_who_has_no_cpu_is_waited_for_longer_than_who_has(clock):
    """Both are awake now and then, and never do what is waited for."""
    starved, served = begun(clock), begun(clock)
    for look in range(1, 250):
        clock.now += 0.1
        starved.look(Program(queued=0.09 * look, slices=look, awake=True), 0)
        served.look(Program(slices=look, awake=True), 0)
    assert served.spent() and not starved.spent()


def test_a_long_wait_for_a_cpu_that_is_told_when_it_is_over_does_not_count(clock):
    """Ten JVMs that start at once: every thread's turn comes after a second, schedstat tells then."""
    waited = begun(clock)
    for look in range(1, 250):
        clock.now += 0.1
        waited.look(Program(queued=0.95 * (look // 10), slices=look // 10, awake=True), 0)
        assert not waited.spent()


def test_time_in_which_the_grader_itself_did_not_run_does_not_count(clock):
    waited = begun(clock)
    for look in range(1, 6):
        clock.now += 10
        waited.look(Program(slices=look), 0)
    assert not waited.spent()


def test_time_that_the_disk_took_does_not_count(clock):
    """A JVM beside tests that evict its text from memory: every page comes from the disk anew."""
    paged, waits = begun(clock), begun(clock)
    for look in range(1, 250):
        clock.now += 0.1
        paged.look(Program(slices=look, awake=True, on_disk=True), 0)
        waits.look(Program(slices=look, awake=True), 0)
    assert waits.spent() and not paged.spent()


@pytest.mark.parametrize(
    "state, call, on_disk", [("D", "running", True), ("D", "vfork", False), ("S", "read", False)]
)
def test_who_sleeps_uninterruptibly_waits_for_the_disk_but_for_the_parent_of_vfork(
    monkeypatch, state, call, on_disk
):
    monkeypatch.setattr(proc, "stat", lambda *_: SimpleNamespace(state=state))
    monkeypatch.setattr(blocked, "where", lambda *_: (call, None))
    assert Activity([os.getpid()]).on_disk == on_disk


def test_who_spins_is_given_up_unless_bytes_move(clock):
    idle, busy = begun(clock), begun(clock)
    for look in range(1, 8):
        clock.now += 0.5
        idle.look(Program(ran=0.5 * look, slices=look), 0)
        busy.look(Program(ran=0.5 * look, slices=look), look)
    assert idle.spent() and not busy.spent()
    assert str(idle) == "it used 3.5 s of CPU in 1 s"


def test_a_machine_that_never_gives_a_turn_is_said_to_be_too_busy(clock):
    waited = begun(clock)
    with pytest.raises(CannotJudge, match="too busy"):
        for look in range(1, 4000):
            clock.now += 0.1
            waited.look(Program(queued=0.1 * look, slices=look, awake=True), 0)


def test_the_counters_are_the_kernels():
    now = Activity([os.getpid()])
    assert now.queued.keys() == now.slices.keys() and now.starved_since(now) == 0


@pytest.mark.parametrize(
    "client, server, under_way",
    [
        (("01", 0, 0), ("01", 9, 0), True),  # the client has read all that it got: more will come
        (("05", 0, 0), ("08", 9, 0), True),  # the same when the client has closed its sending side
        (("04", 9, 0), ("01", 0, 0), True),  # the client's last bytes, and its FIN behind them
        (("05", 0, 0), ("09", 9, 0), True),  # both have closed
        (("01", 0, 5), ("01", 9, 0), False),  # the client does not read
        (("01", 0, 0), ("01", 0, 7), False),  # the server does not
        (("01", 0, 0), ("01", 0, 0), False),
    ],
)
def test_what_tcp_has_still_to_deliver_is_waited_for(client, server, under_way):
    server_port, client_port = 7, 40000
    seen = Observed()
    seen.port = server_port
    seen.sockets = lambda: [
        Socket(client_port, server_port, *client, "socket:[1]"),
        Socket(server_port, client_port, *server, "socket:[2]"),
    ]
    assert seen.in_transit() == under_way


@pytest.mark.parametrize("after, told", [(0, False), (60, True), (float("inf"), True)])
def test_a_time_out_of_the_server_is_not_held_against_it(after, told):
    ours, theirs = socket.socketpair()
    theirs.close()  # EPIPE for who sends
    said = []
    server = SimpleNamespace(
        note=said.append,
        port=7,
        serves=True,
        transcript=[],
        listening_ports=lambda: {7},
        box=SimpleNamespace(wait_for_exit=lambda seconds: False),
        wait=lambda event: event(0),
        fail=lambda saw, *_: pytest.fail(saw),
    )
    client = Client(server, "client 1", ours)
    client.may_end_after = after
    for send in (client.send, client.stall):
        if told:
            with pytest.raises(pytest.fail.Exception, match="broken pipe while it sent"):
                send(b"x")
        else:
            send(b"x")
            assert client.timed_out and not client.ended
