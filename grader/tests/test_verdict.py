"""The word of a check and of a whole grading: by what the program did, and the same each time."""
import dataclasses
import itertools
import pathlib
import sys

import pytest
from autograder import check, engine, labs, mutants, verdict
from autograder.box import Box
from autograder.check import Bench, Check
from autograder.engine import Grading
from autograder.failure import CannotJudge, Failed, Lacking
from autograder.limits import RUN
from autograder.result import CANNOT_JUDGE, FAILED, NOT_RUN, PASSED, Outcome, Result

LAB = labs.find("01")
MUTANTS = {
    "01/ignores_the_end_of_file": "TIMEOUT",
    "01/replies_only_to_whole_lines": "TIMEOUT",
    "01/asks_without_waiting": "BUSY",
    "01/looks_every_millisecond": "POLLING",
    "01/a_thread_for_the_client": "MECHANISM",
    "01/repeats_what_was_sent": "WRONG",
    "01/serves_one_client_only": "EXITED",
    "01/accepts_once_and_then_listens_no_more": "NO_LISTEN",
    "01/dies_of_sigpipe": "CRASH",
    "01/keeps_the_descriptor": "WRONG",
    "03/does_not_flush": "TIMEOUT",
    "03/numbers_both_alike": "WRONG",
    "03/takes_eagain_for_an_error": "EXITED",
    "03/ends_with_the_wrong_status": "EXITED",
    "03/hoards_for_who_never_reads": "BACKPRESSURE",
    "03/sleeps_a_millisecond_a_turn": "MECHANISM",
    "03/asks_poll_first": "MECHANISM",
    "05/destroys_the_callback_that_runs": "CRASH",
    "05/stop_is_only_a_flag": "TIMEOUT",
    "05/reports_no_events": "WRONG",
    "05/threads_beside_a_decoy_epoll_descriptor": "MECHANISM",
    "05/spins_from_the_start": "BUSY",
    "05/hoards_for_a_client_that_never_reads": "BACKPRESSURE",
    "05/sigterm_kills": "CRASH",
    "05/sigterm_is_ignored": "TIMEOUT",
    "05/sigterm_drops_what_is_under_way": "WRONG",
}


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if n[:2] == "01" else pytest.mark.thorough) for n in MUTANTS]
)
def test_mutant_has_its_word(name):
    number, name = name.split("/")
    found = [m for m in mutants.load(labs.find(number)) if m.name == name]
    if not found:
        pytest.skip("this machine cannot show what is wrong with it")
    result = found[0].grade(only=(found[0].killed_by,))
    outcome = result.outcomes[found[0].killed_by]
    if outcome.outcome == CANNOT_JUDGE:
        pytest.skip(outcome.saw)
    assert outcome.verdict == MUTANTS[f"{number}/{name}"], outcome.saw
    assert verdict.of(result) == outcome.verdict
    assert_tells(verdict.sentence(result), outcome)


def assert_tells(sentence, outcome):
    """What was done, what was expected, what came, and how to see it again."""
    assert "\n" not in sentence and outcome.check.promise.rstrip(".") in sentence
    assert outcome.saw.splitlines()[0].rstrip(".") in sentence
    assert f"--check {outcome.check.id} --seed" in sentence


# -- programs that are wrong in other ways ---------------------------------------------------------
SERVES = (
    "import os, signal, socket, sys, time\n"
    "listener = socket.create_server(('127.0.0.1', int(sys.argv[1])))\n"
    "client = listener.accept()[0]\n"
)
WAITS_IN_VAIN = (
    "import select, socket, sys, time\n"
    "listener = socket.create_server(('127.0.0.1', int(sys.argv[1])))\n"
    "select.select([listener], [], [])\n"
    "listener.close(); time.sleep(1000)"
)
PROGRAMS = {
    WAITS_IN_VAIN: "NO_LISTEN",
    "import time; time.sleep(1000)": "NO_LISTEN",
    "import socket, time; s = socket.create_server(('127.0.0.1', 0)); time.sleep(99)": "NO_LISTEN",
    "pass": "EXITED",
    "raise SystemExit('[  PASSED  ] 11 tests')": "EXITED",
    "import os; os.abort()": "CRASH",
    f"{SERVES}os.kill(os.getpid(), signal.SIGSEGV)": "CRASH",
    f"{SERVES}os._exit(0)": "EXITED",
    f"{SERVES}os.kill(os.getpid(), signal.SIGSTOP)": "STOPPED",
    f"{SERVES}\nwhile True: os.write(1, bytes(1 << 20))": "OUTPUT_LIMIT",
    f"{SERVES}client.recv(24); time.sleep(1000)": "TIMEOUT",
    f"{SERVES}client.recv(24); client.close(); time.sleep(1000)": "WRONG",
    f"{SERVES}client.send(bytes(len(client.recv(24)))); time.sleep(1000)": "WRONG",
}


@pytest.mark.parametrize("code", PROGRAMS, ids=lambda code: code.splitlines()[-1][:40])
def test_program_has_its_word(code, tmp_path):
    (tmp_path / "program.py").write_text(code)
    execs = {"blocking_echo": f"{sys.executable} {tmp_path}/program.py {{port}}"}
    result = Grading(LAB, execs=execs, only=("01.1/echoes_until_end_of_file",)).run()
    (outcome,) = result.outcomes.values()
    assert (outcome.outcome, outcome.verdict) == (FAILED, PROGRAMS[code]), outcome.saw
    assert verdict.of(result) == outcome.verdict
    assert_tells(verdict.sentence(result), outcome)


