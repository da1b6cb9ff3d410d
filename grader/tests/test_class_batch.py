"""Grading a class: every submission has its record, whatever dies on the way."""
import json
import os
import shutil
import signal
import subprocess

import jsonschema
import pytest
from autograder import labs
from autograder.machine import KIT
from classroom import job, record
from classroom.submission import Submission
from class_batch import LAB, Batch, job_processes, make_class, until

root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: mounts a small file system")


@pytest.fixture
def batch(tmp_path):
    return Batch(tmp_path)


def test_each_submission_has_its_own_end(batch):
    ends = {
        "good": ("OK", 100),
        "zero": ("WRONG", 0),
        "crash": ("HARNESS_ERROR", None),
        "crashes_once": ("OK", 100),
        "loses_its_keeper": ("OK", 100),
        "stumble": ("HARNESS_ERROR", None),
        "hang": ("HARNESS_ERROR", None),
        "loop": ("TIMEOUT", 0),
        "unclear": ("INCONCLUSIVE", None),
        "unclear_once": ("OK", 100),
    }
    make_class(batch.home / "class", nothing=None, **{word: word for word in ends})
    ran = batch.run()
    assert ran.returncode == 1, ran.stdout + ran.stderr
    found = {student: book[:2] for student, book in batch.book().items()}
    assert found == {**ends, "nothing": ("NO_SUBMISSION", 0)}
    records = batch.records()
    tries = {student: len(told["attempts"]) for student, told in records.items()}
    assert tries["good"] == 0 and tries["crash"] == 2 and tries["crashes_once"] == 1
    assert (
        "SIGSEGV" in records["crash"]["sentence"] and "on purpose" in records["stumble"]["sentence"]
    )
    assert batch.graded().count("unclear") == 2 and batch.graded()[-1].startswith("unclear")
    assert "look at these yourself" in ran.stdout and "submissions a minute and core" in ran.stdout


def test_the_gradebook_lists_every_submission(batch):
    make_class(batch.home / "class", a="good", b="zero", c="crash", d=None)
    assert batch.run().returncode == 1
    lines = (batch.out / "gradebook.csv").read_text().splitlines()
    assert [line.split(",")[3] for line in lines[1:]] == ["a", "b", "c", "d"]
    assert lines[3].endswith(",HARNESS_ERROR")


def test_all_judged_is_status_zero(batch):
    make_class(batch.home / "class", a="good", b="zero")
    ran = batch.run("--lab", "1")
    assert ran.returncode == 0, ran.stdout + ran.stderr


