"""Every solution gets full marks, in the box and without one; every skeleton is told what to
write."""
import json
import os
import re
import signal
import subprocess
import sys

import jsonschema
import pytest
from autograder import build, labs, machine, proc, verify
from autograder.check import Bench
from autograder.engine import Grading
from autograder.checks import echoing, lab_08_batches
from autograder.machine import KIT

LABS = labs.all_labs()
QUICK = ("01",)  # `make test` takes the long proofs for these; `make test-thorough` for all
by_lab = pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
SCHEMA = json.loads((KIT / "grader/autograder/result.schema.json").read_text())


def by_lab_and(name, values, long, ids):
    """Every lab with every value; those with a `long` value are thorough, but for QUICK labs."""
    cases = [
        pytest.param(
            lab,
            value,
            id=f"{ids(value)}-{lab.name}",
            marks=pytest.mark.thorough if value in long and lab.number not in QUICK else (),
        )
        for lab in LABS
        for value in values
    ]
    return pytest.mark.parametrize(f"lab, {name}", cases)


@by_lab_and("level", ["", "plain"], long=["plain"], ids=lambda level: level or "box")
def test_solution_gets_full_marks(lab, level, lab_command, tmp_path):
    ran = lab_command(
        "grade",
        lab.number,
        "--from",
        "solutions",
        "--json",
        str(tmp_path / "result.json"),
        env={**os.environ, "ASYNCLAB_BOX": level},
    )
    result = json.loads((tmp_path / "result.json").read_text())
    jsonschema.validate(result, SCHEMA)
    unjudged = [
        c["id"] for s in result["steps"] for c in s["checks"] if c["outcome"] == "cannot_judge"
    ]
    assert result["score"] == result["max_score"], ran.stdout
    assert ran.returncode == (3 if unjudged else 0), ran.stdout
    if not unjudged:
        assert result["score"] == 100, ran.stdout


@by_lab_and(
    "proof",
    [
        verify.generated,
        verify.steps_and_checks,
        verify.skeleton_untouched,
        verify.steps_build_up,
        verify.handout_runs,
    ],
    long=[verify.steps_build_up, verify.handout_runs],
    ids=lambda proof: proof.__name__,
)
def test_proof(proof, lab):
    assert list(proof(lab)) == []


@pytest.mark.parametrize(
    "number, program, calls, most",
    [
        ("05", "epoll_echo", "epoll_wait,epoll_pwait,recvfrom,sendto,epoll_ctl", 2.05),
        ("08", "uring_echo", "io_uring_enter", 0.10),
    ],
)
def test_system_calls_per_message(number, program, calls, most):
    """Fifty messages that are there at once: how often does the reference enter the kernel for
    each?"""
    lab = labs.find(number)
    if reason := machine.tracing() or Grading(lab, "solutions").preflight():
        pytest.skip(reason)
    place = labs.source_directory(lab, "solutions")
    command = [str(build.build(lab, place, {program}).programs[program, "release"]), "{port}"]
    bench = Bench(None, {"release": command}, KIT, "calls")
    with bench.server(trace=["-e", "trace=?" + calls.replace(",", ",?")]) as server:
        clients = echoing.interleaved(server, 50)
        before = len(server.traced())
        for _ in range(10):
            lab_08_batches.all_at_once(server, clients)
        lines = server.traced()[before:].splitlines()
    made = [
        line for line in lines if "---" not in line and "EINTR" not in line
    ]  # the stops are ours
    assert len(made) / 500 <= most, made[:120]


@pytest.mark.parametrize("number, program", [("05", "epoll_echo"), ("08", "uring_echo")])
def test_who_has_read_where_it_listens_may_end_it_politely(number, program):
    """When the line is there the signals are blocked already: none can come too early."""
    lab = labs.find(number)
    if reason := Grading(lab, "solutions").preflight():
        pytest.skip(reason)
    place = labs.source_directory(lab, "solutions")
    command = [str(build.build(lab, place, {program}).programs[program, "release"]), "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        said = server.stdout.readline()
        blocked = int(re.search(r"SigBlk:\s*(\w+)", proc.read(f"/proc/{server.pid}/status"))[1], 16)
        server.terminate()
        assert server.wait(30) == 0
    assert said.startswith("listening on 127.0.0.1:")
    for number in (signal.SIGTERM, signal.SIGINT):
        assert blocked >> (number - 1) & 1, f"{number.name} would end it"


def test_untouched_lab_says_where_to_begin(lab_command, tmp_path):
    place = verify.partial(labs.find("01"), "")
    ran = lab_command("grade", "01", "--from", str(place))
    assert ran.returncode == 1
    assert "TODO(01.1) is still to be written" in ran.stdout
    assert "blocking_echo.cpp:" in ran.stdout and "0 of 100 points" in ran.stdout


def test_other_python_first_on_path(tmp_path):
    (tmp_path / "python3").write_text("#!/bin/sh\necho wrong python >&2; exit 1\n")
    (tmp_path / "python3").chmod(0o755)
    ran = subprocess.run(
        [str(KIT / "grader/lab"), "hint", "01"],
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )
    assert ran.returncode == 0, ran.stderr
    assert sys.executable.startswith("/usr/bin/python3")
