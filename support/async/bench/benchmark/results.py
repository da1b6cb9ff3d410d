"""All rows of a run, and what they say together: medians, and why a point has none."""
from dataclasses import dataclass, field

from comparison.spread import Spread

from .point import MISSING, OK, Point, point_of

COLUMNS = {
    "per_second": "requests/s",
    "cpu_us": "server CPU seconds per million messages",
    "p50": "latency, median, µs",
    "p99": "latency, 99th percentile, µs",
    "p99_9": "latency, 99.9th percentile, µs",
    "calls": "system calls a message",
    "switches": "context switches a message",
    "resident": "resident memory a client, bytes",
    "virtual": "virtual memory a client, bytes",
    "start_up_ms": "start-up until it listens, ms",
    "start_cpu_ms": "CPU time of start-up, ms",
    "load_cpu_us": "load's CPU seconds per million messages",
}


@dataclass
class Results:
    machine: dict
    arguments: dict
    rows: list[dict] = field(default_factory=list)

    def contenders(self, kind=None, own=None) -> dict[str, str]:
        """Name -> architecture, in the order of their first rows."""
        return {
            row["contender"]: row["architecture"]
            for row in self.rows
            if kind in (None, row["kind"]) and own in (None, row["own"])
        }

    def points(self, mode=None) -> list[Point]:
        found = dict.fromkeys(point_of(row) for row in self.rows if row["round"])
        return [point for point in found if mode in (None, point.mode)]

    def at(self, contender: str, point: Point) -> list[dict]:
        return [r for r in self.rows if r["contender"] == contender and point_of(r) == point]

    def values(self, contender: str, point: Point, column: str, outcomes=(OK,)) -> dict[int, float]:
        """Round -> value, of the rounds that have one."""
        return {
            row["round"]: row[column]
            for row in self.at(contender, point)
            if row["outcome"] in outcomes and row.get(column) is not None
        }

    def spread(self, contender: str, point: Point, column: str) -> Spread | None:
        values = self.values(contender, point, column).values()
        return Spread.of(values) if values else None

    def failure(self, contender: str, point: Point) -> str:
        """Why the point has no valid round, or what went wrong in one of them; empty if nothing did."""
        rows = [r for r in self.at(contender, point) if r["round"] and r["outcome"] != OK]
        reasons = [r["reason"] for r in rows]
        return reasons[0] if reasons else ""

    def failures(self) -> list[tuple[str, Point, str]]:
        """Of points that were tried."""
        pairs = dict.fromkeys((r["contender"], point_of(r)) for r in self.rows)
        told = [(name, point, self.failure(name, point)) for name, point in pairs]
        missing = self.missing()
        return [entry for entry in told if entry[2] and entry[0] not in missing]

    def missing(self) -> dict[str, str]:
        """Contender that is not here -> why not."""
        return {r["contender"]: r["reason"] for r in self.rows if r["outcome"] == MISSING}
