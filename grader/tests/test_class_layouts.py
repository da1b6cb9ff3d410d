"""Every way in which a class is collected gives the same submissions: directories, archives, clones, and
the exports of learning platforms; a roster tells who they are. Wrong usage gets one clear line."""
import gzip
import pathlib
import sys

import pytest
from autograder.labs import UsageError
from classroom import intake
from classroom.submission import Submission

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "corpus"))
from archives import tarred, zipped  # noqa: E402

NAME, CODE = "blocking_echo.cpp", b"int main() {}\n"
FILES, LAB = {NAME: CODE}, "01-blocking-echo"


def lay(directory: pathlib.Path, files: dict[str, bytes]) -> pathlib.Path:
    for name, data in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return directory


def ids(read) -> list[str]:
    return [one.student for one in read.submissions]


@pytest.fixture
def collected(tmp_path):
    place = tmp_path / "collected"
    place.mkdir()
    return place


# -- directories and archives --------------------------------------------------------------------
@pytest.mark.parametrize("below", ("", "work/", f"{LAB}/", f"labs/{LAB}/", f"kit/labs/{LAB}/"))
@pytest.mark.parametrize("packed", ("directory", "zip", "tar.gz", "tar", "zip in a directory"))
def test_place_in_a_submission(below, packed, collected):
    files = {below + NAME: CODE}
    source = {
        "directory": {f"alice/{below}{NAME}": CODE},
        "zip": {"alice.zip": zipped(files)},
        "tar.gz": {"alice.tar.gz": gzip.compress(tarred(files))},
        "tar": {"alice.tar": tarred({f"./{name}": data for name, data in files.items()})},
        "zip in a directory": {"alice/My work (final).zip": zipped(files)},
    }
    read = intake.read(lay(collected, source[packed]), "01")
    [alice] = read.submissions
    assert (alice.student, alice.lab, alice.files, alice.refused) == ("alice", LAB, FILES, "")


def test_all_labs_of_a_class(collected):
    lay(collected, {f"alice/{LAB}/{NAME}": CODE, "alice/03-busy-loop/busy_echo.cpp": b"3"})
    lay(collected, {f"bob/labs/{LAB}/{NAME}": CODE, "bob/notes.txt": b""})
    lay(collected, {"carl.zip": b"no zip", "dora/echo.cpp": b"", "grades.csv": b""})
    read = intake.read(collected)
    assert [(one.student, one.lab[:2], bool(one.files)) for one in read.submissions] == [
        ("alice", "01", True),
        ("alice", "03", True),
        ("bob", "01", True),
        ("carl", "01", False),
        ("carl", "03", False),
        ("dora", "01", False),
        ("dora", "03", False),
    ]
    assert read.submissions[2].ignored == ("notes.txt: not asked for",)
    assert read.remarks == ("left out: `grades.csv` is no submission",)
    assert read.describe() == "7 submissions of 4 students for labs 01, 03; 2 refused"


def test_one_archive_of_the_class(collected):
    inner = {"alice/" + NAME: CODE, "bob.zip": zipped(FILES), "../mallory/x.cpp": b""}
    for name, data in (
        ("class.zip", zipped(inner)),
        ("class.tar.gz", gzip.compress(tarred(inner))),
    ):
        read = intake.read(lay(collected, {name: data}) / name, "01")
        assert [one.files for one in read.submissions[:2]] == [FILES, FILES]
        assert read.remarks == ("left out: `../mallory/x.cpp` leads elsewhere",)


@pytest.mark.parametrize(
    "files, why",
    [
        ({"a/" + NAME: b"1", "b/" + NAME: b"2"}, "the files of lab 01 lie in `a` and `b`"),
        ({"a.zip": b"", "b.zip": b""}, "it holds several archives, `a.zip` and `b.zip`"),
    ],
)
def test_two_places_are_not_guessed(files, why, collected):
    lay(collected / "alice", files)
    assert intake.read(collected, "01").submissions[0].refused.startswith(why)


def test_nearest_place_is_taken(collected):
    lay(collected / "alice", {NAME: CODE, "old/" + NAME: b"old", f"03-busy-loop/{NAME}": b"other"})
    [alice] = intake.read(collected, "01").submissions
    assert alice.files == FILES and alice.ignored == (f"old/{NAME}: not asked for",)


def test_handed_in_twice_is_not_guessed(collected):
    read = intake.read(lay(collected, {f"alice/{NAME}": CODE, "Alice.zip": zipped(FILES)}), "01")
    assert [one.refused for one in read.submissions] == [
        "handed in 2 times, as `Alice.zip` and `alice`: which one is meant?"
    ]


def test_digest_is_that_of_lab_and_files():
    one = Submission("alice", LAB, FILES)
    assert one.digest == Submission("bob", LAB, dict(FILES), shown="Bob").digest
    assert one.digest != Submission("alice", "03-busy-loop", FILES).digest
    assert one.digest != Submission("alice", LAB, {NAME: CODE + b" "}).digest


# -- wrong usage ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "files, lab, words",
    [
        (None, "01", "there is no directory"),
        ({}, "01", "is empty"),
        ({NAME: CODE}, "01", "looks like the work of one student, it holds blocking_echo.cpp"),
        ({f"{LAB}/{NAME}": CODE}, None, f"looks like the work of one student, it holds {LAB}"),
        ({"notes.txt": b""}, "01", "holds no submission"),
        ({f"alice/{NAME}": CODE}, "99", "there is no lab `99`"),
        ({f"alice/{NAME}": CODE}, None, "names no lab: give it with --lab"),
    ],
)
def test_wrong_usage_is_one_line(files, lab, words, collected):
    place = lay(collected, files) if files is not None else collected / "none"
    with pytest.raises(UsageError) as error:
        intake.read(place, lab)
    assert words in str(error.value) and "\n" not in str(error.value)


def test_archive_of_the_class_that_is_damaged(collected):
    lay(collected, {"class.zip": zipped({"alice/" + NAME: CODE})[:-10]})
    with pytest.raises(UsageError, match="class.zip.* is damaged"):
        intake.read(collected / "class.zip", "01")


def test_fault_of_the_machine_is_told_to_the_instructor(collected, monkeypatch):
    """A file that the grader may not read is no fault of the student; the others are read."""
    lay(collected, {f"alice/{NAME}": CODE, "bob.zip": zipped(FILES)})

    def denied(fd, name, most):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(intake.directory, "read_regular", denied)
        read = intake.read(collected, "01")
    told = "it cannot be read here: Permission denied"
    assert [one.refused for one in read.submissions] == [told, told]
    assert read.remarks == (f"error: `bob.zip`: {told}", f"error: `alice`: {told}")
