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
    few, many = (next(row for row in rows if row["name"] == n) for n in ("1", "1000"))
    return many["poll"] > 10 * few["poll"] and many["epoll"] < 3 * few["epoll"]


def test_epoll_is_flat_in_the_picture():
    rows = data_of("wakeup_cost")["rows"]
    assert is_flat_beside_a_slope(rows)
    assert [row["name"] for row in rows if row["select"] is None] == ["3000", "10000"]


def test_the_experiment_measures_it_here(tmp_path):
    make = ["make", "-s", "experiment", "NAME=wakeup_cost"]
    subprocess.run([*make, f"ARGS=--json {tmp_path}/rows.json"], cwd=KIT, check=True, timeout=120)
    rows = json.loads((tmp_path / "rows.json").read_text())["rows"]
    if int(rows[-1]["name"]) < 1000:
        pytest.skip("fewer than 1,020 descriptors are allowed here: ulimit -Hn")
    assert is_flat_beside_a_slope(rows)


def test_threads_reserve_much_and_take_little():
    thousand = next(r for r in data_of("thread_memory")["rows"] if r["name"] == "1000")
    assert thousand["VmSize MiB"] > 100 * thousand["VmRSS MiB"]


def test_the_herd_is_in_the_switches():
    ways = {row["name"]: row for row in data_of("herd")["rows"]}
    assert ways["epoll_wait()"]["switches/client"] > 7 > 4 > ways["epoll_wait()"]["returns/client"]
    assert ways["epoll_wait(), late accept()"]["returns/client"] > 7
    assert all(ways[way]["switches/client"] < 2 for way in ("accept()", "EPOLLEXCLUSIVE"))


def test_slow_clients_end_and_delay_nobody():
    rows = data_of("slow_clients")["rows"]
    assert {row["slow"] for row in rows if row["s"] < 2} == {500} and rows[-1]["slow"] == 0
    assert sorted(row["ms"] for row in rows)[len(rows) // 2] < 50


def test_a_slow_upstream_delays_no_file():
    data = data_of("slow_upstream")
    waits = {kind: sorted(done - asked for asked, done in data[kind]) for kind in ("mail", "files")}
    assert waits["mail"][0] > 1000 and waits["mail"][-1] < 2000  # side by side
    assert waits["files"][len(waits["files"]) // 2] < 100


def test_the_pool_has_room_for_three_slow_reads():
    loop, pool = data_of("slow_file")["ways"].values()
    assert data_of("slow_file")["readers"] == [0, 1, 3, 4, 8]
    assert pool[2] < 200 < 280 < pool[3] < pool[4] and loop[1] > 280 and loop[4] > 3500


def test_only_direct_reads_outlast_io_submit():
    for ways in data_of("linux_aio")["sizes"].values():
        shares = {way: took["submit"] / took["total"] for way, took in ways.items()}
        assert shares["buffered"] > 0.95 and shares["direct"] < 0.9


def test_only_select_and_poll_pay_for_idle_clients():
    lines = {name: dict(points) for name, points in data_of("cpu_beside_idle")["lines"].items()}
    assert all(lines[name][1000] > 10 * lines[name][1] for name in ("select", "poll"))
    assert all(lines[name][10000] < 2 * lines[name][1] for name in ("epoll", "io_uring"))
    assert max(lines["select"]) == 1000  # beyond descriptor 1,023 it can serve nobody


def test_a_process_takes_more_than_a_thread_and_a_loop_takes_little():
    kib = {name: dict(points)[1000] for name, points in data_of("client_memory")["lines"].items()}
    assert kib["forking"] > 2 * kib["threaded"] > 20 * kib["epoll"]


def test_interpreters_take_longest_to_start():
    rows = {row["name"]: row["ms"] for row in data_of("start_up")["rows"]}
    assert min(rows["asyncio, protocol"], rows["node, net"]) > 5 * rows["epoll_echo"]
    assert rows["preforked_echo"] > rows["prethreaded_echo"] > rows["threaded_echo"]
