"""What is measured: a server under so many clients. Every result is a row, a flat dict."""
from dataclasses import asdict, dataclass

CONNECTIONS, REQUESTS, HTTP = "connections", "requests", "http"
TITLES = {
    CONNECTIONS: "clients that stay connected",
    REQUESTS: "a connection for each request",
    HTTP: "HTTP, connections kept",
}
OK, FAILED, MISSING = "ok", "failed", "not here"


@dataclass(frozen=True, order=True)
class Point:
    """`size`: bytes of a message, or of the file; `idle`: further connections that never send."""

    mode: str
    connections: int
    size: int = 64
    idle: int = 0

    @property
    def title(self) -> str:
        idle = f" beside {self.idle:,} idle" if self.idle else ""
        return f"{self.connections:,} clients{idle}, {bytes_text(self.size)}, {TITLES[self.mode]}"


def bytes_text(size: int) -> str:
    return f"{size // 1024:,} KiB" if size >= 1024 and size % 1024 == 0 else f"{size:,} B"


def row(contender, point: Point, number: int, outcome: str, reason="", **numbers) -> dict:
    """`number`: of the round, from 1 on."""
    who = {"contender": contender.name, "kind": contender.kind, "own": contender.own}
    told = {"round": number, "outcome": outcome, "reason": reason}
    return {**who, "architecture": contender.architecture, **asdict(point), **told, **numbers}


def point_of(row: dict) -> Point:
    return Point(row["mode"], row["connections"], row["size"], row["idle"])
