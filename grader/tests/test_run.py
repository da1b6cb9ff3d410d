"""Programs that are no servers: run to their end, and one that has none is told so by what it
does."""
import pathlib
import sys
import time

import pytest
from autograder import check, labs, run
from autograder.check import Bench, Check
from autograder.failure import CannotJudge, Failed
from autograder.limits import FLOOD
from autograder.result import FAILED, Outcome, Result

SERVERLESS = [(lab, name) for lab in labs.all_labs() for name in lab.serverless]


def bench_of(code):
    command = [sys.executable, "-I", "-c", code, "{port}"]
    made = Check("00.0/test", "program", 1, "", lambda bench: None)
    return Bench(made, {"release": command, "sanitized": command}, pathlib.Path("/"), "seed")


def failure_of(code) -> Failed:
    with pytest.raises(Failed) as raised:
        with bench_of(code).run():
            pass
    return raised.value


def test_output_is_there_when_it_has_ended():
    with bench_of("print('a  b=1'); print(); print('c' * 100000)").run() as ran:
        assert ran.lines == [["a", "b=1"], ["c" * 100000]]


def test_arguments_and_no_port():
    with bench_of("import sys; print(*sys.argv[1:])").run(arguments=["x", 2]) as ran:
        assert ran.lines == [["x", "2"]]


def test_its_time_is_at_least_that_of_the_program():
    code = "import time; a = time.monotonic(); time.sleep(0.2); print(time.monotonic() - a)"
    with bench_of(code).run() as ran:
        assert ran.seconds >= float(ran.lines[0][0])


def test_a_failure_behind_its_end_is_the_checks_own():
    with pytest.raises(Failed) as raised:
        with bench_of("print('wrong')").run() as ran:
            ran.fail("the word is wrong", "a word")
    assert raised.value.saw == "the word is wrong" and raised.value.means == "a word"


@pytest.mark.parametrize(
    "code, words",
    [
        ("raise SystemExit(7)", "status 7"),
        ("import os; os.kill(os.getpid(), 11)", "signal SIGSEGV"),
        ("import sys; sys.exit('it is broken')", "status 1"),
    ],
)
def test_another_status_fails(code, words):
    failed = failure_of(code)
    assert words in failed.saw and failed.means
    assert "broken" not in code or failed.words == ["it is broken"]


def test_a_sleeper_is_told_by_its_sleep():
    began = time.monotonic()
    failed = failure_of("import select; select.poll().poll()")
    assert "does not end" in failed.saw and "sleeps" in failed.saw
    assert any("poll" in line for line in failed.where)
    assert time.monotonic() - began < run.RUN_LIMIT


def test_a_spinner_is_told_by_its_cpu_time(monkeypatch):
    monkeypatch.setattr(run, "RUN_CPU", 1)
    failed = failure_of("while True: pass")
    assert "on a CPU" in failed.saw and "sleep" not in failed.saw


def test_a_flood_is_told_as_such():
    failed = failure_of("import os\nwhile True: os.write(1, bytes(1 << 20))")
    assert f"{FLOOD >> 20} MiB" in failed.saw and "floods" in failed.means


def test_one_that_works_for_long_may():
    """Neither slices of sleep nor silence end it: it is busy, with pauses below the limit."""
    code = "import time\nfor _ in range(7): time.sleep(1)\nprint('done')"
    with bench_of(code).run() as ran:
        assert ran.lines == [["done"]] and ran.seconds > run.RUN_CALM


def test_it_cannot_be_attached_to():
    attached = bench_of("")
    attached.attach = lambda **options: None
    with pytest.raises(CannotJudge, match="no server"):
        attached.run()


@pytest.mark.parametrize("lab, program", SERVERLESS, ids=[name for _, name in SERVERLESS])
def test_play_says_that_it_is_no_server(lab, program, lab_command):
    judged = next(c for c in check.checks_of(lab.number) if c.program == program)
    ran = lab_command("play", judged.id)
    assert ran.returncode == 2 and ran.stderr.count("\n") == 1 and not ran.stdout
    assert f"{program} is no server" in ran.stderr


@pytest.mark.parametrize("lab, program", SERVERLESS, ids=[name for _, name in SERVERLESS])
def test_its_report_does_not_send_to_play(lab, program):
    from autograder import report_terminal

    def report(judged):
        outcome = Outcome(judged)
        outcome.outcome, outcome.saw, outcome.transcript = FAILED, "this", ["the program runs"]
        result = Result(lab, {judged.id: outcome}, tree="labs", seed="1")
        with report_terminal.console.capture() as printed:
            report_terminal.show(result)
        return printed.get()

    checks = check.checks_of(lab.number)
    assert "play" not in report(next(c for c in checks if c.program == program))
    assert "play" in report(next(c for c in checks if c.program not in lab.serverless))
