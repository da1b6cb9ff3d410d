"""A student's way through the archive: unpacked where there is no repository, no git and no home."""
import os
import re
import shutil
import signal
import subprocess
import tarfile

import pytest

from autograder import labs
from autograder.machine import KIT
from classroom import contents, dist, selection, snapshot

WHEN = 1_700_000_000  # seconds since 1970
LAB = "labs/01-blocking-echo"


def unpack(where, wanted="", revealed="", hand_in=""):
    """The archive of these labs, as a student finds it; returns its directory."""
    kit = snapshot.committed()
    chosen = selection.select(kit, wanted, revealed)
    packed = dist.pack(contents.contents(kit, chosen, [], hand_in), WHEN)
    (where / "a.tar.gz").write_bytes(packed["asynclab-student.tar.gz"])
    with tarfile.open(where / "a.tar.gz") as archive:
        archive.extractall(where)
    return where / "asynclab"


@pytest.fixture(scope="session")
def student(tmp_path_factory):
    """Runs a command as a student with an empty home directory and without git would."""
    where = tmp_path_factory.mktemp("student")
    home = unpack(where, "1", hand_in="the course's page")
    (where / "bin").mkdir()
    (where / "bin/git").write_text("#!/bin/sh\necho git was called >&2; exit 1\n")
    (where / "bin/git").chmod(0o755)

    def run(command, **options):
        path = f"{where}/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        options = {"capture_output": True, "text": True, "timeout": 240, "cwd": home, **options}
        return subprocess.run(command.split(), env={"HOME": str(where), "PATH": path}, **options)

    run.home = home
    return run


def test_a_lab_is_graded_and_completed(student):
    before = student("make grade LAB=01")
    assert before.returncode and "0 of 100 points" in before.stdout, before
    assert "TODO(01.1) is still to be written" in before.stdout
    assert f"{LAB}/blocking_echo.cpp:" in student("make hint LAB=01").stdout
    assert "0 of 100" in student("make progress").stdout
    skeleton = (student.home / LAB / "blocking_echo.cpp").read_bytes()
    shutil.copy(KIT / "solutions/01-blocking-echo/blocking_echo.cpp", student.home / LAB)
    after = student("make grade LAB=01")
    assert after.returncode == 0 and "100 of 100 points" in after.stdout, after
    submitted = student("make submit LAB=01")
    assert "last grading: 100 of 100" in submitted.stdout and "warning" not in submitted.stdout
    assert "hand it in: the course's page" in submitted.stdout
    assert "your files are in build/saved/" in student("make reset LAB=01").stdout
    assert (student.home / LAB / "blocking_echo.cpp").read_bytes() == skeleton


def test_the_other_commands_run(student):
    played = student("make play CHECK=01.2/sends_all_of_it PORT=1")
    assert "01-blocking-echo/blocking_echo 1" in played.stderr  # how to start it there
    assert "tools" in student("make doctor").stdout
    assert "NAME= one of:" in student("make experiment NAME=none").stderr
    with subprocess.Popen(
        [student.home / "grader/lab", "watch", "01"], stdout=subprocess.PIPE, text=True
    ) as watching:
        assert any("of 100 points" in line for line in watching.stdout)
        watching.send_signal(signal.SIGINT)


def test_only_what_is_there_is_offered(student):
    made = re.findall(r"^  make (\S+)", student("make").stdout, re.MULTILINE)
    listed = re.findall(r"^  ([a-z]+)  ", student("grader/lab --help").stdout, re.MULTILINE)
    assert {"grade", "hint", "watch", "play", "progress", "reset", "doctor", "submit"} <= {*made}
    gone = {"verify", "mutants", "soak", "skeletons", "demo", "dist", "test", "slides"}
    assert not gone & {*made, *listed} and "submit" in listed
    assert "No such command 'verify'" in student("grader/lab verify").stderr
    text = (student.home / "README.md").read_text()
    assert {*re.findall(r"`make ([a-z]+)", text)} <= {*made}


BUILD = """
import sys
sys.path.insert(0, "grader")
from autograder import build, labs
lab = labs.find("02")
wanted = {*lab.programs, *build.whitebox_suites(lab)}
print(*sorted(build.build(lab, lab.home, wanted, ("sanitized",)).errors), sep=",")
"""


def broken_in(home) -> str:
    """The programs and suites of lab 02 that do not compile there."""
    command = ["/usr/bin/python3", "-B", "-c", BUILD]
    ran = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=500)
    assert ran.returncode == 0, ran
    return ran.stdout.strip()


def test_a_skeleton_compiles_and_one_broken_file_blocks_only_what_needs_it(tmp_path):
    home = unpack(tmp_path, "2")
    assert broken_in(home) == ""
    with open(home / "labs/02-processes-and-threads/bounded_queue.hpp", "a") as header:
        header.write("int broken = ;\n")
    assert broken_in(home) == "bounded_queue_test,prethreaded_echo"


def test_what_is_included_is_in_the_archive(tmp_path):
    home = unpack(tmp_path, "", "5 6")
    roots = [home / "support/async/include", *(home / "labs").iterdir(), *home.glob("solutions/*")]
    sources = [path for path in home.rglob("*") if path.suffix in (".cpp", ".hpp")]
    assert sources
    for source in sources:
        for name in re.findall(r'^#include "(.+)"', source.read_text(), re.MULTILINE):
            where = [source.parent, *roots]
            assert any((root / name).is_file() for root in where), f"{source}: {name}"


def test_what_the_handouts_name_is_in_the_archive(tmp_path):
    home = unpack(tmp_path, "", "5 6")
    offered = subprocess.run(["make", "-C", home], capture_output=True, text=True).stdout
    for lab in labs.all_labs():
        text = (home / "labs" / lab.name / "README.md").read_text()
        for command in re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE):
            assert f"  make {command} " in offered, f"{lab.name}: make {command}"
        for path in re.findall(r"(?<![\w/])((?:labs|grader|support|solutions)/[\w./+-]+\w)", text):
            assert (home / path).exists(), f"{lab.name}: {path}"
        for link in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (home / "labs" / lab.name / link).exists(), f"{lab.name}: {link}"
    assert os.access(home / "grader/lab", os.X_OK)
