"""What the user reads in the terminal, up to 100 columns wide: an overview, then a table a workload."""
from rich.markup import escape
from rich.table import Table

from .cells import CLIENTS, IO, SAME, SHORT, TIMED, TITLES, Cell, measured_as
from .configurations import ALL, LANGUAGES, MODELS
from .export import is_there
from .quantities import quantity
from .results import Missing, Results
from .schedule import WANTED
from .spread import Spread

WIDTH = 100


def show_tables(console, results: Results):
    console.print(overview(results))
    console.print(marks(results))
    for workload in TIMED:
        for clients in CLIENTS:
            if table := details(results, workload, clients):
                console.print(table)


def marks(results: Results) -> str:
    lines = [f"  * fewer than {WANTED} rounds   = the same runs as under the first workload"]
    failures: dict[str, list[str]] = {}
    for cell, reason in results.failures.items():
        failures.setdefault(reason, []).append(cell.key)
    for reason, keys in failures.items():
        lines.append(f"  [red]failed[/] {escape(reason)}: {', '.join(keys)}")
    return "\n".join(lines) + "\n"


def request(results: Results, workload: str, clients: int) -> str:
    """What was asked for, in words."""
    sizes = results.sizes
    if workload == IO:
        return f"the handler waits {sizes.wait} ms"
    arguments = {name: by[clients] for name, by in sizes.arguments.items()}
    if workload == SAME:
        return (
            f"fibonacci({arguments['Python']}) in every language" if "Python" in arguments else ""
        )
    return ", ".join(
        f"fibonacci({n}) = {duration(sizes.seconds[name][clients])} in {name}"
        for name, n in arguments.items()
    )


def duration(value: float) -> str:
    return f"{value:.2f} s" if value >= 0.1 else f"{value * 1000:.2g} ms"


def new_table(title: str, **options) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", box=None, expand=True,
                 pad_edge=False, padding=(0, 1), collapse_padding=True, **options)  # fmt: skip


def add_grouped(table: Table, rows):
    """Adds (configuration, entries): a line for each language, then one for each of its models."""
    previous = None
    for configuration, entries in rows:
        if configuration.language != previous:
            previous = configuration.language
            table.add_row(f"[bold]{LANGUAGES[previous]}[/]")
        table.add_row(f"  {MODELS[configuration.model]}", *entries)


def overview(results: Results) -> Table:
    """Medians of the wall time: a row a server, a column a workload and number of clients."""
    table = new_table("\nSeconds until all clients have their reply (medians)")
    table.add_column("", ratio=1, min_width=25, no_wrap=True)
    columns = [(workload, clients) for workload in TIMED for clients in CLIENTS]
    for workload, clients in columns:
        table.add_column(f"{SHORT[workload]}\n{clients} clients", justify="right", no_wrap=True)
    rows = [(c, [overview_entry(results, Cell(c, w, n)) for w, n in columns]) for c in ALL]
    add_grouped(table, [row for row in rows if any(row[1])])
    return table


def overview_entry(results: Results, cell: Cell) -> str:
    if results.failure(cell):
        return "[red]failed[/]"
    try:
        wall = quantity(results, cell, "wall")
    except Missing:
        return ""
    return ("=" if is_repeated(cell) else "") + seconds(wall.median) + mark(wall)


def is_repeated(cell: Cell) -> bool:
    return measured_as(cell) != cell


def mark(spread: Spread) -> str:
    return "*" if spread.rounds < WANTED else " "


def seconds(value: float) -> str:
    return f"{value:.3f}" if value < 1 else f"{value:.2f}"


def details(results: Results, workload: str, clients: int) -> Table | None:
    """All the numbers under one workload."""
    asked = request(results, workload, clients)
    table = new_table(f"{TITLES[workload]}, {clients} clients: {asked}", caption=" ")
    table.add_column("", ratio=1, min_width=25, no_wrap=True)
    for name in ("wall\ns", "least\n..most", "req/s", "p50\ns", "p99\ns", "CPU s/\n1,000", "PSS\nMiB",
                 "waits/\nreq", "preempt./\nreq"):  # fmt: skip
        table.add_column(name, justify="right", no_wrap=True)
    cells = [Cell(configuration, workload, clients) for configuration in ALL]
    shown = [c for c in cells if is_there(results, c) and not is_repeated(c)]
    add_grouped(table, [(cell.configuration, detail_row(results, cell)) for cell in shown])
    return table if shown else None


def detail_row(results: Results, cell: Cell) -> list[str]:
    if results.failure(cell):
        return ["[red]failed[/]"]  # why: see marks()
    wall = quantity(results, cell, "wall")
    return [
        seconds(wall.median) + mark(wall),
        f"{seconds(wall.low)}..{seconds(wall.high)}",
        entry(results, cell, "rate", "{:.1f}"),
        entry(results, cell, "p50", "{:.3f}"),
        entry(results, cell, "p99", "{:.3f}"),
        entry(results, cell, "cpu_per_1000", "{:.3g}"),
        entry(results, cell, "memory", "{:.1f}", 1 / 2**20),
        entry(results, cell, "voluntary_per_request", "{:.1f}"),
        entry(results, cell, "involuntary_per_request", "{:.1f}"),
    ]


def entry(results: Results, cell: Cell, name: str, form: str, factor=1.0) -> str:
    try:
        return form.format(quantity(results, cell, name).median * factor)
    except Missing:
        return "-"
