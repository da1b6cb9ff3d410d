"""Shows results: tables on the terminal, files and charts in a directory."""
import pathlib

from autograder.labs import shown

from . import files
from .plans import OURS
from .point import CONNECTIONS, HTTP, REQUESTS
from .ratios import costs, least, ratios
from .results import Results
from .table import Table, by_clients, failures

ON_TERMINAL = ("per_second", "cpu_us", "p99")
ON_PAGE = (
    "per_second",
    "cpu_us",
    "p50",
    "p99",
    "p99_9",
    "switches",
    "calls",
    "resident",
    "virtual",
)
TITLES = {
    "architectures": "Architectures of servers, from 1 to 15,000 clients",
    "peers": "The labs' servers beside those of other libraries",
}


def present(console, results: Results, out: pathlib.Path):
    what = results.arguments["what"]
    out.mkdir(parents=True, exist_ok=True)
    files.write_json(out / files.JSON, results)
    files.write_csv(out / files.CSV, results)
    if what not in TITLES:
        return console.print(f"[dim]results.json and results.csv are in {shown(out.resolve())}[/]")
    brief, whole = peer_tables(results) if what == "peers" else architecture_tables(results)
    for table in brief:
        table.show(console)
    for line in failures(results):
        console.print(f"[dim]{line}[/]")
    charts = draw(results, out) if what == "architectures" else []
    files.write_page(out / files.PAGE, TITLES[what], results, whole, charts)
    console.print(
        f"\n[dim]README.md, results.json, results.csv and charts are in {shown(out.resolve())}[/]"
    )


def draw(results: Results, out):
    from . import charts  # slow to import, and not needed while measuring

    return charts.draw_all(results, out)


def architecture_tables(results: Results) -> tuple[list[Table], list[Table]]:
    """For the terminal, and for the page."""
    brief, whole = [], []
    for mode in (CONNECTIONS, REQUESTS, HTTP):
        for size in sorted({p.size for p in results.points(mode)}):
            tables = {column: by_clients(results, mode, column, size) for column in ON_PAGE}
            full = [table for table in tables.values() if any(told(cells) for cells in table.rows)]
            whole += full
            brief += [tables[column] for column in ON_TERMINAL if tables[column] in full]
    return brief, whole


def told(cells: list[str]) -> bool:
    return any(text not in ("-", "failed") for text in cells[1:])


def peer_tables(results: Results) -> tuple[list[Table], list[Table]]:
    brief, whole = [], []
    for mode, kind in ((CONNECTIONS, "echo"), (HTTP, "http")):
        if points := results.points(mode):
            ours = [
                name
                for name in results.contenders(kind, own=True)
                if kind == "http" or name in OURS
            ]
            first = [ratios(results, name, points, least) for name in ours]
            brief += [*first, costs(results, points)]
            whole += [*first, *(ratios(results, name, points) for name in ours), brief[-1]]
    return brief, whole
