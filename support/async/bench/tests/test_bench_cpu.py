"""The CPU account counts what ended children have used, with a control group and without."""
import pathlib
import sys

import pytest
from benchmark import cpu
from benchmark.contenders import Contender
from benchmark.server import Server

BURNER = pathlib.Path(__file__).with_name("forking_burner.py")
CHILDREN, SECONDS = 10, 0.03


@pytest.fixture(params=[cpu.GROUPS, ()], ids=["group", "clocks"])
def groups(request, monkeypatch):
    made = cpu.meter(request.param)
    made.remove()
    if request.param and isinstance(made, cpu.Clocks):
        pytest.skip("control groups cannot be made here")
    monkeypatch.setattr(cpu.meter, "__defaults__", (request.param,))


def test_ended_children_count(arena, groups, tmp_path):
    told = tmp_path / "used"
    command = (
        sys.executable,
        "-I",
        "-S",
        str(BURNER),
        "{port}",
        str(CHILDREN),
        str(SECONDS),
        str(told),
    )
    with Server(Contender("burner", "echo", "x", command), arena) as server:
        found, own = server.cpu(), float(told.read_text())
    assert own >= CHILDREN * SECONDS
    assert own - 0.02 <= found <= own + 0.3  # the interpreter's start comes on top


def test_nothing_is_left_of_a_group():
    made = cpu.meter()
    home = getattr(made, "home", None)
    made.remove()
    assert home is None or not home.exists()


def test_groups_of_a_killed_bench_are_removed(tmp_path):
    left = tmp_path / f"{cpu.PREFIX}-4194304-1"  # above every process id
    left.mkdir()
    cpu.remove_left([(tmp_path, "cpu.stat")])
    assert not left.exists()


def test_version_2_of_control_groups_is_understood(tmp_path):
    made = cpu.Group(tmp_path, "cpu.stat")
    (made.home / "cpu.stat").write_text("usage_usec 1500000\nuser_usec 1\n")
    assert made.seconds(1) == 1.5
