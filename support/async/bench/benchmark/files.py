"""What a run leaves behind: rows as they come, then JSON, CSV, and a page with tables and charts."""
import csv
import json
import pathlib

from .machine import caption
from .results import COLUMNS, Results
from .table import Table, failures

SCHEMA = "asynclab/bench/v1"
ROWS, JSON, CSV, PAGE = "rows.jsonl", "results.json", "results.csv", "README.md"
WHOSE = ("contender", "kind", "own", "architecture", "mode", "connections", "size", "idle")


class Journal:
    """Appends each row to a file at once; the first line tells of the machine."""

    def __init__(self, out: pathlib.Path, results: Results):
        out.mkdir(parents=True, exist_ok=True)
        self.results, self._file = results, open(out / ROWS, "w")
        self._write({"machine": results.machine, "arguments": results.arguments})

    def keep(self, row: dict):
        self.results.rows.append(row)
        self._write(row)

    def _write(self, told: dict):
        self._file.write(json.dumps(told) + "\n")
        self._file.flush()

    def close(self):
        self._file.close()


def read(path: pathlib.Path) -> Results:
    """Of results.json, or of the rows of a run that was cut short. Raises ValueError."""
    text = path.read_text()
    if path.suffix == ".jsonl":
        first, *rows = [json.loads(line) for line in text.splitlines() if line.endswith("}")]
        return Results(first["machine"], first["arguments"], rows)
    told = json.loads(text)
    if told.get("schema") != SCHEMA:
        raise ValueError(f"no result of a bench: {path.name}")
    return Results(told["machine"], told["arguments"], told["rows"])


def write_json(path: pathlib.Path, results: Results):
    told = {"schema": SCHEMA, "units": COLUMNS, **vars(results)}
    path.write_text(json.dumps(told, indent=1) + "\n")


def write_csv(path: pathlib.Path, results: Results):
    """A line a row: every round, failed ones with their reason."""
    names = [*WHOSE, "round", "outcome", "reason", "messages", "seconds", *COLUMNS]
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(results.rows)


def write_page(path: pathlib.Path, title: str, results: Results, tables: list[Table], charts=()):
    """`charts`: names of SVG files beside the page, with what they show."""
    lines = [f"# {title}", caption(results.machine), told(results)]
    lines += [f"![{shows}]({name})" for name, shows in charts]
    lines += [table.markdown().rstrip() for table in tables]
    if wrong := failures(results):
        lines += ["## What failed, or was not here", "\n".join(f"- {line}" for line in wrong)]
    path.write_text("\n\n".join(lines) + "\n")


def told(results: Results) -> str:
    """How it was measured, in a sentence."""
    a = results.arguments
    whole = "" if a.get("complete", True) else " The run was cut short."
    return (
        f"{a['rounds']} rounds, windows of {a['seconds']} s, all servers in turn at each point;"
        f" medians of the rounds.{whole}"
    )
