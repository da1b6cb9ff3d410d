"""One point: a fresh server, its clients, and what a message has cost."""
import time
from dataclasses import dataclass, replace

from comparison.load import LoadError
from comparison.process import StartError

from . import load
from .memory import footprint, settled_footprint
from .point import REQUESTS, Point
from .server import Server

STRETCH = (1, 4, 16)  # windows, one after the other, while they are too short for what they show
LATE = 0.03  # of the window
STAY = 0.9  # of the clients without a reply have none in a longer window: they are never served


class Failed(Exception):
    """The point cannot be, or went wrong: the text is the reason. `numbers`: what there is."""

    def __init__(self, reason: str, numbers: dict | None = None):
        super().__init__(reason)
        self.numbers = numbers or {}


@dataclass(frozen=True)
class Window:
    """Seconds: of the window and before it, for all to connect, and until silence is a failure.
    A window of 0 s ends when each client has had one reply. `messages`: it ends with them instead.
    """

    seconds: float = 0.5
    messages: int = 0
    warm_up: float = 0.1
    connect: float = 20
    give_up: float = 2


def measure(contender, point: Point, arena, window: Window) -> dict:
    """Returns numbers a message: `cpu_us`, `switches`, latencies in µs; bytes a client: `resident`,
    `virtual`; `start_up_ms`; raises Failed."""
    if contender.missing:
        raise Failed(contender.missing)
    if refused := arena.refuses(point.connections + point.idle):
        raise Failed(refused)
    found = None
    for times in STRETCH:
        longer, before, failed = replace(window, seconds=window.seconds * times), found, None
        try:
            with Server(contender, arena) as server:
                found = Run(server, point, arena, longer).numbers()
        except (StartError, LoadError) as problem:
            raise Failed(str(problem)) from None
        except Failed as problem:
            found, failed = problem.numbers, problem
        if times == STRETCH[-1] or not too_short(found, before, point):
            break
    if failed:
        raise failed
    return found


class Run:
    """What is read at the events of one run."""

    def __init__(self, server: Server, point: Point, arena, window: Window):
        self.server, self.point, self.arena, self.window = server, point, arena, window
        self.empty = self.full = settled_footprint(server.pid)
        self.start_cpu = self.cpu = server.cpu()
        self.switches, self.late = 0, 0.0

    def begin(self, told: dict):
        self.cpu, self.late = self.server.cpu(), time.monotonic() - told["at"]
        self.switches = self.server.switches()

    def end(self, told: dict):
        self.cpu = self.server.cpu() - self.cpu
        self.late += time.monotonic() - told["at"]
        if self.point.mode != REQUESTS:
            self.full = footprint(self.server.pid)
            self.switches = self.server.switches() - self.switches

    def numbers(self) -> dict:
        events = {"begin": self.begin, "end": self.end}
        w, extra = self.window, 0.004 * (self.point.connections + self.point.idle)
        patience = 60 + 2 * w.connect + w.seconds + 2 * w.give_up + extra
        told = load.drive(self.arena, self.options(), events, patience)
        self.server.end()  # whoever ended meanwhile is counted now
        if self.point.mode == REQUESTS:  # which have all ended by now
            self.switches = self.server.switches() - self.switches
        found = self.counted(told)
        if reason := failure(told):
            raise Failed(reason, found)
        return found

    def options(self) -> list[str]:
        """A connection a request needs no warm-up: nothing is kept from one to the next."""
        w, p = self.window, self.point
        by_request, once = p.mode == REQUESTS, not w.seconds
        messages = p.connections if once else w.messages
        ends = {"messages": messages} if messages else {"seconds": w.seconds}
        options = {
            "port": self.server.port, "connections": p.connections, "size": p.size, "idle": p.idle,
            **ends, "warm-up": 0 if by_request or once else w.warm_up,
            "per-connection": int(by_request), "connect-timeout": w.connect, "give-up": w.give_up,
        }  # fmt: skip
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        return words if by_request or once else [*words, "--until-served"]

    def counted(self, told: dict) -> dict:
        messages, clients = told["messages"], self.point.connections + self.point.idle
        latency = told.get("latency_us", {})
        found = {
            "messages": messages,
            "seconds": told["seconds"],
            "per_second": told["messages_per_second"],
            **{name: latency[name] for name in ("p50", "p99", "p99_9") if name in latency},
            "start_up_ms": self.server.start_up * 1e3,
            "start_cpu_ms": self.start_cpu * 1e3,
            "late": self.late / told["seconds"] if self.window.seconds and told["seconds"] else 0.0,
            "starved": told.get("starved", 0),
            "bottleneck": told.get("why", ""),
        }
        if messages:
            found["cpu_us"] = self.cpu / messages * 1e6
            found["switches"] = self.switches / messages
            found["load_cpu_us"] = told.get("load_cpu_per_message_us")
        if self.point.mode != REQUESTS:
            found["resident"] = (self.full[0] - self.empty[0]) / clients
            found["virtual"] = (self.full[1] - self.empty[1]) / clients
        return found


def too_short(found: dict, before: dict | None, point: Point) -> bool:
    """The machine is slow or busy: the bench was kept waiting when it had to look at the server; or,
    where there was no warm-up, some clients had no reply, but fewer than in the shorter window
    `before`, if there was one."""
    if found["late"] > LATE:
        return True
    fewer = found["starved"] and (not before or found["starved"] < STAY * before["starved"])
    return point.mode == REQUESTS and bool(fewer)


def failure(told: dict) -> str:
    """What went wrong in a result of the load generator, in one sentence; empty if nothing did."""
    wrong = {
        "{:,} bytes were wrong": told.get("wrong_bytes", 0),
        "{:,} clients had no reply at all": told.get("starved", 0),
    }
    said = [text.format(n) for text, n in wrong.items() if n]
    said += [f"{name}: {count:,}" for name, count in told.get("errors", {}).items() if count]
    if not told["messages"]:
        said.append("no message came back")
    return "; ".join(said)
