"""What each bench measures: which servers at which points, how often and how long."""
from dataclasses import dataclass, field

from . import contenders
from .point import CONNECTIONS, HTTP, REQUESTS, Point

QUICK_CLIENTS = (1, 10, 50, 300, 1000, 4000, 15000)
FULL_CLIENTS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 3000, 5000, 7500, 10000, 15000)
FILES = (1024, 100 * 1024)
PEER_POINTS = (*(Point(CONNECTIONS, n, 64) for n in (1, 50, 500, 1000, 10000)), Point(CONNECTIONS, 50, 16384))
OURS = ("epoll_echo", "uring_echo")  # of the labs' echo servers, those that are to be ahead


@dataclass
class Plan:
    points: list[Point]
    rounds: int
    seconds: float
    counted: list[Point] = field(default_factory=list)
    give_up: float = 2.0
    peers: bool = False

    @property
    def file_sizes(self) -> set[int]:
        return {point.size for point in self.points if point.mode == HTTP}

    def contenders(self, tree: str) -> list:
        own = contenders.own(tree)
        if not self.peers:
            return own
        return [c for c in own if c.kind == contenders.HTTP or c.name in OURS] + contenders.peers()


def http_points(clients=(50, 1000)) -> list[Point]:
    return [Point(HTTP, n, size) for size in FILES for n in clients]


def architectures(full, rounds, seconds, clients, size) -> Plan:
    """Three minutes, or with `full` half an hour."""
    clients = clients or (FULL_CLIENTS if full else QUICK_CLIENTS)
    sizes = size or (64,)
    points = [Point(mode, n, s) for mode in (CONNECTIONS, REQUESTS) for s in sizes for n in clients]
    counted = [Point(mode, n, s) for mode in (CONNECTIONS, REQUESTS) for s in sizes for n in (1, 50) if n in clients]
    rounds = rounds or (3 if full else 1)
    give_up = 3.0 if full else 1.5
    return Plan(points + http_points(), rounds, seconds or (1.0 if full else 0.3), counted, give_up)


def peers(full, rounds, seconds, clients, size) -> Plan:
    """Five rounds; nine with `full`."""
    points = [
        *((p for p in PEER_POINTS if (not clients or p.connections in clients) and (not size or p.size in size))),
        *(Point(CONNECTIONS, n, s) for s in size or (64,) for n in clients),
    ]
    points = list(dict.fromkeys(points))
    counted = [Point(CONNECTIONS, n, 64) for n in (1, 50) if not clients or n in clients]
    rounds = rounds or (9 if full else 5)
    return Plan(points + http_points(), rounds, seconds or (1.0 if full else 0.5), counted, 3.0, True)


PLANS = {"architectures": architectures, "peers": peers}