def stopped(batch, number, students):
    """A batch that is sent a signal when half of it is done; returns it, ended."""
    half = dict.fromkeys(students[: len(students) // 2], "good")
    make_class(batch.home / "class", **half, **dict.fromkeys(students[len(half) :], "slow"))
    process = batch.start("--jobs", "2")
    wanted = len(half) + 2  # and two that wait at the gate
    until(lambda: len(batch.records()) == len(half) and len(batch.graded()) == wanted, "half done")
    process.send_signal(number)
    said, _ = process.communicate(timeout=60)
    until(lambda: not job_processes(batch.log), "all gradings have ended")
    return process, said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_stopped_batch_is_resumed_to_the_same_book(batch, number):
    students = list("abcdefgh")
    process, said = stopped(batch, number, students)
    if number != signal.SIGKILL:
        assert process.returncode == 130 and "--resume" in said
    assert sorted(batch.records()) == students[:4]
    (batch.home / "gate").touch()
    assert "--resume" in batch.run().stderr
    ran = batch.run("--resume")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert sorted(batch.graded()) == students[4:]
    resumed = batch.book()
    batch.out = batch.home / "another"
    assert batch.run().returncode == 0
    assert batch.book() == resumed


def test_resume_regrades_what_has_changed_and_what_could_not_be_judged(batch):
    make_class(batch.home / "class", a="good", b="good", c="crash")
    batch.run()
    make_class(batch.home / "class", b="zero", c="good", d="good")
    assert batch.run("--resume").returncode == 0
    assert sorted(batch.graded()) == ["b", "c", "d"]
    assert batch.book()["b"][0] == "WRONG"
    assert batch.run("--resume").returncode == 0
    assert batch.graded() == []


def test_a_record_that_was_cut_off_is_made_anew(batch):
    make_class(batch.home / "class", a="good", b="good")
    batch.run()
    path = batch.out / "results/a/01.json"
    path.write_text(path.read_text()[:100])
    batch.run("--resume")
    assert batch.graded() == ["a"] and batch.book()["a"][0] == "OK"


def test_another_kit_regrades(batch):
    make_class(batch.home / "class", a="good")
    batch.run()
    path = batch.out / "results/a/01.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "kit": "an older one"}))
    batch.run("--resume")
    assert batch.graded() == ["a"]


@pytest.mark.parametrize(
    "what, who",
    [
        ("student=a", ["a"]),
        ("lab=1", ["a", "b"]),
        ("check=01.2/*", ["a", "b"]),
        ("all", ["a", "b"]),
    ],
)
def test_regrade(batch, what, who):
    make_class(batch.home / "class", a="good", b="zero")
    batch.run()
    ran = batch.run("--regrade", what)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert sorted(batch.graded()) == who


def test_identical_submissions_are_graded_once(batch):
    make_class(batch.home / "class", a="same", b="same", c="same", d="good")
    assert batch.run().returncode == 0
    assert sorted(batch.graded()) == ["a", "d"]
    records = batch.records()
    assert {s: told["same_as"] for s, told in records.items()} == dict(a="", b="a", c="a", d="")
    assert records["b"]["student"] == "b" and records["b"]["verdict"] == "OK"
    make_class(batch.home / "class", e="same")
    batch.run("--resume")
    assert batch.graded() == [] and batch.records()["e"]["same_as"] in "abc"


def test_two_batches_do_not_share_a_directory(batch):
    make_class(batch.home / "class", a="slow")
    first = batch.start()
    until(batch.graded, "the first batch is at work")
    second = batch.run("--resume")
    assert second.returncode == 2 and "another batch" in second.stderr
    assert len(second.stderr.splitlines()) == 1
    (batch.home / "gate").touch()
    first.communicate(timeout=60)
    assert first.returncode == 0 and batch.book()["a"][0] == "OK"


def test_a_reference_that_fails_costs_nobody_points(batch):
    batch.environment["ASYNCLAB_FAKE_REFERENCE"] = "bad"
    make_class(batch.home / "class", a="good", b="zero", c=None)
    ran = batch.run()
    assert ran.returncode == 1 and batch.graded() == []
    assert batch.book()["a"] == batch.book()["b"] == ("HARNESS_ERROR", None, None)
    assert batch.book()["c"][0] == "NO_SUBMISSION"
    assert "reference solution" in batch.records()["a"]["sentence"]


@root
def test_a_full_disk_is_one_error_and_keeps_what_is_done(batch):
    batch.out.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "none", batch.out], check=True)
    try:
        students = [f"s{number:02}" for number in range(40)]
        make_class(batch.home / "class", **dict.fromkeys(students, "good"))
        ran = batch.run()
        assert ran.returncode == 1, ran.stdout + ran.stderr
        assert ran.stdout.count("No space left on device") == 1 and not ran.stderr
        done = batch.book()
        assert 0 < len(done) < 40 and {verdict for verdict, *_ in done.values()} == {"OK"}
        subprocess.run(["mount", "-o", "remount,size=10m", batch.out], check=True)
        assert batch.run("--resume").returncode == 0
        assert len(batch.book()) == 40 and not set(batch.graded()) & set(done)
    finally:
        subprocess.run(["umount", "-l", batch.out], check=True)


@pytest.mark.parametrize(
    "arguments, word",
    [
        (["--regrade", "nonsense"], "student=ID"),
        (["--regrade", "student=nobody"], "matches"),
        (["--lab", "77"], "there is no lab"),
        (["--jobs", "-1"], "--jobs"),
        (["--course", "/nowhere"], "/nowhere"),
        (["--roster", "/nowhere"], "/nowhere"),
        (["--scheduler", "tcp://127.0.0.1:1"], "nobody answers"),
    ],
)
def test_wrong_usage_is_one_line(batch, arguments, word):
    make_class(batch.home / "class", a="good")
    ran = batch.run(*arguments)
    assert ran.returncode == 2 and word in ran.stderr, ran.stdout + ran.stderr
    assert len(ran.stderr.splitlines()) == 1 and not batch.graded()


def test_a_directory_that_cannot_be_made(batch):
    make_class(batch.home / "class", a="good")
    (batch.home / "file").touch()
    batch.out = batch.home / "file/out"
    ran = batch.run()
    assert ran.returncode == 2 and "Not a directory" in ran.stderr


