"""The exports of Moodle, Canvas and Gradescope, as directories and as the one zip that is downloaded,
and the roster that tells whose they are."""
import pathlib
import sys

import pytest
from autograder.labs import UsageError
from classroom import intake
from classroom.intake.gradescope import utc

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "corpus"))
from archives import zipped  # noqa: E402

NAME, CODE = "blocking_echo.cpp", b"int main() {}\n"
FILES = {NAME: CODE}
ROSTER = (
    "id,name,email,section\njdoe,Jane Doe,jane@uni.example,A\nmjo,Jörg Müller,,B\nnn,Nina N,,B\n"
)

MOODLE = {
    f"Jane Doe_1234567_assignsubmission_file_/{NAME}": CODE,  # older versions
    "Jörg Müller_1234568_assignsubmission_file/My lab.zip": zipped({"01/" + NAME: CODE}),
    "Jane Doe_1234567_assignsubmission_onlinetext/onlinetext.html": b"<p>see file</p>",
}
MOODLE_FLAT = {
    f"Jane Doe_1234567_assignsubmission_file_{NAME}": CODE,
    "Jörg Müller_1234568_assignsubmission_file_lab.zip": zipped(FILES),
}
CANVAS = {
    f"doejane_12345_678_{NAME}": CODE,
    "müllerjörg_LATE_12346_679_blocking_echo-2.cpp": CODE,
    "müllerjörg_LATE_12346_680_my_notes_12_13_x.txt": b"",
    "nnina_12347_text.html": b"<p>I have no idea</p>",
}
GRADESCOPE = {
    "assignment_77_export/submission_metadata.yml": """---
submission_101:
  :submitters:
  - :name: Jane Doe
    :sid: jdoe
    :email: jane@uni.example
  - :name: Jörg Müller
    :sid: ''
    :email: other@uni.example
  :created_at: 2026-10-31 15:59:00.123456000 -07:00
  :score: 1.0
  :results: !ruby/hash:Results
    output: ":submitters:"
submission_102:
  :submitters: []
  :created_at: 2026-10-31 10:00:00
submission_103:
  :submitters:
  - :name: Gone
""".encode(),
    f"assignment_77_export/submission_101/{NAME}": CODE,
    f"assignment_77_export/submission_102/{NAME}": CODE,
    "assignment_77_export/submission_999/x.txt": b"",
}


def lay(directory: pathlib.Path, files: dict[str, bytes]) -> pathlib.Path:
    for name, data in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(data)
    return directory


@pytest.fixture(params=("directory", "zip"))
def read(request, tmp_path):
    """Reads an export as it lies in a directory and as the zip that was downloaded."""

    def read(export, roster=None):
        place = tmp_path / "export"
        if request.param == "zip":
            place = tmp_path / "export.zip"
            place.write_bytes(zipped(export))
        else:
            lay(place, export)
        if roster is not None:
            (tmp_path / "roster.csv").write_text(roster, encoding="utf-8")
        return intake.read(place, "01", tmp_path / "roster.csv" if roster else None)

    return read


def told(class_):
    return {one.student: (one.files, one.submitted, one.refused) for one in class_.submissions}


@pytest.mark.parametrize("export", (MOODLE, MOODLE_FLAT), ids=("directories", "files"))
def test_moodle(export, read):
    found = read(export)
    [jane, joerg] = sorted(found.submissions, key=lambda one: one.shown)
    assert (jane.files, joerg.files) == (FILES, FILES), (jane, joerg)
    assert (jane.shown, joerg.shown) == ("Jane Doe", "Jörg Müller")
    assert jane.student.startswith("Jane-Doe_1234567") and joerg.student.isascii()
    assert len(found.remarks) == (export is MOODLE)


@pytest.mark.parametrize("export", (MOODLE, MOODLE_FLAT, CANVAS), ids=("moodle", "flat", "canvas"))
def test_names_find_the_roster(export, read):
    found = read(export, ROSTER)
    nobody = ({}, "", "")
    assert told(found) == {"jdoe": (FILES, "", ""), "mjo": (FILES, "", ""), "nn": nobody}
    assert found.describe() == "2 submissions of 2 students for lab 01; 1 of the roster without one"


