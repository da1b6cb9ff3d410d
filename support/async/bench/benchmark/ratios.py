"""How our servers compare with the peers: CPU a message as a ratio, of the least and round by round."""
from comparison.spread import Spread

from .point import CONNECTIONS, HTTP, Point, bytes_text
from .results import Results
from .table import Table, short

TIE = 0.05  # two servers this near are equal: that is how well a ratio repeats
LIMITS = {"epoll_echo": 2.05, "uring_echo": 0.10}  # system calls a message with 50 clients at once
LIMIT_AT = Point(CONNECTIONS, 50, 64)
BEHIND, TIED, AHEAD = "behind", "a tie", "ahead"


def ratio(results: Results, ours: str, theirs: str, point: Point) -> Spread | None:
    """Our CPU a message over theirs; below 1 we are ahead. Of the rounds that both have."""
    above = results.values(ours, point, "cpu_us")
    below = results.values(theirs, point, "cpu_us")
    both = [above[n] / below[n] for n in sorted(above.keys() & below.keys()) if below[n]]
    return Spread.of(both) if both else None


def verdict(ratio: float) -> str:
    if abs(ratio - 1) <= TIE:
        return TIED
    return AHEAD if ratio < 1 else BEHIND


def marked(ratio: float) -> str:
    """0.83, =0.98 (a tie), 1.20! (behind)."""
    sign = {AHEAD: ("", ""), TIED: ("=", ""), BEHIND: ("", "!")}[verdict(ratio)]
    return f"{sign[0]}{ratio:.2f}{sign[1]}"


def spread(results: Results, ours: str, theirs: str, point: Point) -> str:
    """A cell: the median of ratio(), with the least and the most."""
    found = ratio(results, ours, theirs, point)
    return f"{marked(found.median)} ({found.low:.2f}-{found.high:.2f})" if found else "-"


def least(results: Results, ours: str, theirs: str, point: Point) -> str:
    """A cell: the least that we needed in any round over the least that they did."""
    found = [results.values(server, point, "cpu_us").values() for server in (ours, theirs)]
    return marked(min(found[0]) / min(found[1])) if all(found) else "-"


WAYS = {
    least: (
        "the least of its rounds over the least of theirs",
        "Whatever else the machine does can only add to a server's CPU time, so the least is nearest"
        " to what it needs.",
    ),
    spread: (
        "round by round",
        "The median of the rounds' ratios, in brackets the least and the most.",
    ),
}  # fmt: skip


def column(point: Point) -> str:
    return f"{point.connections:,} x {bytes_text(point.size)}"


def ratios(results: Results, ours: str, points: list[Point], way=spread) -> Table:
    """A line a peer; the peers that are not here say so. `way`: least or spread."""
    web, (how, why) = points[0].mode == HTTP, WAYS[way]
    table = Table(
        f"{ours}: its CPU a {'request' if web else 'message'} over that of the others, {how}",
        ["server", *map(column, points)],
    )
    missing = results.missing()
    for name, library in results.contenders("http" if web else "echo").items():
        if name != ours:
            cells = [way(results, ours, name, p) for p in points]
            told = ["not here"] * len(points) if name in missing else cells
            table.rows.append([f"{name} ({library})", *told])
    table.notes.append(
        f"Below 1: {ours} needs less. = within {TIE:.0%}, a tie. ! it needs more. {why}"
    )
    return table


def costs(results: Results, points: list[Point]) -> Table:
    """The figures themselves, and the system calls where they were counted."""
    web = points[0].mode == HTTP
    table = Table(
        (
            "server CPU seconds per million"
            f" {'requests' if web else 'messages, and system calls a message'}"
        ),
        ["server", *map(column, points)] + ([] if web else [f"calls, {n}" for n in (1, 50)]),
    )
    missing = results.missing()
    for name in results.contenders("http" if web else "echo"):
        if name not in missing:
            cells = [amount(results, name, p) for p in points]
            counted = [calls(results, name, Point(CONNECTIONS, n, 64)) for n in (1, 50)]
            table.rows.append([name, *cells, *([] if web else counted)])
    if not web:
        table.notes += limits(results)
    if any(text.endswith("*") for cells in table.rows for text in cells):
        table.notes.append("* some rounds failed: the reasons are listed below.")
    return table


def amount(results: Results, name: str, point: Point) -> str:
    if found := results.spread(name, point, "cpu_us"):
        once = " *" if results.failure(name, point) else ""
        return f"{short(found.median)} ({short(found.low)}-{short(found.high)}){once}"
    return "failed" if results.failure(name, point) else "-"


def calls(results: Results, name: str, point: Point) -> str:
    found = results.spread(name, point, "calls")
    return f"{found.median:.2f}" if found else "-"


def limits(results: Results) -> list[str]:
    """Whether our servers keep to their number of system calls."""
    told = []
    for name, limit in LIMITS.items():
        if found := results.spread(name, LIMIT_AT, "calls"):
            word = "kept" if found.median <= limit else "exceeded"
            told.append(
                f"{name}: {found.median:.2f} calls with 50 clients; limit {limit:.2f} {word}."
            )
    return told
