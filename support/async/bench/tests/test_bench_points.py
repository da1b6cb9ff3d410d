"""One point after the other, with real servers: what is counted is right, and nothing stays behind."""
import os
import pathlib
import socket
import subprocess

import pytest
from autograder import machine
from benchmark import calls, contenders, http, load, measure
from benchmark.arena import Arena
from benchmark.contenders import Contender
from benchmark.measure import Failed, Window
from benchmark.point import CONNECTIONS, HTTP, REQUESTS, Point
from comparison.process import tree
from places import KIT

SHORT = Window(seconds=0, connect=60, give_up=30)  # each client has one reply: no time is in it


@pytest.fixture(scope="session", autouse=True)
def generator():
    subprocess.run(["make", "-s", "load"], cwd=KIT, check=True)


@pytest.fixture(scope="session")
def servers():
    found = [c for c in contenders.own("solutions", ("echo",)) if c.name in NAMES]
    return {c.name: c for c in found}


NAMES = ("blocking_echo", "forking_echo", "select_echo", "epoll_echo")


def test_counts_and_costs_of_a_right_server(arena, servers):
    found = measure.measure(servers["epoll_echo"], Point(CONNECTIONS, 40), arena, SHORT)
    assert found["messages"] == 40 and found["starved"] == 0
    assert found["start_cpu_ms"] > 0 and found["virtual"] >= 0
    found = measure.measure(servers["epoll_echo"], Point(CONNECTIONS, 4), arena, Window(0.3))
    assert (
        found["messages"] > 40
        and 0 < found["cpu_us"] * found["messages"] < 1.1e6 * found["seconds"]
    )


def test_a_window_is_made_longer_while_it_shows_too_little():
    fine, late = {"starved": 0, "late": 0.01}, {"starved": 0, "late": 0.2}
    stays, comes = Point(CONNECTIONS, 50), Point(REQUESTS, 50)
    assert measure.too_short(late, None, stays) and not measure.too_short(fine, None, comes)
    some, same, fewer = ({"starved": n, "late": 0} for n in (49, 49, 9))
    assert measure.too_short(some, None, comes) and measure.too_short(fewer, some, comes)
    assert not measure.too_short(same, some, comes)
    assert not measure.too_short(
        some, None, stays
    )  # the load has waited for them before the window


def test_a_process_a_client_is_seen_in_memory(arena, servers):
    one, forked = (
        measure.measure(servers[name], Point(CONNECTIONS, 20), arena, SHORT)
        for name in ("epoll_echo", "forking_echo")
    )
    assert forked["virtual"] > 1 << 20 > one["virtual"]


def test_ended_children_of_a_forking_server_count(arena, servers):
    forked = measure.measure(servers["forking_echo"], Point(REQUESTS, 10), arena, Window(0.3))
    assert forked["switches"] >= 1  # each child has lived, and ended, once for each message


def test_clients_that_are_not_served_fail_with_their_number(arena, servers):
    with pytest.raises(Failed, match="4 clients had no reply at all"):
        measure.measure(
            servers["blocking_echo"], Point(CONNECTIONS, 5), arena, Window(0.3, give_up=0.3)
        )


def test_descriptors_that_are_not_to_be_had(arena, servers):
    with pytest.raises(Failed, match="ulimit -Hn"):
        measure.measure(servers["epoll_echo"], Point(CONNECTIONS, 10_000_000), arena, SHORT)


def test_a_server_that_ends_gives_its_last_words(arena):
    dying = Contender("dying", "echo", "x", ("/bin/sh", "-c", "echo alas >&2"))
    with pytest.raises(Failed, match="alas"):
        measure.measure(dying, Point(CONNECTIONS, 1), arena, SHORT)


@pytest.mark.skipif(bool(machine.tracing()), reason=machine.tracing())
def test_system_calls_of_a_blocking_server_are_two(arena, servers):
    found = calls.system_calls(servers["blocking_echo"], Point(CONNECTIONS, 1), arena)
    assert found["calls_by_name"] == {"recvfrom": 1.0, "sendto": 1.0}


def test_without_strace_there_is_no_number(arena, servers, monkeypatch):
    monkeypatch.setattr(calls.machine, "tracing", lambda: "strace is missing")
    assert calls.system_calls(servers["blocking_echo"], Point(CONNECTIONS, 1), arena) is None


def test_what_wrk_says_is_understood():
    text = (
        "  Latency Distribution\n     50%    1.50ms\n     99%  620.00us\n"
        "  9000 requests in 1.10s, 9.5MB read\n"
    )
    numbers = http.parsed(text)["numbers"]
    assert numbers == {
        "messages": 9000,
        "seconds": 1.1,
        "per_second": 9000 / 1.1,
        "p50": 1500,
        "p99": 620,
    }
    assert (
        "timeout 3"
        in http.parsed(text + "  Socket errors: connect 0, read 0, write 0, timeout 3\n")["reason"]
    )
    with pytest.raises(Failed, match="unable to connect"):
        http.parsed("unable to connect to 127.0.0.1:1 Connection refused\n")


def test_a_load_that_says_nothing_is_a_failure(arena, servers, monkeypatch):
    monkeypatch.setattr(load, "PROGRAM", pathlib.Path("/bin/true"))
    with pytest.raises(Failed, match="without a result"):
        measure.measure(servers["epoll_echo"], Point(CONNECTIONS, 1), arena, SHORT)


def test_nothing_is_left_behind(arena, servers):
    before = set(tree(os.getpid())), set(os.listdir("/proc/self/fd"))
    measure.measure(servers["forking_echo"], Point(CONNECTIONS, 5), arena, SHORT)
    assert (set(tree(os.getpid())), set(os.listdir("/proc/self/fd"))) == before
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", arena._claim.number))


def test_no_namespace_is_said():
    assert "In the open" in Arena(namespaces=False).told


def test_points_say_what_they_are():
    assert Point(HTTP, 1000, 1024).title == "1,000 clients, 1 KiB, HTTP, connections kept"
    assert Point(CONNECTIONS, 1, 64, 300).title.startswith("1 clients beside 300 idle, 64 B")
