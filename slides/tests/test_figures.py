"""The figures show what the slides say of them, and were measured, on a machine that they name."""
import json
import subprocess

import pytest
from include import KIT

FIGURES = KIT / "slides/figures"
NAMES = sorted(data.stem for data in FIGURES.glob("*.json"))


def data_of(name):
    return json.loads((FIGURES / f"{name}.json").read_text())


@pytest.mark.parametrize("name", NAMES)
def test_picture_data_and_script_belong_together(name):
    assert (FIGURES / f"{name}.svg").is_file() and (FIGURES / f"{name}.py").is_file()
    assert data_of(name)["machine"].keys() == {"cores", "kernel", "architecture"}
    assert data_of(name)["method"].endswith(".")


def test_only_the_busy_loop_costs_a_cpu():
    demands = {server["lab"]: server["demand"] for server in data_of("idle_demand")["servers"]}
    assert demands.pop("03-busy-loop") > 0.95 and max(demands.values()) < 0.01


def test_one_after_the_other_takes_the_sum():
    last = {model: rows[-1]["done"] for model, rows in data_of("timeline")["models"].items()}
    assert last["iterative"] > 440 and last["threaded"] < 300 and last["epoll"] < 300


def is_flat_beside_a_slope(rows):
    """epoll costs the same beside 1,000 idle descriptors as beside one, poll much more."""
    few, many = (next(row for row in rows if row["idle"] == n) for n in (1, 1000))
    return many["poll"] > 10 * few["poll"] and many["epoll"] < 3 * few["epoll"]


def test_epoll_is_flat_in_the_picture():
    rows = data_of("wakeup_cost")["rows"]
    assert is_flat_beside_a_slope(rows)
    assert [row["idle"] for row in rows if row["select"] is None] == [3000, 10000]


def test_the_experiment_measures_it_here(tmp_path):
    make = ["make", "-s", "experiment", "NAME=wakeup_cost"]
    subprocess.run([*make, f"ARGS=--json {tmp_path}/rows.json"], cwd=KIT, check=True, timeout=120)
    rows = json.loads((tmp_path / "rows.json").read_text())["rows"]
    if rows[-1]["idle"] < 1000:
        pytest.skip("fewer than 1,020 descriptors are allowed here: ulimit -Hn")
    assert is_flat_beside_a_slope(rows)
    program = KIT / "build/experiments/wakeup_cost"
    assert subprocess.run([program, "--jason"], capture_output=True).returncode == 2
    full = subprocess.run([program, "--json", "/dev/full"], capture_output=True, text=True)
    assert full.returncode == 1 and "cannot write /dev/full" in full.stderr
