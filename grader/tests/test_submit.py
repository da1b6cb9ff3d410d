"""`make submit`: exactly the files of a lab, and what a student should know before handing in."""
import os
import tarfile

import pytest

from autograder import labs
from autograder.labs import UsageError
from classroom import submit as submitting

LAB = labs.find("05")


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A directory with a student's files of lab 05, and an empty place for results."""
    monkeypatch.setattr(submitting, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(submitting, "PLACE", tmp_path / "submit")
    (tmp_path / "mine").mkdir()
    for name in LAB.files:
        (tmp_path / "mine" / name).write_text(f"// {name}\n")
    (tmp_path / "mine/Makefile").write_text("all:\n")
    return tmp_path / "mine"


def submit(mine, capsys):
    submitting.submit(LAB, str(mine))
    return capsys.readouterr().out


def packed(mine):
    return mine.parent / "submit/05-epoll.tar.gz"


def graded(mine, at):
    kept = mine.parent / "results/mine/05-epoll.json"
    kept.parent.mkdir(parents=True)
    kept.write_text('{"score": 75, "max_score": 100}')
    os.utime(kept, (at, at))


def test_it_holds_the_files_of_the_lab_and_nothing_else(mine, capsys):
    told = submit(mine, capsys)
    with tarfile.open(packed(mine)) as archive:
        held = {m.name: (m.isreg(), archive.extractfile(m).read()) for m in archive}
    assert held == {f"05-epoll/{name}": (True, f"// {name}\n".encode()) for name in LAB.files}
    assert all(name in told for name in LAB.files) and "Makefile" not in told


def test_the_same_files_make_the_same_bytes(mine, capsys):
    submit(mine, capsys)
    first = packed(mine).read_bytes()
    os.utime(mine / "connection.hpp", (1, 1))
    submit(mine, capsys)
    assert packed(mine).read_bytes() == first


def test_it_tells_the_last_score_and_its_age(mine, capsys):
    assert "warning: not graded yet, make grade LAB=05" in submit(mine, capsys)
    newest = max((mine / name).stat().st_mtime for name in LAB.files)
    graded(mine, newest + 10)
    told = submit(mine, capsys)
    assert "last grading: 75 of 100 points" in told and "warning" not in told
    os.utime(mine / "epoll_echo.cpp", (newest + 20, newest + 20))
    assert "warning: changed since then: epoll_echo.cpp" in submit(mine, capsys)


def test_unwritten_steps_are_told(mine, capsys):
    (mine / "event_loop.hpp").write_text('  // TODO(05.1): write it.\n  async::todo("05.1");\n')
    assert "warning: still to be written: 05.1" in submit(mine, capsys)


def missing(path):
    path.unlink()


def linked(path):
    path.rename(path.with_suffix(".real"))
    path.symlink_to(path.with_suffix(".real"))


def a_pipe(path):
    path.unlink()
    os.mkfifo(path)


def a_directory(path):
    path.unlink()
    path.mkdir()


def too_large(path):
    os.truncate(path, submitting.LARGEST + 1)


@pytest.mark.parametrize(
    "spoil, why",
    [
        (missing, "is missing"),
        (linked, "is a symbolic link"),
        (a_pipe, "is no regular file"),
        (a_directory, "is no regular file"),
        (too_large, "at most 1,048,576"),
    ],
)
def test_what_cannot_be_graded_is_refused(mine, spoil, why):
    spoil(mine / "connection.hpp")
    with pytest.raises(UsageError, match=f"connection.hpp .*{why}"):
        submitting.submit(LAB, str(mine))
    assert not packed(mine).exists()


def test_wrong_usage_is_told(lab_command):
    ran = lab_command("submit", "13")
    assert ran.returncode == 2 and "there is no lab `13`" in ran.stderr
