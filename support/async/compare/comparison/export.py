"""results.json, from which everything can be shown again, and results.csv, a line a cell."""
import csv
import json
from dataclasses import asdict

from .cells import Cell, Sizes, measured_as, shown_cells
from .claims import Verdict, expected
from .configurations import Configuration
from .quantities import UNITS, columns
from .results import Results

SCHEMA = "asynclab/compare/v1"
WHOSE = ["language", "model", "workload", "clients", "argument", "rounds", "failure"]


def as_json(results: Results, verdicts: list[Verdict]) -> dict:
    return {
        "schema": SCHEMA,
        "machine": results.machine,
        "sizes": asdict(results.sizes),
        "units": UNITS,
        "cells": [cell_as_json(results, cell) for cell in shown_cells() if is_there(results, cell)],
        "claims": [verdict_as_json(verdict) for verdict in verdicts],
    }


def is_there(results: Results, cell: Cell) -> bool:
    return results.rounds(cell) > 0 or results.failure(cell) is not None


def whose(results: Results, cell: Cell) -> dict:
    failure = results.failure(cell)
    return {
        "language": cell.configuration.language,
        "model": cell.configuration.model,
        "workload": cell.workload,
        "clients": cell.clients,
        "argument": results.sizes.argument_or_none(cell),
        "rounds": results.rounds(cell),
        "failure": failure,
    }


def cell_as_json(results: Results, cell: Cell) -> dict:
    """Runs are given where they were made; `measured_as` names that cell if it is another."""
    source = measured_as(cell)
    own = {"runs": results.runs.get(cell, [])} if source == cell else {"measured_as": source.key}
    numbers = {name: asdict(spread) for name, spread in columns(results, cell).items()}
    return {**whose(results, cell), **own, "columns": numbers}


def verdict_as_json(verdict: Verdict) -> dict:
    return {
        "key": verdict.claim.key,
        "claim": verdict.claim.text,
        "outcome": verdict.outcome,
        "reason": verdict.reason,
        "ratio_of": verdict.claim.ratio_of,
        "ratio": asdict(verdict.ratio) if verdict.ratio else None,
        "expected": expected(verdict.claim),
    }


def from_json(data: dict) -> Results:
    """The results that `as_json` was made from."""
    if data.get("schema") != SCHEMA:
        raise ValueError(f"not a result of compare: {data.get('schema')}")
    results = Results(sizes_from(data["sizes"]), data["machine"])
    for entry in data["cells"]:
        configuration = Configuration(entry["language"], entry["model"])
        cell = Cell(configuration, entry["workload"], entry["clients"])
        for run in entry.get("runs", []):
            results.add(cell, run)
        if entry["failure"] and "runs" in entry:
            results.failures[cell] = entry["failure"]
    return results


def sizes_from(data: dict) -> Sizes:
    """JSON has no whole numbers as keys."""
    whole = {name: {language: {int(n): value for n, value in by.items()}
                    for language, by in data[name].items()}
             for name in ("arguments", "seconds")}  # fmt: skip
    return Sizes(whole["arguments"], data["wait"], whole["seconds"])


def write_json(path, results: Results, verdicts: list[Verdict]):
    path.write_text(json.dumps(as_json(results, verdicts), indent=1) + "\n")


def write_csv(path, results: Results):
    names = [f"{name}_{what}" for name in UNITS for what in ("median", "low", "high")]
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, WHOSE + names, lineterminator="\n")
        writer.writeheader()
        for cell in shown_cells():
            if is_there(results, cell) and cell.workload != "waiting":
                writer.writerow({**whose(results, cell), **csv_numbers(results, cell)})


def csv_numbers(results: Results, cell: Cell) -> dict[str, str]:
    return {
        f"{name}_{what}": f"{getattr(spread, what):.6g}"
        for name, spread in columns(results, cell).items()
        for what in ("median", "low", "high")
    }