@pytest.mark.parametrize("ended_by, word", verdict.SURPLUS.items())
def test_the_guard_of_a_box_has_the_last_word(ended_by, word, monkeypatch):
    command = [sys.executable, "-c", "raise SystemExit(1)", "{port}"]
    made = Check("01.1/test", "program", 1, "", lambda bench: None)
    bench = Bench(made, {"sanitized": command}, pathlib.Path("/"), "seed")
    with pytest.raises(Failed) as raised:
        with bench.run() as run:
            pass
    assert raised.value.verdict == "EXITED"
    command[2] = "pass"
    with pytest.raises(Failed) as raised:
        with bench.run() as run:
            monkeypatch.setattr(Box, "ended_by", ended_by)
            run.box.limits = RUN  # as a closed box has them
            run.fail("it was ended", verdict=verdict.BUSY)
    assert raised.value.verdict == word and "it used more than" in raised.value.means


@pytest.mark.parametrize("limited, word", [({}, "COMPILE_ERROR"), ({"p": "time"}, "COMPILE_LIMIT")])
def test_what_does_not_compile(limited, word):
    class Built:
        limits = limited

    assert engine.uncompiled(Built, "p", "p.cpp:1: error").verdict == word
    assert engine.uncompiled(object, "p", "p.cpp:1: error").verdict == "COMPILE_ERROR"


@pytest.mark.parametrize(
    "raised, word",
    [
        (Lacking("no strace"), "SKIPPED"),
        (CannotJudge("not clear"), "INCONCLUSIVE"),
        (OSError(24, "too many"), "HARNESS_ERROR"),
        (ZeroDivisionError("ours"), "HARNESS_ERROR"),
    ],
    ids=repr,
)
def test_what_cannot_be_judged_has_no_score(raised, word, monkeypatch):
    monkeypatch.delenv("ASYNCLAB_DEBUG", raising=False)

    def fails(bench):
        raise raised

    grading = Grading(LAB, "solutions", only=("01.1/echoes_until_end_of_file",))
    (outcome,) = grading.result.outcomes.values()
    outcome.check = dataclasses.replace(outcome.check, run=fails)
    grading._run_one(outcome, began_all=0)
    assert (outcome.outcome, outcome.verdict) == (CANNOT_JUDGE, word)


# -- the whole -------------------------------------------------------------------------------------
def made_of(word_of, finished=True) -> Result:
    """A result of lab 01 whose checks passed, but for those that `word_of` names by their number."""
    outcomes = {c.id: Outcome(c, replay=f"again {c.id}") for c in check.checks_of("01")}
    for number, outcome in enumerate(outcomes.values()):
        word = word_of.get(number, "OK")
        known = {"OK": PASSED, "": NOT_RUN} | dict.fromkeys(verdict.NOT_JUDGED, CANNOT_JUDGE)
        outcome.tell(known.get(word, FAILED), word, "" if word == "OK" else f"saw {number}")
    return Result(LAB, outcomes, finished=finished)


@pytest.mark.parametrize(
    "word_of, word, number",
    [
        ({}, "OK", None),
        ({3: "PARTIAL", 4: ""}, "PARTIAL", 3),
        (dict.fromkeys(range(11), "PARTIAL"), "PARTIAL", 0),
        ({3: "PARTIAL", 7: "WRONG"}, "WRONG", 7),  # what is wrong, before what is missing
        ({3: "TIMEOUT", 5: "CRASH"}, "CRASH", 5),  # a crash explains the silence of its step
        ({1: "TIMEOUT", 5: "CRASH"}, "TIMEOUT", 1),  # but not that of a step before
        ({0: "EXITED", 1: "MEMORY_LIMIT", 2: "TIMEOUT"}, "MEMORY_LIMIT", 1),
        ({0: "WRONG", 2: "BUSY"}, "WRONG", 0),
        (dict.fromkeys(range(11), "COMPILE_ERROR"), "COMPILE_ERROR", 0),
        ({2: "WRONG", 9: "INCONCLUSIVE"}, "INCONCLUSIVE", 9),  # then the score is not known
        ({2: "INCONCLUSIVE", 9: "HARNESS_ERROR"}, "HARNESS_ERROR", 9),
        ({2: "WRONG", 9: "SKIPPED"}, "WRONG", 2),  # what the machine lacks counts for nothing
        ({9: "SKIPPED"}, "OK", None),
        (dict.fromkeys(range(11), "SKIPPED"), "SKIPPED", 0),  # unless nothing else is left
    ],
)
def test_one_failure_decides(word_of, word, number):
    result = made_of(word_of)
    assert verdict.of(result) == word
    if number is not None:
        assert f"saw {number}" in verdict.sentence(result)
    told = result.as_json()
    unknown = word in verdict.NOT_JUDGED
    assert (told["score"] is None) == (told["max_score"] is None) == unknown
    assert (told["verdict"] == "OK") == (told["score"] == told["max_score"] is not None)


def test_nothing_is_said_before_the_end():
    told = made_of({1: "WRONG"}, finished=False).as_json()
    assert (told["verdict"], told["sentence"]) == ("", "")
    assert type(told["score"]) is int


def test_no_word_is_in_two_groups():
    groups = (verdict.NOT_JUDGED, *verdict.EXPLAINING)
    assert not any(set(a) & set(b) for a, b in itertools.combinations(groups, 2))


def test_a_skeleton_is_partial():
    result = Grading(LAB, "labs").run()
    assert verdict.of(result) == "PARTIAL" and "TODO(01.1)" in verdict.sentence(result)
    assert {o.verdict for o in result.outcomes.values()} <= {"PARTIAL", ""}
