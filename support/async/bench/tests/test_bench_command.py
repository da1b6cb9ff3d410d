"""The command: wrong options, a run that is stopped, and what a run leaves on the machine."""
import json
import os
import pathlib
import signal
import subprocess
import time

import pytest
from benchmark import cpu, plans
from benchmark.point import CONNECTIONS
from places import BENCH, KIT

SMALL = [
    "architectures",
    "--only",
    "epoll_echo blocking_echo",
    "--clients",
    "1 3",
    "--seconds",
    "0.1",
]


@pytest.fixture(scope="session", autouse=True)
def generator():
    subprocess.run(["make", "-s", "load"], cwd=KIT, check=True)


def bench(*arguments, **options):
    command = [str(BENCH / "bench"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, **options)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["architectures", "--clients", "none"], "whole numbers"),
        (["architectures", "--clients", "0"], "whole numbers"),
        (["architectures", "--size", "-5"], "whole numbers"),
        (["architectures", "--only", "gopher"], "no such server"),
        (["architectures", "--from", "nowhere"], "there is no directory `nowhere`"),
        (["architectures", "--rounds", "0"], "--rounds"),
        (["peers", "--fast"], "--fast"),
        (["faster"], "faster"),
        (["growth", "weeds"], "weeds"),
        (["show", "no-such-file"], "no-such-file"),
    ],
)
def test_wrong_options_are_one_line(arguments, words):
    done = bench(*arguments)
    assert done.returncode == 2 and done.stdout == ""
    assert (
        done.stderr.count("\n") == 1 and done.stderr.startswith("error: ") and words in done.stderr
    )


def left_groups():
    return [str(left) for home, _ in cpu.GROUPS for left in home.glob(f"{cpu.PREFIX}-*")]


def test_a_small_run_leaves_results_and_nothing_else(tmp_path):
    done = bench(*SMALL, "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    rows = json.loads((tmp_path / "results.json").read_text())["rows"]
    starved = [r for r in rows if r["outcome"] == "failed"]
    assert {(r["contender"], r["mode"], r["connections"]) for r in starved} == {
        ("blocking_echo", CONNECTIONS, 3)
    }
    assert {r["contender"] for r in rows} == {"epoll_echo", "blocking_echo"}
    assert "requests/s" in done.stdout and (tmp_path / "requests-all.svg").is_file()
    text = "".join(
        path.read_text()
        for path in tmp_path.glob("*.*")
        if path.suffix in (".md", ".json", ".csv", ".svg")
    )
    assert str(KIT) not in text and os.uname().nodename not in text.split()


def test_a_stopped_run_keeps_what_it_has(tmp_path):
    command = [str(BENCH / "bench"), *SMALL, "--rounds", "99", "--out", str(tmp_path)]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    rows = tmp_path / "rows.jsonl"
    deadline = time.monotonic() + 120
    try:
        while not (rows.exists() and len(rows.read_text().splitlines()) > 2):
            assert time.monotonic() < deadline and running.poll() is None
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        _, stderr = running.communicate(timeout=200)
    finally:
        running.kill()
    assert running.returncode == 130 and "stopped" in stderr
    kept = json.loads((tmp_path / "results.json").read_text())
    assert kept["rows"] and kept["arguments"]["complete"] is False
    assert "The run was cut short" in (tmp_path / "README.md").read_text()
    assert not [path for path in left_groups() if f"-{running.pid}-" in path]


@pytest.mark.parametrize("name", plans.PLANS)
def test_every_plan_can_be_made_smaller(name):
    made = plans.PLANS[name](full=False, rounds=1, seconds=0.1, clients=(7,), size=(64,))
    assert made.rounds == 1 and made.seconds == 0.1 and made.points
    if name != "start-up":
        assert 7 in {point.connections for point in made.points} | {
            point.idle for point in made.points
        }


def test_the_kit_has_its_figures():
    for name in ("cpu_beside_idle", "client_memory", "start_up"):
        assert (pathlib.Path(KIT) / "slides/figures" / f"{name}.py").is_file()
