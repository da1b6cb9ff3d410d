"""Verdicts on CPU demand, of programs whose behaviour is known, with every core spinning as
well."""
import contextlib
import signal
import subprocess
import sys
import time

import pytest
from autograder import demand, proc, soak
from autograder.demand import BUSY, IDLE, POLLING, Reading, judge
from autograder.machine import KIT

PROGRAMS = {
    "spins": ("while True: pass", BUSY),
    "yields": ("while True: os.sched_yield()", BUSY),
    "sleeps": ("time.sleep(60)", IDLE),
    "waits in poll": ("select.poll().poll(60000)", IDLE),
    "polls every millisecond": ("while True: time.sleep(0.001)", POLLING),
    "polls ten times a second": ("while True: time.sleep(0.1)", POLLING),
}


@pytest.fixture(params=["quiet", "loaded"])
def load(request):
    with soak.spinning() if request.param == "loaded" else contextlib.nullcontext():
        yield


@pytest.mark.parametrize("name", PROGRAMS)
def test_verdict(name, load):
    code, wanted = PROGRAMS[name]
    program = subprocess.Popen(
        [
            sys.executable,
            "-I",
            "-c",
            (
                "import os, select, time; print(1, flush=True); " + code
                if not code.startswith("while")
                else "import os, select, time\nprint(1, flush=True)\n" + code
            ),
        ],
        stdout=subprocess.PIPE,
    )
    try:
        program.stdout.read(2)
        reading = judge(lambda: [program.pid], wanted)
        assert reading is not None and reading.verdict == wanted, reading
    finally:
        program.kill()
        program.communicate()


@pytest.mark.parametrize(
    "reading, verdict",
    [
        (Reading(1.00, 0, 0.01, 1), BUSY),
        (Reading(0.86, 0, 0.05, 1), demand.UNCLEAR),
        (Reading(0.00, 0, 0.00, 1), IDLE),
        (Reading(0.00, 5, 0.00, 1), IDLE),
        (Reading(0.00, 6, 0.00, 1), POLLING),
        (Reading(0.05, 0, 0.00, 1), demand.UNCLEAR),
    ],
)
def test_rule(reading, verdict):
    assert reading.verdict == verdict


def test_controls_end_with_a_grader_that_is_killed():
    code = (
        "import os, signal\n"
        "from autograder.controls import Controls\n"
        "with Controls.running() as pids:\n"
        "    print(*pids, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=KIT / "grader", capture_output=True)
    assert told.returncode == -signal.SIGKILL
    for pid in map(int, told.stdout.split()):
        deadline = time.monotonic() + 20
        while (state := proc.stat(pid)) and state.state != "Z" and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not state or state.state == "Z", f"process {pid} goes on"
