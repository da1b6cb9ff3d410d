"""The bench of the grader: its figures add up. Nothing here judges how long anything takes."""
import json
import subprocess
import types

import jsonschema
import pytest
from autograder import labs
from autograder.machine import KIT
from autograder.watch import needed
from bench import cost, saving, timeline
from bench.timeline import Span

SCHEMA = json.loads((KIT / "grader/bench/bench.schema.json").read_text())
TOOL = KIT / "grader/bench/bench_grader.py"


def bench(*arguments):
    return subprocess.run([str(TOOL), *arguments], capture_output=True, text=True, timeout=500)


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    path = tmp_path_factory.mktemp("bench") / "figures.json"
    ran = bench("01", "--built", "--no-watch", "--class-size=0", "--json", str(path))
    assert ran.returncode == 0, ran.stderr
    return json.loads(path.read_text())


def test_figures_follow_their_schema(figures):
    jsonschema.validate(figures, SCHEMA)


def test_times_of_the_checks_lie_within_the_grading(figures):
    lab = figures["labs"][0]
    ids = {check["id"] for check in lab["checks"]}
    assert lab["score"] == 100 and len(ids) == len(lab["checks"]) == 11
    for check in lab["checks"]:
        assert 0 <= check["ready"] <= check["began"] <= check["ended"] <= lab["seconds"] + 0.01
        assert check["own"] == pytest.approx(check["ended"] - check["began"], abs=0.002)
    assert set(lab["critical_path"]) <= ids
    assert 0 < lab["critical_seconds"] <= lab["seconds"]
    own = {check["id"]: check["own"] for check in lab["checks"]}
    assert lab["critical_seconds"] == pytest.approx(
        sum(own[name] for name in lab["critical_path"]), abs=0.02
    )


def test_every_part_has_used_some_cpu(figures):
    assert all(seconds > 0 for seconds in figures["labs"][0]["cpu_seconds"].values())


def test_unknown_lab_is_wrong_usage():
    ran = bench("99")
    assert ran.returncode == 2
    assert ran.stderr.startswith("error: there is no lab `99`")


CHAIN = [
    Span("first", "passed", (), 0, 0, 1),
    Span("short", "passed", (), 0, 0, 2),
    Span("last", "failed", ("first", "elsewhere"), 1, 3, 5),
]


def test_critical_path_follows_needs():
    assert [span.id for span in timeline.critical_path(CHAIN)] == ["first", "last"]
    assert timeline.critical_path([]) == []


def test_gantt_shows_when_and_for_how_long():
    drawn = timeline.gantt(CHAIN)
    assert [line[0] for line in drawn] == ["*", " ", "*"]
    assert drawn[0].count("█") == 10 and drawn[1].count("█") == 20
    assert drawn[2].count("·") == 20 and drawn[2].count("▓") == 20
    assert len({line.index("▕") for line in drawn}) == 1


def test_a_meter_counts_the_cpu_of_children():
    meter = cost.Meter()
    subprocess.run(["/usr/bin/python3", "-c", "sum(i * i for i in range(2_000_000))"], check=True)
    assert 0 < meter.children() and meter.own() <= meter.wall() + 0.1


@pytest.mark.parametrize("lab", labs.all_labs(), ids=lambda lab: lab.name)
def test_every_lab_has_an_example_for_watch(lab):
    mutant = saving.example(lab)
    assert mutant and mutant.killed_by.split("/")[0] in [step.id for step in lab.steps]


def test_a_step_is_judged_with_what_it_needs():
    every = {
        name: types.SimpleNamespace(needs=needs)
        for name, needs in {"a": (), "b": ("a", "gone"), "c": ("b",), "d": ()}.items()
    }
    assert needed(every, ["c"]) == ["c", "b", "a"]
    assert needed(every, ["d"]) == ["d"]


def test_watch_answers_about_a_wrong_and_a_right_version():
    lab = labs.find("01")
    told = saving.measured(lab, saving.example(lab))
    assert told["step"] == "01.1" and told["wrong_seconds"] > 0 and told["right_seconds"] > 0
