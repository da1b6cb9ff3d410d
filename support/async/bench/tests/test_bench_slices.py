"""Servers that take turns: all are counted, who fails fails alone, and who has no turn stands still."""
import os
import subprocess
import sys

import pytest
from autograder import proc
from benchmark import slices
from benchmark.contenders import Contender
from benchmark.measure import Failed, Window
from benchmark.point import CONNECTIONS, OK, Point
from benchmark.rounds import Rounds, plan
from comparison.process import tree
from places import KIT

ECHO = """
import selectors, socket, sys
loop, listener = selectors.DefaultSelector(), socket.create_server(("127.0.0.1", int(sys.argv[1])))
loop.register(listener, 1)
for left in range(int(sys.argv[2]), 0, -1):
    for key, _ in loop.select():
        if key.fileobj is listener:
            loop.register(listener.accept()[0], 1)
        elif data := key.fileobj.recv(4096):
            key.fileobj.sendall(data)
        else:
            loop.unregister(key.fileobj)
"""
FOUR, SHORT = Point(CONNECTIONS, 4), Window(0.1, warm_up=0, connect=60)


@pytest.fixture(scope="session", autouse=True)
def generator():
    subprocess.run(["make", "-s", "load"], cwd=KIT, check=True)


def echo(name, events=10**9, missing=""):
    words = (sys.executable, "-c", ECHO, "{port}", str(events))
    return Contender(name, "echo", "python", words, missing=missing)


def test_all_are_counted_and_nothing_is_left_behind(arena):
    before = set(tree(os.getpid())), set(os.listdir("/proc/self/fd"))
    who = [echo("one"), echo("two"), echo("three")]
    found = slices.measure(who, FOUR, arena, SHORT)
    assert list(found) == who
    assert all(f["messages"] == 4000 and f["cpu_us"] > 0 for f in found.values())
    assert not any(set(f) & {"p99", "per_second"} for f in found.values())
    assert (set(tree(os.getpid())), set(os.listdir("/proc/self/fd"))) == before


def test_who_fails_fails_alone(arena):
    ends, gone = echo("ends", events=60), echo("gone", missing="not here: apt-get install gone")
    never = Contender("never", "echo", "x", ("/bin/false",))
    right = echo("right")
    found = slices.measure([ends, gone, never, right], FOUR, arena, SHORT)
    assert found.pop(right)["messages"] == 4000
    assert set(found) == {ends, gone, never} and all(isinstance(f, Failed) for f in found.values())
    assert "apt-get install gone" in str(found[gone])


def test_who_has_no_turn_stands_still(arena):
    with slices.Lane(echo("one"), FOUR, arena, Window(messages=10**6, connect=60)) as lane:
        generator = lane.load._process.pid
        assert proc.stat(generator).state == "T"
        used, turns = lane.server.cpu(), 0
        while lane.server.cpu() == used and turns < 500:  # on a busy machine one may be too short
            assert lane.turn(0.02) is None
            assert proc.stat(generator).state == "T"
            turns += 1
        assert lane.server.cpu() > used


def test_rounds_of_slices_have_a_row_a_server_and_round(arena):
    rows, told = [], []
    who = [echo("one"), echo("two")]

    class Display:
        def show(self, turn, share, left):
            told.append((turn.number, turn.point))

    Rounds(plan(who, [FOUR], 2), arena, SHORT, "", rows.append, Display(), sliced=True).run()
    assert sorted((r["round"], r["contender"], r["outcome"]) for r in rows) == [
        (number, name, OK) for number in (1, 2) for name in ("one", "two")
    ]
    assert told == [(1, FOUR), (2, FOUR)]
