"""What is shown fits 100 columns, keeps what failed, and promises only what was measured."""
import io
import re

import pytest
from comparison import headlines
from comparison.claims import judge_all
from comparison.claims_computing import computing
from comparison.claims_waiting import waiting
from comparison.conclusions import show_conclusions
from comparison.report import WIDTH, show_tables
from made_up import cell, results
from rich.console import Console

PARALLEL_PYTHON = {
    "cpp/sync/sized/8": [2.0, 2.0],
    "cpp/threads/sized/8": [1.0, 1.0, 1.0],
    "cpp/sync/same/8": [0.1, 0.1],
    "python/sync/sized/8": [2.4, 2.4],
    "python/threads/sized/8": [2.4, 2.4],
    "python/processes/sized/8": [1.2, 1.2],
}


def verdicts(measured):
    return judge_all([*computing(True), *waiting()], measured)


@pytest.fixture
def shown():
    """The whole report, without colours."""
    measured = results(PARALLEL_PYTHON)
    measured.failures[cell("cpp/io_uring/sized/8")] = "io_uring_setup: Operation not permitted"
    console = Console(file=io.StringIO(), width=WIDTH, color_system=None)
    show_tables(console, measured)
    show_conclusions(console, measured, verdicts(measured))
    return console.file.getvalue()


def test_it_fits_100_columns(shown):
    assert max(map(len, shown.splitlines())) <= WIDTH
    assert "…" not in shown


def test_few_rounds_are_marked_and_repeated_runs_too(shown):
    assert "2.00*" in shown
    assert "1.00 " in shown
    assert "=2.40*" in shown


def test_a_failure_is_in_the_table_with_its_reason(shown):
    assert "io_uring_setup: Operation not permitted: cpp/io_uring/sized/8" in shown
    assert re.search(r"io_uring +failed", shown)


def test_verdicts_are_counted(shown):
    assert "holds: 4" in shown
    assert "does not hold here: 0" in shown


def test_titles_say_what_is_seen_only_if_it_was():
    seen, nothing = verdicts(results(PARALLEL_PYTHON)), verdicts(results({}))
    assert "Python needs processes" in headlines.panel_title("sized", seen)
    assert "C++ is 24 times as fast" in headlines.panel_title("same", seen)
    assert "Python needs processes" not in headlines.panel_title("sized", nothing)
    assert headlines.main_title(nothing) == "How long until every client has its reply"


def test_the_picture_is_drawn_whatever_is_missing(tmp_path):
    plot = pytest.importorskip("comparison.plot")
    measured = results(PARALLEL_PYTHON)
    measured.failures[cell("cpp/io_uring/sized/8")] = "io_uring_setup: Operation not permitted"
    plot.draw(measured, verdicts(measured), tmp_path)
    assert "failed" in (tmp_path / "compare.svg").read_text()
    assert (tmp_path / "compare.png").read_bytes().startswith(b"\x89PNG")