def test_nothing_is_left_behind(batch, tmp_path):
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp").chmod(0o711)
    batch.environment["TMPDIR"] = str(tmp_path / "tmp")
    make_class(batch.home / "class", a="good", b="crash", c="loop")
    batch.run()
    assert [p.name for p in (tmp_path / "tmp").iterdir()] == [f"asynclab-slots-{os.geteuid()}"]
    assert not job_processes(batch.log)


# -- without fakes --------------------------------------------------------------------------------
def test_real_submissions(tmp_path):
    batch = Batch(tmp_path, real=True)
    solution = (KIT / "solutions" / LAB / "blocking_echo.cpp").read_text()
    sources = {
        "solution": solution,
        "skeleton": (KIT / "labs" / LAB / "blocking_echo.cpp").read_text(),
        "broken": solution.replace("int main", "int mian", 1) + "\nsyntax error",
        "spins": solution.replace("    if (received == 0) return;\n", "", 1),
    }
    make_class(batch.home / "class", nothing=None, **dict.fromkeys(sources, ""))
    for student, source in sources.items():
        (batch.home / "class" / student / LAB / "blocking_echo.cpp").write_text(source)
    shutil.copytree(batch.home / "class/solution", batch.home / "class/twin")
    ran = batch.run(timeout=900)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    book = batch.book()
    assert book["solution"] == book["twin"] == ("OK", 100, 100)
    assert book["skeleton"] == ("PARTIAL", 0, 100) and book["nothing"] == ("NO_SUBMISSION", 0, 100)
    assert book["broken"] == ("COMPILE_ERROR", 0, 100)
    schema = json.loads((KIT / "grader/autograder/result.schema.json").read_text())
    for path in batch.out.glob("results/*/01.json"):
        jsonschema.validate(json.loads(path.read_text()), schema)
        assert "asynclab-job" not in path.read_text(), "a directory that is gone is named"
    assert book["spins"][0] not in ("OK", "PARTIAL") and book["spins"][1] < 100


BURNS = """
#include <thread>
namespace {
const bool burning = [] {
  for (int n = 0; n < 60; ++n) std::thread{[] { for (volatile int turns = 0;;) turns = 1; }}.detach();
  return true;
}();
}
"""


@pytest.mark.thorough
def test_who_burns_every_core_costs_the_others_nothing(tmp_path):
    """Three of them on the one core that the right one has, too."""
    batch = Batch(tmp_path, real=True)
    solution = (KIT / "solutions" / LAB / "blocking_echo.cpp").read_text()
    for student in ("right", "burns-1", "burns-2", "burns-3"):
        make_class(batch.home / "class", **{student: ""})
        burning = BURNS + f"// {student}" if student != "right" else ""
        place = batch.home / "class" / student / LAB
        (place / "blocking_echo.cpp").write_text(solution + burning)
    core = str(min(os.sched_getaffinity(0)))
    command = batch.command("--jobs", "4")
    batch.command = lambda *_: ["taskset", "-c", core, *command]
    ran = batch.run(timeout=1500)
    assert batch.book()["right"] == ("OK", 100, 100), ran.stdout + ran.stderr
    assert ran.returncode == 0, ran.stdout + ran.stderr
    book = batch.book()
    for number in (1, 2, 3):
        assert book[f"burns-{number}"][0] in ("BUSY", "MECHANISM"), book


def graded_without(missing, place):
    """Each check of lab 02's solution, of which the files `missing` were not handed in."""
    lab = labs.find("02")
    names = [name for name in lab.files if name not in missing]
    files = {name: (KIT / "solutions" / lab.name / name).read_bytes() for name in names}
    told = job.run(job.of(Submission("a", lab.name, files), "1"), place, slot=79)
    assert told["verdict"] == "COMPILE_ERROR"
    assert any(f"{name} was not handed in" in told["sentence"] for name in missing)
    return record.checks(told)


def test_a_program_that_was_not_handed_in_costs_its_own_checks_alone(tmp_path):
    for check in graded_without(["threaded_echo.cpp", "prethreaded_echo.cpp"], tmp_path):
        lost = {"02.2": "threaded_echo.cpp", "02.5": "prethreaded_echo.cpp"}.get(check["id"][:4])
        assert (check["outcome"] == "failed") == bool(lost), check
        assert not lost or f'#error "{lost} was not handed in"' in check["saw"]


def test_a_header_that_was_not_handed_in_is_named(tmp_path):
    for check in graded_without(["echo.hpp"], tmp_path):
        queue_alone = check["id"].startswith("02.4")
        assert (check["outcome"] == "failed") != queue_alone, check
        assert queue_alone or "echo.hpp was not handed in" in check["saw"].splitlines()[1]
