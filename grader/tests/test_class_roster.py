"""Rosters as spreadsheets save them, and one clear line, with its place, for what cannot be read."""
import pytest
from autograder.labs import UsageError
from classroom import intake


@pytest.mark.parametrize(
    "data",
    [
        "\ufeffID;Name;E-Mail\r\njdoe;Jane Doe;j@x\r\n".encode(),
        b"Student ID\tLast name\tFirst name\njdoe\tDoe\tJane\n\n",
        "SID,name\njdoe,Jane Doe\n".encode("utf-16"),
        b'name,email,id\n"Doe, Jane",j@x,jdoe\n',
        b"email,section,name\njdoe,A,Jane Doe\n",
    ],
)
def test_rosters_as_they_are_saved(data, tmp_path):
    (tmp_path / "roster.csv").write_bytes(data)
    [student] = intake.roster.read_roster(tmp_path / "roster.csv").students.values()
    assert student.id == "jdoe" and intake.roster.fold(student.name) in ("janedoe", "doejane")


@pytest.mark.parametrize(
    "data, words",
    [
        (b"", "line 1: there is no column `id`"),
        (b"name,section\nx,A\n", "line 1: there is no column `id`"),
        (b"id,name\n", "line 2: the roster names no student"),
        (b"id,name\na,x\n../../etc,y\n", "line 3, column 1: `../../etc` is no id"),
        (b"name,id\nx,..\n", "line 2, column 2: `..` is no id"),
        (b"id\na\nb\nA\n", "line 4, column id: `A` is on line 2 already"),
        (b"id,name\na,M\xfcller\n", "line 2, byte 4: it is not UTF-8"),
        (b"id\na\0b\n", "line 2: a NUL character"),
        (b'id,name\na,"x\n', "line 2: unexpected end of data"),
    ],
)
def test_roster_that_cannot_be_read(data, words, tmp_path):
    (tmp_path / "roster.csv").write_bytes(data)
    with pytest.raises(UsageError) as error:
        intake.roster.read_roster(tmp_path / "roster.csv")
    assert words in str(error.value) and "\n" not in str(error.value)


def test_roster_that_is_not_there(tmp_path):
    with pytest.raises(UsageError, match="roster .*none.csv cannot be read: No such file"):
        intake.roster.read_roster(tmp_path / "none.csv")
