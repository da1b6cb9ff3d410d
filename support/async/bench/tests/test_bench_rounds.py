"""The order of things, and who is tried again."""
import pytest
from benchmark import measure
from benchmark.measure import Failed, Window
from benchmark.point import CONNECTIONS, FAILED, HTTP, OK, REQUESTS, Point
from benchmark.rounds import CALLS, Rounds, plan
from bench_rows import contender


class Display:
    def show(self, *_):
        pass


@pytest.fixture
def tried(monkeypatch):
    """The points at which a server was measured; `failing` says at which it fails."""

    class Tried(list):
        failing = staticmethod(lambda point: False)

        def run(self, points, rounds=1) -> list:
            rows = []
            turns = plan([contender("a")], points, rounds)
            Rounds(turns, None, Window(), None, rows.append, Display()).run()
            return [(row["connections"], row["outcome"]) for row in rows]

    made = Tried()

    def measured(_, point, *__):
        made.append(point)
        if made.failing(point):
            raise Failed("no reply")
        return {}

    monkeypatch.setattr(measure, "measure", measured)
    return made


def test_servers_take_turns_at_each_point():
    two = [contender("a"), contender("b")]
    turns = plan(
        two,
        [Point(CONNECTIONS, 1), Point(CONNECTIONS, 2), Point(HTTP, 1)],
        2,
        [Point(CONNECTIONS, 1)],
    )
    order = [(t.number, t.contender.name, t.point.connections) for t in turns]
    assert order[:6] == [
        (1, "a", 1),
        (1, "b", 1),
        (1, "a", 2),
        (1, "b", 2),
        (CALLS, "a", 1),
        (CALLS, "b", 1),
    ]
    assert len(order) == 10 and all(turn.point.mode != HTTP for turn in turns)


def clients(*numbers, mode=CONNECTIONS, size=64):
    return [Point(mode, number, size) for number in numbers]


def test_who_has_failed_with_fewer_clients_twice_is_not_tried_with_more(tried):
    tried.failing = lambda point: point.connections > 5
    told = tried.run(clients(1, 10, 50, 100, 1000))
    assert told == [(1, OK)] + [(number, FAILED) for number in (10, 50, 100, 1000)]
    assert tried == clients(1, 10, 50)


def test_who_has_failed_once_is_tried_with_more(tried):
    tried.failing = lambda point: point.connections == 10
    assert [number for number, outcome in tried.run(clients(1, 10, 50, 100)) if outcome == OK] == [
        1,
        50,
        100,
    ]


def test_another_load_is_another_matter(tried):
    tried.failing = lambda point: point.mode == CONNECTIONS and point.size == 64
    others = clients(100, mode=REQUESTS) + clients(100, size=1024)
    tried.run(clients(1, 10, 100) + others)
    assert tried == clients(1, 10) + others


def test_who_fails_in_two_rounds_is_not_tried_in_a_third(tried):
    tried.failing = lambda point: True
    assert tried.run(clients(7), rounds=3) == [(7, FAILED), (7, FAILED)]
