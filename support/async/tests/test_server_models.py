"""What tells the models apart: who waits for whom, and that nobody burns a CPU while all wait."""
import contextlib
import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from autograder import demand

from building import build
from catalogue import ALL, CONCURRENT, every
from effort import computing
from running import wait_until

SYNC = [program for program in ALL if program.model == "sync"]
INLINE = [program for program in ALL if program.inline]
POOLED = [program for program in CONCURRENT if not program.inline]


@every(CONCURRENT)
def test_a_silent_client_holds_up_nobody(server):
    with server.connect() as silent, server.connect() as another:
        assert wait_until(lambda: server.has_read(silent, another))
        assert [server.ask(b"7") for _ in range(3)] == [b"21"] * 3
        assert not silent.readable() and not another.readable()
        silent.send(b"8")
        assert silent.read_to_end() == b"34"


@every(SYNC)
def test_a_silent_client_holds_up_the_synchronous_server(server):
    """The second client is served as soon as the first has gone, and not before."""
    with server.connect() as second:
        with server.connect() as first:
            pass  # both orders of arrival: this one leaves again
        second.send(b"7")
        assert second.read_to_end() == b"21"
    with server.connect() as silent, server.connect() as second:
        second.send(b"7")
        assert wait_until(lambda: server.has_read(silent)) and server.rest()
        assert not second.readable() and not server.has_read(second)
        silent.__exit__()
        assert second.read_to_end() == b"21"
    first.__exit__()


def gone_through(server, number) -> float:
    """Seconds until `number` clients, all connected before they send, have their replies."""
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(server.connect()) for _ in range(number)]
        began = time.monotonic()
        for client in clients:
            client.send(b"7")
        assert {client.read_to_end() for client in clients} == {b"21"}
        return time.monotonic() - began


@every(CONCURRENT)
def test_waits_overlap(fresh):
    """--wait: eight clients at once wait side by side. One after the other would take eight times
    one's time, at the least 1.6 s; half of that is allowed, in one of three attempts."""
    server = fresh("--wait", "200", "--quiet")
    one, eight = [], []
    while len(one) < 3 and (not one or min(eight) >= 4 * min(one)):
        eight.append(gone_through(server, 8))  # the first time a pool starts its workers, too
        one.append(gone_through(server, 1))
    assert 0.2 <= min(one) and 0.2 <= min(eight) < 4 * min(one)


@every(SYNC)
def test_waits_add_up_in_the_synchronous_server(fresh):
    assert gone_through(fresh("--wait", "200", "--quiet"), 3) >= 3 * 0.2


@every(POOLED)
def test_another_is_served_while_one_computes(program, diligent):
    """The reply to fib(1) is there before the one to a long computation that began earlier."""
    if len(os.sched_getaffinity(0)) < 2 and program.model in ("async", "io_uring"):
        pytest.skip("a pool has as many workers as CPUs: with one of them the second task waits")
    for seconds in (0.15, 0.45, 1.35):  # where fib(1) takes so long, the machine is busy
        with computing(diligent, seconds) as busy:
            assert diligent.ask(b"1") == b"1"
            first = not busy.readable()
            assert busy.read_to_end().isdigit()
        if first:
            return
    pytest.fail("the long computation was always over first")


@every(INLINE + SYNC)
def test_nobody_is_served_while_the_only_thread_computes(diligent):
    """--inline, the seeds' mistake, and the synchronous server."""
    with computing(diligent) as busy, diligent.connect() as second:
        second.send(b"1")
        assert wait_until(lambda: busy.readable() or second.readable(), pause=0)
        assert busy.readable(), "fib(1) was answered while the only thread should have computed"
        assert second.read_to_end() == b"1" and busy.read_to_end().isdigit()


def test_all_servers_sleep_while_nothing_happens(started):
    """After a request, with a client that has sent nothing: no CPU demand, and no wake-ups."""
    awake = {}
    with contextlib.ExitStack() as stack:
        servers = [
            started(program) for program in ALL if not program.missing() and not build(program)
        ]
        for server in servers:
            assert server.ask(b"7") == b"21"
            silent = stack.enter_context(server.connect())
            assert wait_until(lambda: server.has_read(silent))
        with ThreadPoolExecutor(len(servers)) as threads:
            readings = threads.map(
                lambda server: demand.judge(server.processes, demand.IDLE), servers
            )
        for server, reading in zip(servers, readings):
            if reading and reading.verdict != demand.IDLE:
                awake[str(server.program)] = reading
    assert awake == {}
