"""What is written can be read again, and says the same."""
import csv
import json
import math

from comparison import export
from comparison.claims import judge_all
from comparison.claims_computing import computing
from made_up import cell, results, run

WALLS = {
    "cpp/sync/sized/8": [2.0, 2.2, 2.1],
    "python/sync/sized/8": [2.4, 2.5],
    "python/sync/io/64": [3.2],
}


def example():
    made = results(WALLS)
    made.add(cell("python/sync/waiting/64"), {"idle": 100, "few": 200, "all": 300})
    made.failures[cell("handler/io_uring/io/8")] = "io_uring_setup: Operation not permitted"
    return made


def test_json_brings_back_the_results(tmp_path):
    made = example()
    export.write_json(tmp_path / "results.json", made, judge_all(computing(True), made))
    assert export.from_json(json.loads((tmp_path / "results.json").read_text())) == made


def test_json_says_where_python_was_measured_for_the_same_argument():
    entries = export.as_json(example(), [])["cells"]
    same = next(e for e in entries if (e["language"], e["workload"]) == ("python", "same"))
    assert same["measured_as"] == "python/sync/sized/8"
    assert same["rounds"] == 2


def test_csv_has_a_line_a_cell_with_medians_and_spread(tmp_path):
    export.write_csv(tmp_path / "results.csv", example())
    with open(tmp_path / "results.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    first = rows[0]
    assert (first["language"], first["model"], first["clients"], first["argument"]) == (
        "cpp", "sync", "8", "38",
    )  # fmt: skip
    assert [float(first[f"wall_{what}"]) for what in ("median", "low", "high")] == [2.1, 2.0, 2.2]
    assert math.isclose(float(first["rate_median"]), 8 / 2.1, rel_tol=1e-5)
    assert float(first["cpu_per_1000_median"]) == 125
    assert float(first["voluntary_per_request_median"]) == 2
    waits = next(row for row in rows if row["workload"] == "io" and row["clients"] == "64")
    assert float(waits["memory_median"]) == 300


def test_csv_keeps_what_failed(tmp_path):
    export.write_csv(tmp_path / "results.csv", example())
    text = (tmp_path / "results.csv").read_text()
    assert "handler,io_uring,io,8,1,0,io_uring_setup: Operation not permitted" in text


def test_a_run_without_memory_is_no_error():
    made = results({})
    made.add(cell("cpp/sync/same/8"), run(0.01))
    assert "memory" not in export.as_json(made, [])["cells"][0]["columns"]
