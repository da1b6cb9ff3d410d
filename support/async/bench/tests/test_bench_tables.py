"""The arithmetic of tables and ratios, and that nothing that failed is lost on the way out."""
import csv
import json

import pytest
from bench_rows import FIFTY, HUNDRED, bad, contender, good, results
from benchmark import files, present
from benchmark.point import CONNECTIONS, MISSING, row
from benchmark.ratios import (
    AHEAD,
    BEHIND,
    TIED,
    costs,
    least,
    limits,
    marked,
    ratio,
    ratios,
    spread,
    verdict,
)
from benchmark.table import by_clients, failures, short
from comparison.spread import Spread
from rich.console import Console

OURS, PEER = contender("epoll_echo"), contender("a peer", "a library", own=False)
SELECT = contender("select_echo", "select")
LIMIT = "2,979 connections were refused"


def test_a_cell_is_the_median_of_its_rounds():
    rows = [good(OURS, n, cpu_us=us) for n, us in ((1, 2.0), (2, 9.0), (3, 2.2))]
    found = results(*rows).spread("epoll_echo", FIFTY, "cpu_us")
    assert found == Spread(2.2, 2.0, 9.0, 3)


def test_failed_rounds_are_in_no_median():
    found = results(good(OURS, 1, cpu_us=2.0), bad(OURS, "gone", 2, cpu_us=50.0))
    assert found.spread("epoll_echo", FIFTY, "cpu_us").rounds == 1
    assert by_clients(found, CONNECTIONS, "cpu_us", 64).rows == [
        ["epoll_echo", "2.00 (once failed)"]
    ]


def test_a_ratio_pairs_the_rounds():
    """A slow second round slows both: the ratio does not see it."""
    ours = [good(OURS, n, cpu_us=us) for n, us in ((1, 2.0), (2, 4.0), (3, 2.0))]
    theirs = [good(PEER, n, cpu_us=us) for n, us in ((1, 4.0), (2, 8.0), (4, 1.0))]
    found = ratio(results(*ours, *theirs), "epoll_echo", "a peer", FIFTY)
    assert found == Spread(0.5, 0.5, 0.5, 2)  # round 3 has no partner, nor has 4


@pytest.mark.parametrize(
    ("value", "word"),
    [(0.949, AHEAD), (0.951, TIED), (1.0, TIED), (1.049, TIED), (1.051, BEHIND)],
)
def test_within_five_per_cent_is_a_tie(value, word):
    assert verdict(value) == word


def test_marks():
    assert [marked(ratio) for ratio in (0.5, 1.02, 1.2)] == ["0.50", "=1.02", "1.20!"]


def test_two_ways_to_compare_where_half_of_the_rounds_were_slow():
    """Ours met the slow ones; the least of three rounds does not know them."""
    ours = [good(OURS, n, cpu_us=us) for n, us in ((1, 6.0), (2, 3.9), (3, 6.0))]
    theirs = [good(PEER, n, cpu_us=4.0) for n in (1, 2, 3)]
    found = results(*ours, *theirs)
    assert ratios(found, "epoll_echo", [FIFTY], least).rows == [["a peer (a library)", "=0.97"]]
    assert ratios(found, "epoll_echo", [FIFTY]).rows == [
        ["a peer (a library)", "1.50! (0.97-1.50)"]
    ]


@pytest.mark.parametrize("way", [least, spread])
def test_who_has_no_round_has_no_ratio(way):
    found = results(good(OURS, cpu_us=2.0), bad(PEER, "gone", 1))
    assert ratios(found, "epoll_echo", [FIFTY], way).rows == [["a peer (a library)", "-"]]


def test_a_peer_that_is_missing_is_a_line_not_an_error():
    gone = contender("gone", "gone", own=False, missing="not here: apt-get install libgone-dev")
    found = results(good(OURS, cpu_us=2.0), row(gone, FIFTY, 1, MISSING, gone.missing))
    assert ratios(found, "epoll_echo", [FIFTY]).rows == [["gone (gone)", "not here"]]
    assert [cells[0] for cells in costs(found, [FIFTY]).rows] == ["epoll_echo"]
    assert failures(found) == ["gone: not here: apt-get install libgone-dev"]


def test_limits_of_system_calls():
    assert limits(results(good(OURS, 0, calls=2.05)))[0].endswith("limit 2.05 kept.")
    assert limits(results(good(OURS, 0, calls=2.06)))[0].endswith("limit 2.05 exceeded.")


@pytest.mark.parametrize(
    ("value", "column", "text"),
    [(1234.5, "", "1,230"), (0.0804, "", "0.080"), (2.0, "", "2.00"), (0, "", "0"), (170, "resident", "0.17 KiB"),
     (8392704, "virtual", "8.0 MiB")],
)  # fmt: skip
def test_figures_are_short(value, column, text):
    assert short(value, column) == text


def test_failures_survive_to_every_file(tmp_path):
    rows = [
        good(OURS, point=FIFTY, cpu_us=2.0, per_second=9e4), good(OURS, point=HUNDRED, cpu_us=2.1, per_second=9e4),
        good(SELECT, point=FIFTY, cpu_us=3.0, per_second=8e4), bad(SELECT, LIMIT, point=HUNDRED, per_second=4e4),
    ]  # fmt: skip
    present.present(Console(quiet=True), results(*rows), tmp_path)
    assert json.loads((tmp_path / "results.json").read_text())["rows"] == rows
    table = list(csv.DictReader((tmp_path / "results.csv").open()))
    assert [r["reason"] for r in table if r["outcome"] == "failed"] == [LIMIT]
    assert (
        f"select_echo, 100 clients, 64 B, clients that stay connected: {LIMIT}"
        in (tmp_path / "README.md").read_text()
    )
    for chart in ("connections-to-1000", "connections-all", "connections-cpu"):
        assert (tmp_path / f"{chart}.svg").is_file() and (tmp_path / f"{chart}.png").is_file()
    assert "> select<" in (tmp_path / "connections-all.svg").read_text().replace('">', "> ")
    assert files.read(tmp_path / "results.json") == results(*rows)


def test_charts_know_what_failed():
    from benchmark.charts import lines

    rows = [
        good(SELECT, point=FIFTY, per_second=8e4),
        bad(SELECT, LIMIT, point=HUNDRED, per_second=4e4),
    ]
    assert lines(results(*rows), CONNECTIONS, "per_second", 64) == {
        "select": ([(50, 8e4)], [(100, 4e4)])
    }


def test_rows_of_a_run_that_was_killed_can_be_read(tmp_path):
    journal = files.Journal(tmp_path, results())
    journal.keep(good(OURS, cpu_us=2.0))
    journal.close()
    with open(tmp_path / files.ROWS, "a") as file:
        file.write('{"contender": "half a li')
    assert files.read(tmp_path / files.ROWS) == results(good(OURS, cpu_us=2.0))
