"""Writes build/report/: a page with the scoreboard, the idle-demand picture and every check."""
import pathlib

import jinja2

from . import machine
from .result import CANNOT_JUDGE, FAILED, NOT_RUN, PASSED, Result

SIGNS = {PASSED: "✔", FAILED: "✘", NOT_RUN: "·", CANNOT_JUDGE: "?"}
TEMPLATES = pathlib.Path(__file__).with_name("templates")


def write(results: list[Result], directory: pathlib.Path) -> pathlib.Path:
    """Writes index.html and one JSON a lab into `directory`; returns the page."""
    directory.mkdir(parents=True, exist_ok=True)
    for result in results:
        result.write(directory / f"{result.lab.name}.json")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = directory / "index.html"
    page.write_text(
        environment.get_template("report.html").render(
            labs=[
                result.as_json()
                | {"title": result.lab.title, "score": result.score, "max_score": result.max_score}
                for result in results
            ],
            demands=demands(results),
            signs=SIGNS,
            machine=machine.describe(),
        )
    )
    return page


def demands(results):
    """(lab, idle demand in CPUs, width of its bar in percent): the before/after card."""
    found = []
    for result in results:
        demand = result.measurements.get("idle_demand")
        if demand is not None:
            found.append((result.lab, demand, max(0.4, min(100, 100 * demand))))
    return found
