"""Data races: what a report of ThreadSanitizer means, and machines that cannot run it."""
import shutil

import pytest
from autograder import build, labs, sanitizer
from autograder.check import Bench
from autograder.checks import lab_02, racing
from autograder.engine import Grading
from autograder.failure import CannotJudge, Failed
from autograder.machine import KIT
from autograder.result import CANNOT_JUDGE, FAILED, PASSED

CHECK = "02.2/threaded_has_no_data_race"
REPORT = """listening on 127.0.0.1:12345
==================
WARNING: ThreadSanitizer: data race (pid=4711)
  Write of size 1 at 0x5581a1c340c0 by thread T2 (mutexes: write M12):
    #0 read ../../../../src/libsanitizer/tsan/tsan_interceptors_posix.cpp:1729 (libtsan.so.2+0x5b9)
    #1 echo(int) solutions/02-processes-and-threads/echo.hpp:37 (threaded_echo+0x3a1f)
    #2 std::thread::_State_impl<Worker>::_M_run() /usr/include/c++/12/bits/std_thread.h:210 (a+0x1)

  Previous write of size 1 at 0x5581a1c340c0 by thread T1:
    #0 write ../../../../src/libsanitizer/tsan/tsan_interceptors_posix.cpp:2133 (libtsan.so.2+0x5b9)
    #1 send_all(int, std::string_view) solutions/02-processes-and-threads/echo.hpp:24 (a+0x2)

SUMMARY: ThreadSanitizer: data race solutions/02-processes-and-threads/echo.hpp:37 in echo(int)
==================
"""
OTHERS = [  # a line of a report, and what it is about
    ("WARNING: ThreadSanitizer: heap-use-after-free (pid=1)", "heap-use-after-free"),
    (
        "WARNING: ThreadSanitizer: lock-order-inversion (potential deadlock) (pid=1)",
        "lock-order-inversion",
    ),
    (
        "==7==ERROR: AddressSanitizer: stack-use-after-return on address 0x7f pc 0x5",
        "stack-use-after-return",
    ),
]


def means(words):
    return sanitizer.sanitized(sanitizer.SANITIZER.search(words), words)


def test_the_report_of_a_race_names_kind_and_place():
    told, read = means(REPORT)
    assert told.endswith("data race, in echo, echo.hpp:37") and "pthreads(7)" in read


@pytest.mark.parametrize(
    "signature, name",
    [
        ("operator()", "a lambda"),
        ("serve(int)::{lambda()#1}::operator()() const", "serve"),
        ("Work::operator()(int)", "Work::operator()"),
    ],
)
def test_a_lambda_has_no_name(signature, name):
    told, _ = means(REPORT.replace("echo(int)", signature))
    assert told.endswith(f"data race, in {name}, echo.hpp:37")


@pytest.mark.parametrize("line, kind", OTHERS)
def test_other_reports(line, kind):
    told, read = means(line + "\n    #1 work() labs/02/prethreaded_echo.cpp:54\n")
    assert kind in told and "work, prethreaded_echo.cpp:54" in told
    assert "pid" not in told and "AddressSanitizer" in read


def test_words_without_a_report():
    assert not sanitizer.SANITIZER.search("listening on 127.0.0.1:1\nno thread: EAGAIN\n")


def bench(script):
    return Bench(lab_02.threaded_has_no_data_race, {build.THREADSAN: ["sh", "-c", script]}, KIT, "")


@pytest.mark.parametrize("words", racing.UNUSABLE)
def test_a_machine_that_cannot_run_it_is_neutral(words):
    with pytest.raises(CannotJudge, match="does not run here .*mmap_rnd_bits"):
        racing.has_no_data_race(bench(f"echo '==1==FATAL: {words}' >&2; exit 66"), 2)


def test_a_program_that_ends_for_another_reason_is_not():
    with pytest.raises(Failed, match="status 66"):
        racing.has_no_data_race(bench("echo 'error: bind' >&2; exit 66"), 2)


def grade(place, checks, monkeypatch, forbidden):
    """Grades lab 02 with a compiler that fails when `forbidden` is among its words."""
    compiler = place / "compiler"
    compiler.write_text(
        f'#!/bin/sh\ncase "$*" in *{forbidden}*) echo "ld: cannot find libtsan.so" >&2; exit 1;;'
        ' esac\nexec g++ "$@"\n'
    )
    compiler.chmod(0o755)
    monkeypatch.setenv("CXX", str(compiler))
    outcomes = Grading(labs.find("02"), str(place), only=checks).run().outcomes
    return [outcomes[name].outcome for name in checks]


@pytest.fixture
def place(tmp_path):
    return shutil.copytree(KIT / "solutions/02-processes-and-threads", tmp_path / "02")


def test_a_compiler_without_it_costs_that_check_alone(place, monkeypatch):
    checks = (CHECK, "02.2/closes_what_it_accepted")
    assert grade(place, checks, monkeypatch, "fsanitize=thread") == [CANNOT_JUDGE, PASSED]


def test_what_compiles_nowhere_is_the_programs_fault(place, monkeypatch):
    assert grade(place, (CHECK,), monkeypatch, "threaded_echo") == [FAILED]
