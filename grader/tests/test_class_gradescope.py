"""Gradescope's autograder, run as Gradescope runs it: unpacked below a root of its own, with a
submission and its metadata; results.json must be there and valid whatever happens."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tarfile
import zipfile

import pytest
from autograder import isolation, labs
from autograder.machine import KIT
from class_batch import until
from consumers import gradescope

LAB = labs.find("01")
FILE = LAB.files[0]
UNKEPT = "no closed box is to be had here: only the container kept this submission in"
LATE = "[late]\npercent_per_day = 10\n"


@pytest.fixture(scope="session")
def zipped(tmp_path_factory):
    """The zip, made by the command."""
    home = tmp_path_factory.mktemp("zip")
    (home / "course.toml").write_text(LATE + "[lab.01]\nweight = 50\n")
    command = [KIT / "grader/lab", "export", "gradescope-zip", "01", "--out", home / "a.zip"]
    subprocess.run([*command, "--course", home / "course.toml"], check=True, timeout=60)
    return home / "a.zip"


@pytest.fixture
def platform(zipped, tmp_path):
    """The directories of the platform, with the zip unpacked by unzip(1) as Gradescope does."""
    for name in ("source", "submission", "results"):
        (tmp_path / name).mkdir()
    with zipfile.ZipFile(zipped) as archive:
        for info in archive.infolist():
            path = pathlib.Path(archive.extract(info, tmp_path / "source"))
            path.chmod(info.external_attr >> 16 & 0o777)
    (tmp_path / "run_autograder").write_bytes((tmp_path / "source/run_autograder").read_bytes())
    (tmp_path / "run_autograder").chmod(0o755)
    return tmp_path


def hand_in(platform, tree="solutions", created="2026-11-30T12:00:00.123456-08:00", **more):
    shutil.copy(KIT / tree / LAB.name / FILE, platform / "submission")
    write_metadata(platform, created, **more)


def write_metadata(platform, created="2026-11-30T12:00:00-08:00", name="Ada", previous=()):
    told = {
        "id": 7,
        "created_at": created,
        "assignment": {"due_date": "2026-11-30T23:59:00-08:00", "total_points": "50.0"},
        "users": [{"id": 1, "name": name, "email": "ada@example.org"}],
        "previous_submissions": list(previous),
    }
    (platform / "submission_metadata.json").write_text(json.dumps(told))


def start(platform, **more):
    environment = {"PATH": "/usr/bin:/bin", "AUTOGRADER_ROOT": str(platform), **more}
    return subprocess.Popen([platform / "run_autograder"], cwd=platform, env=environment)


def run(platform, **more):
    """Runs the autograder; its status must be 0, and what it wrote is validated."""
    assert start(platform, **more).wait(200) == 0
    return results(platform)


def results(platform):
    return gradescope((platform / "results/results.json").read_bytes().decode("utf-8"))


def test_the_zip_is_what_gradescope_unpacks(zipped):
    with zipfile.ZipFile(zipped) as archive:
        assert archive.testzip() is None
        modes = {i.filename: i.external_attr >> 16 for i in archive.infolist()}
        assert all(info.create_system == 3 for info in archive.infolist())
        shell = archive.read("run_autograder"), archive.read("setup.sh")
    for name in ("setup.sh", "run_autograder", "kit/grader/setup.sh", "kit/grader/lab"):
        assert modes[name] == 0o100755, name
    assert all(text.startswith(b"#!/bin/sh\n") and b"\r" not in text for text in shell)
    assert not [name for name in modes if name.startswith("/") or ".." in name.split("/")]


def test_no_answer_is_in_the_zip(zipped):
    with zipfile.ZipFile(zipped) as archive:
        names = archive.namelist()
        code = archive.read(f"kit/labs/{LAB.name}/{FILE}")
    assert not [n for n in names if "solutions" in n or "/mutants/" in n or "corpus" in n]
    assert b"async::todo" in code


def test_the_same_kit_makes_the_same_zip(zipped, tmp_path, lab_command):
    course = str(zipped.parent / "course.toml")
    again = str(tmp_path / "b.zip")
    lab_command("export", "gradescope-zip", "01", "--out", again, "--course", course)
    assert pathlib.Path(again).read_bytes() == zipped.read_bytes()


def test_setup_installs_what_the_kit_needs(platform):
    """Here it is all there, so that nothing is installed; the way to the kit's setup is the point."""
    environment = {"PATH": os.environ["PATH"], "AUTOGRADER_ROOT": str(platform)}
    ran = subprocess.run(["sh", "-x", "source/setup.sh"], cwd=platform, env=environment, timeout=60)
    assert ran.returncode == 0


def test_a_solution(platform):
    hand_in(platform)
    told = run(platform)
    assert (told["score"], told["extra_data"]["max_score"]) == (50, 50), told["output"]
    assert all(test["status"] == "passed" for test in told["tests"])
    assert sum(test["max_score"] for test in told["tests"]) == 50
    if isolation.closed_level().trusted_enough:
        assert told["extra_data"]["box"] == isolation.closed_level().title
        assert told["output"] == "All 11 checks passed."
    else:
        assert told["output"].startswith(UNKEPT)


def test_a_platform_without_a_closed_box_says_so(platform):
    hand_in(platform)
    told = run(platform, ASYNCLAB_BOX="bare")
    assert (told["score"], told["output"].splitlines()[0]) == (50, UNKEPT)
    assert "closed" not in told["extra_data"]["box"]


