"""course.toml: what it says counts, and what is wrong in it is told in one line with its number."""
import datetime
import json

import pytest
from autograder.labs import UsageError
from classroom import course as courses
from classroom import sheet

WHOLE = """\
name = "Operating systems"
hidden = ["01.3/*", "05.4/*"]

[late]
grace_minutes = 15
percent_per_day = 10
maximum_percent = 50

[lab.01]
due = 2026-11-30T23:59:00Z
weight = 20

[lab.05-epoll]
due = 2026-12-14T23:59:00+01:00
"""


def written(tmp_path, text):
    path = tmp_path / "course.toml"
    path.write_text(text)
    return path


def record(points=100, submitted="", **more):
    check = {"id": "01.1/x", "title": "x", "outcome": "passed", "score": points, "max_score": 100}
    steps = [{"id": "01.1", "title": "", "score": points, "max_score": 100, "checks": [check]}]
    return {
        "schema": sheet.SCHEMA,
        "lab": "01-blocking-echo",
        "score": points,
        "max_score": 100,
        "seconds": 1,
        "steps": steps,
        "measurements": {},
        "environment": {},
        "submitted": submitted,
        **more,
    }


def test_all_of_it_is_read(tmp_path):
    course = courses.load(written(tmp_path, WHOLE))
    assert course.name == "Operating systems"
    assert (course.weight("01-blocking-echo"), course.weight("05-epoll")) == (20, 100)
    assert course.due("05-epoll").isoformat() == "2026-12-14T23:59:00+01:00"
    assert course.hides("01.3/dies") and not course.hides("01.1/dies")
    assert course.late.grace == datetime.timedelta(minutes=15)


def test_without_a_file_everything_counts_and_nothing_is_late():
    course = courses.load()
    made = sheet.make(record(80, "2036-01-01T00:00:00Z"), course)
    assert (made.raw, made.penalty, made.score, made.maximum) == (8000, 0, 8000, 10000)
    assert not course.hides("01.1/x")


@pytest.mark.parametrize(
    "submitted, days, score",
    [
        ("", 0, 2000),  # unknown
        ("2026-11-01T00:00:00Z", 0, 2000),
        ("2026-12-01T00:14:00Z", 0, 2000),  # the last second of the grace
        ("2026-12-01T00:14:01Z", 1, 1800),
        ("2026-12-01T01:14:01+01:00", 1, 1800),  # the same moment elsewhere
        ("2026-12-02T00:14:00Z", 1, 1800),
        ("2026-12-02T00:14:01Z", 2, 1600),
        ("2027-06-01T00:00:00Z", 182, 1000),  # never more than the maximum
    ],
)
def test_lateness_counts_started_days_after_the_grace(tmp_path, submitted, days, score):
    made = sheet.make(record(100, submitted), courses.load(written(tmp_path, WHOLE)))
    assert (made.days_late, made.score, made.raw) == (days, score, 2000)


def test_lateness_comes_from_the_record_and_never_from_the_clock(tmp_path):
    course = courses.load(written(tmp_path, WHOLE.replace("2026-11-30", "2001-11-30")))
    assert sheet.make(record(100), course).days_late == 0
    early = record(100, "2001-01-01T00:00:00Z")
    assert sheet.make(early, course) == sheet.make(json.loads(json.dumps(early)), course)


@pytest.mark.parametrize("late", ['late = "none"', "[late]", ""])
def test_no_rule_for_lateness(tmp_path, late):
    course = courses.load(written(tmp_path, f"{late}\n[lab.01]\ndue = 2001-01-01T00:00:00Z\n"))
    assert sheet.make(record(100, "2026-01-01T00:00:00Z"), course).penalty == 0


@pytest.mark.parametrize(
    "text, line, words",
    [
        ("name = \n", 1, "Invalid value"),
        ("name = 3\n", 1, "text in quotes"),
        ('nmae = "x"\n', 1, "nmae"),
        ('name = "x"\n\n[lab.99]\n', 3, "no lab `99`"),
        ("[lab.01]\nweight = 1.5\n", 2, "whole number"),
        ("[lab.01]\nweight = true\n", 2, "whole number"),
        ("[lab.01]\nweight = 0\n", 2, "from 1 to"),
        ("[lab.02]\n[lab.01]\n\nweigth = 3\n", 4, "weigth"),
        ("[lab.01]\ndue = 2026-11-30\n", 2, "date with a time"),
        ("[lab.01]\ndue = 2026-11-30T23:59:00\n", 2, "offset"),
        ('[lab.01]\ndue = "2026-11-30T23:59:00Z"\n', 2, "without quotes"),
        ("[lab.1]\n\n[lab.01]\n", 3, "another table"),
        ("[late]\npercent_per_day = 101\n", 2, "from 0 to 100"),
        ("[late]\ngrace_minutes = -1\n", 2, "from 0"),
        ("late = 3\n", 1, '"none" or a table'),
        ('hidden = "01.1/*"\n', 1, "a list"),
        ('hidden = [\n "01.1/*",\n "01.9/*",\n]\n', 3, "`01.9/*` fits no check"),
        ("hidden = [3]\n", 1, "must be text"),
        ("lab = 3\n", 1, "a table"),
        ("[lab]\n01 = 3\n", 2, "a table"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path, text, line, words):
    path = written(tmp_path, text)
    with pytest.raises(UsageError) as error:
        courses.load(path)
    told = str(error.value)
    assert words in told and "\n" not in told
    assert f"{path}:{line}:" in told or f"(at line {line}," in told, told


@pytest.mark.parametrize("data", [b"\xff", None])
def test_a_file_that_cannot_be_read(tmp_path, data):
    path = tmp_path / "course.toml"
    path.mkdir() if data is None else path.write_bytes(data)
    with pytest.raises(UsageError, match="course.toml"):
        courses.load(path)