def test_canvas(read):
    found = read(CANVAS)
    assert [one.shown for one in found.submissions] == ["doejane", "müllerjörg"]
    assert found.submissions[0].student == "doejane_12345"
    assert found.submissions[1].ignored == ("my_notes_12_13_x.txt: not asked for",)
    assert "late, says Canvas: `müllerjörg_12346`" in found.remarks
    assert "left out: `nnina_12347_text.html` is no submission" in found.remarks


def test_canvas_anonymous_and_twice(read):
    again = {f"anon_x1y2z_678_{NAME}": CODE, "anon_x1y2z_679_blocking_echo-1.cpp": b"other"}
    found = read(again | {f"LATE_anon_q9_680_{NAME}": CODE})
    assert told(found) == {
        "anon_q9": (FILES, "", ""),
        "anon_x1y2z": ({}, "", f"`{NAME}` is in it 2 times"),
    }


def test_gradescope(read):
    found, time = read(GRADESCOPE), "2026-10-31T22:59:00Z"
    assert told(found) == {
        "jdoe": (FILES, time, ""),
        "other@uni.example": (FILES, time, ""),
        "submission_102": (FILES, "", ""),
    }
    assert found.remarks == (
        "left out: `submission_999` is not in submission_metadata.yml",
        "missing: submission_103 of submission_metadata.yml",
    )
    assert len({one.digest for one in found.submissions}) == 1


def test_gradescope_with_broken_metadata(read):
    with pytest.raises(UsageError, match="submission_metadata.yml: line 2, column 1"):
        read(GRADESCOPE | {"assignment_77_export/submission_metadata.yml": b"a: [1,\n"})


@pytest.mark.parametrize(
    "text, time",
    [
        ("2026-10-31 22:59:00.123456789 Z", "2026-10-31T22:59:00Z"),
        ("2026-10-31T15:59:00-07:00", "2026-10-31T22:59:00Z"),
        ("2026-10-31 22:59:00.5 +01:00", "2026-10-31T21:59:00Z"),
        ("2026-10-31 22:59:00", ""),
        ("yesterday", ""),
    ],
)
def test_times_are_utc(text, time):
    assert utc(text) == time


# -- the roster ----------------------------------------------------------------------------------
PLAIN = {f"{who}/{NAME}": CODE for who in ("jdoe", "MJO", "jane2", "stranger")}


def test_strangers_are_kept_and_named(read):
    found = read(PLAIN, ROSTER)
    assert sorted(told(found)) == ["jane2", "jdoe", "mjo", "nn", "stranger"]
    assert "not in the roster: `stranger`; kept as stranger" in found.remarks
    assert found.submissions[1].shown == "Jane Doe"


def test_ambiguous_names_are_not_guessed(read):
    found = read(MOODLE_FLAT, ROSTER + "jd2,Doe Jane,,\n")
    assert [line for line in found.remarks if line.startswith("ambiguous")] == [
        "ambiguous: `Jane Doe_1234567` may be jd2 or jdoe; kept as "
        + next(one.student for one in found.submissions if one.student.startswith("Jane-Doe"))
    ]
    assert told(found)["jdoe"] == ({}, "", "")


def test_number_of_the_platform_is_no_id_of_a_student(read):
    """A matriculation number may be somebody else's number in Moodle; `Identifier` is Moodle's own."""
    other = "id,name\n1234567,Nina N\nj,Jane Doe\nm,Jörg Müller\n"
    assert told(read(MOODLE, other))["1234567"][0] == {}
    sheet = "Identifier;Full name;ID number\nParticipant 1234567;X;x1\nParticipant 1234568;Y;y1\n"
    assert {student: bool(row[0]) for student, row in told(read(MOODLE, sheet)).items()} == {
        "x1": True,
        "y1": True,
    }