def test_a_late_solution_below_a_directory(platform):
    """Lateness is counted from the metadata: a day and a minute after Gradescope's due date."""
    hand_in(platform, created="2026-12-02T00:00:00-08:00")
    below = platform / "submission/my work/labs" / LAB.name
    below.mkdir(parents=True)
    (platform / "submission" / FILE).rename(below / FILE)
    told = run(platform)
    assert told["score"] == 40 and "2 started day(s), 20 % off" in told["output"]


def test_the_archive_of_make_submit(platform):
    """Handed in as it is: Gradescope unpacks zip alone."""
    archive = platform / "submission/05-mine.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(KIT / "solutions" / LAB.name / FILE, f"{LAB.name}/{FILE}")
    assert run(platform)["score"] == 50


def test_two_of_one_file(platform):
    hand_in(platform)
    (platform / "submission/a").mkdir(), (platform / "submission/b").mkdir()
    shutil.copy(platform / "submission" / FILE, platform / "submission/a")
    (platform / "submission" / FILE).rename(platform / "submission/b" / FILE)
    told = run(platform)
    assert told["score"] == 0 and "which one is meant?" in told["output"]
    assert told["extra_data"]["verdict"] == "REJECTED"


def test_a_skeleton(platform):
    hand_in(platform, "labs")
    told = run(platform)
    assert told["score"] == 0 and "still to be written" in told["tests"][0]["output"]
    assert "/asynclab-" not in json.dumps(told), "a directory that is gone"


def test_nothing_handed_in(platform):
    told = run(platform)  # and no metadata
    assert told["score"] == 0 and f"asks for {FILE}: there is nothing of it" in told["output"]
    assert told["extra_data"]["verdict"] == "NO_SUBMISSION"


def test_hostile_names_and_links(platform):
    """Names that attack a shell, a terminal or a spreadsheet; the file asked for is a link away."""
    write_metadata(platform, name="=cmd()|' /C calc'!A0\x1b[2J")
    for name in ("-rf", "$(reboot)", "a\nb", "\u202e.cpp", "conftest.py", "=cmd()"):
        (platform / "submission" / name).write_text("raise SystemExit\n")
    (platform / "submission" / FILE).symlink_to("/etc/passwd")
    told = run(platform)
    assert told["score"] == 0 and FILE in told["output"] and "root:" not in json.dumps(told)


@pytest.mark.parametrize("kind", ["fifo", "directory", "huge"])
def test_what_is_no_file(platform, kind):
    path = platform / "submission" / FILE
    {"fifo": os.mkfifo, "directory": os.mkdir, "huge": lambda p: p.write_bytes(b"x" * 1_100_000)}[
        kind
    ](path)
    told = run(platform)
    assert told["score"] == 0 and FILE in told["output"]


def test_a_grader_that_cannot_begin(platform):
    """A kit that is damaged: results all the same, and no grade."""
    hand_in(platform)
    (platform / "source/kit/grader/autograder/engine.py").write_text("raise RuntimeError\n")
    told = run(platform)
    assert told["extra_data"] == {"judged": False} and "status 1" in told["output"]


@pytest.mark.parametrize("metadata", ["", "[]", '{"users": null, "created_at": null}'])
def test_metadata_that_lacks_everything(platform, metadata):
    (platform / "submission_metadata.json").write_text(metadata)
    assert run(platform)["score"] == 0


def test_an_earlier_score_stays_when_nothing_can_be_judged(platform):
    """Every check is one that cannot be judged: the score of the submission before stands."""
    hand_in(platform, previous=[{"score": "37.5"}, {"score": 1, "autograder_error": True}])
    engine = platform / "source/kit/grader/autograder/engine.py"
    text = engine.read_text()
    assert "def preflight(self) -> str:\n" in text
    engine.write_text(
        text.replace(
            "def preflight(self) -> str:\n",
            "def preflight(self):\n        return 'forbidden here'\n\n    def old(self) -> str:\n",
        )
    )
    told = run(platform)
    assert told["score"] == 37.5 and told["extra_data"]["judged"] is False
    assert "37.5" in told["output"] and not any("status" in test for test in told["tests"])


def test_a_grader_that_is_killed_leaves_what_it_had_judged(platform):
    """SIGKILL in the middle, once a check has passed: its points stay, and the reader is told."""
    hand_in(platform)
    ran = start(platform)
    try:
        until(lambda: passed(platform), "a check has passed", 120)
        os.kill(child_of(ran.pid), signal.SIGKILL)
        assert ran.wait(60) == 0
    finally:
        ran.kill()
        ran.wait()
    told = results(platform)
    assert "by signal 9" in told["output"] and told["extra_data"]["judged"] is False
    assert 0 < told["score"] <= 50 and passed(platform)


def test_a_grader_that_takes_too_long(platform):
    hand_in(platform)
    path = platform / "source/assignment.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"seconds": 0.2}))
    told = run(platform)
    assert "took too long" in told["output"] and told["score"] == 0


def passed(platform):
    try:
        told = results(platform)
    except FileNotFoundError:
        return []
    return [test for test in told.get("tests", []) if test.get("status") == "passed"]


def child_of(pid):
    text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return int(text.split()[0])
