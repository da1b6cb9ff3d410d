"""What each bench measures: which servers at which points, how often and how long."""
from dataclasses import dataclass, field

from . import contenders
from .point import CONNECTIONS, HTTP, REQUESTS, Point

QUICK_CLIENTS = (1, 10, 50, 1000, 4000, 15000)
QUICK_REQUESTS = 1000  # clients that connect for each request: more of them take too long
FULL_CLIENTS = (1, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 15000)
FILES = (1024, 100 * 1024)
PEER_POINTS = (
    *(Point(CONNECTIONS, n, 64) for n in (1, 50, 500, 1000, 10000)),
    Point(CONNECTIONS, 50, 16384),
)
OURS = ("epoll_echo", "uring_echo")  # of the labs' echo servers, those that are to be ahead


@dataclass
class Plan:
    points: list[Point]
    rounds: int
    seconds: float
    counted: list[Point] = field(default_factory=list)
    give_up: float = 2.0  # seconds without any reply
    connect: float = 20.0  # seconds until all are connected: poll() looks at n for each newcomer
    peers: bool = False
    names: tuple[str, ...] = ()  # of the servers that take part; all if empty

    @property
    def file_sizes(self) -> set[int]:
        return {point.size for point in self.points if point.mode == HTTP}

    def contenders(self, tree: str) -> list:
        found = contenders.own(
            tree, {HTTP if point.mode == HTTP else contenders.ECHO for point in self.points}
        )
        if self.peers:
            found += contenders.peers()
        return [c for c in found if not self.names or c.name in self.names or wanted_peer(c, self)]


def wanted_peer(contender, plan: Plan) -> bool:
    return plan.peers and (not contender.own or contender.kind == HTTP)


def http_points(clients=(50, 1000)) -> list[Point]:
    return [Point(HTTP, n, size) for size in FILES for n in clients]


def architectures(full, rounds, seconds, clients, size) -> Plan:
    """Less than four minutes on 2 cores; with `full` more of everything, and some 30."""
    most = max(clients) if clients else QUICK_REQUESTS if not full else max(FULL_CLIENTS)
    clients = clients or (FULL_CLIENTS if full else QUICK_CLIENTS)
    both = [
        (mode, n, s) for mode in (CONNECTIONS, REQUESTS) for s in size or (64,) for n in clients
    ]
    points = [Point(*which) for which in both if which[0] == CONNECTIONS or which[1] <= most]
    counted = [point for point in points if point.connections in ((1, 50) if full else (50,))]
    rounds, seconds = rounds or (3 if full else 1), seconds or (0.5 if full else 0.3)
    give_up, connect = (3.0, 60.0) if full else (2.0, 6.0)
    return Plan(points + http_points(), rounds, seconds, counted, give_up, connect)


def peers(full, rounds, seconds, clients, size) -> Plan:
    """Three rounds, 8 minutes; nine with `full`."""
    points = [
        *(
            (
                p
                for p in PEER_POINTS
                if (not clients or p.connections in clients) and (not size or p.size in size)
            )
        ),
        *(Point(CONNECTIONS, n, s) for s in size or (64,) for n in clients),
    ]
    points = list(dict.fromkeys(points))
    counted = [Point(CONNECTIONS, n, 64) for n in (1, 50) if not clients or n in clients]
    rounds = rounds or (9 if full else 3)
    return Plan(
        points + http_points(),
        rounds,
        seconds or 0.8,
        counted,
        3.0,
        peers=True,
        names=OURS,
    )


def idle(full, rounds, seconds, clients, size) -> Plan:
    """One client speaks beside so many that are silent: what does a message cost?"""
    beside = clients or (1, 10, 30, 100, 300, 1000, 3000, 10000)
    points = [Point(CONNECTIONS, 1, s, n) for s in size or (64,) for n in beside]
    names = ("select_echo", "poll_echo", "epoll_echo", "uring_echo")
    return Plan(points, rounds or 3, seconds or 0.3, give_up=5.0, connect=60.0, names=names)


def memory(full, rounds, seconds, clients, size) -> Plan:
    """So many clients have each had an answer: how much memory has the server taken for them?"""
    points = [
        Point(CONNECTIONS, n, s)
        for s in size or (64,)
        for n in clients or (1, 10, 100, 1000, 10000)
    ]
    names = ("forking_echo", "threaded_echo", "poll_echo", "epoll_echo", "uring_echo")
    return Plan(points, rounds or 1, seconds or 0.0, names=names, give_up=10.0, connect=60.0)


def start_up(full, rounds, seconds, clients, size) -> Plan:
    """Every echo server is started, again and again."""
    return Plan([Point(CONNECTIONS, 1)], rounds or 5, seconds or 0.05, peers=True)


GROWTH = {"idle": idle, "memory": memory, "start-up": start_up}
PLANS = {"architectures": architectures, "peers": peers, **GROWTH}
