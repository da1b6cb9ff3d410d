"""What the graders that read our exports demand, each rule as its documentation or its parser has
it. Independent of the code that writes them; every function raises AssertionError."""
import base64
import csv
import io
import json
import math
import re
import xml.etree.ElementTree as xml

VISIBILITY = {"hidden", "after_due_date", "after_published", "visible"}
FORMATS = {"text", "html", "simple_format", "md", "ansi"}


def number(value, low=-math.inf):
    assert isinstance(value, (int, float)) and not isinstance(value, bool), value
    assert math.isfinite(value) and value >= low, value
    return value


def whole(value):
    assert isinstance(value, int) and not isinstance(value, bool) and value >= 0, value
    return value


def words(value):
    assert isinstance(value, str) and value, value
    return value


def strict_json(text: str):
    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    assert "\r" not in text
    return json.loads(text, parse_constant=refuse)


def gradescope(text: str) -> dict:
    told = strict_json(text)
    known = (
        "score execution_time output output_format test_output_format test_name_format visibility"
        " stdout_visibility extra_data tests leaderboard"
    )
    assert set(told) <= set(known.split())
    assert "score" in told or told.get("tests")
    for key in ("score", "execution_time"):
        number(told.get(key, 0))
    for key in ("output_format", "test_output_format", "test_name_format"):
        assert told.get(key, "text") in FORMATS
    for key in ("visibility", "stdout_visibility"):
        assert told.get(key, "visible") in VISIBILITY
    assert isinstance(told.get("output", ""), str)
    for test in told.get("tests", []):
        gradescope_test(test, "score" in told)
    return told


def gradescope_test(test, scored_above):
    known = "score max_score status name name_format number output output_format tags visibility"
    assert set(test) <= {*known.split(), "extra_data"}
    assert "score" in test or "status" in test or scored_above
    assert test.get("status", "passed") in ("passed", "failed")
    assert test.get("visibility", "visible") in VISIBILITY
    assert test.get("output_format", "text") in FORMATS
    for key in ("name", "number", "output"):
        assert isinstance(test.get(key, ""), str)
    for key in ("score", "max_score"):
        number(test.get(key, 0))


def prairielearn(text: str) -> dict:
    told = strict_json(text)
    assert len(text.encode()) <= 1_000_000
    if not told.get("gradable", True):
        assert told["format_errors"] and all(map(words, told["format_errors"]))
        return told
    assert number(told["score"], 0) <= 1
    assert isinstance(told.get("message", ""), str)
    for test in told.get("tests", []):
        for key in ("name", "description", "message", "output"):
            assert isinstance(test.get(key, ""), str)
        assert ("points" in test) == ("max_points" in test)
        number(test.get("points", 0)), number(test.get("max_points", 0), 0)
    return told


def autolab(stdout: str, problems=None) -> dict:
    """Autolab's parser: the last line, after it has put quotes around words before colons."""
    lines = stdout.rstrip().splitlines()
    told = strict_json(re.sub(r"([a-zA-Z0-9]+):", r'"\1":', lines[-1]))
    scores = told["scores"]
    assert isinstance(scores, dict) and scores
    for name, score in scores.items():
        assert re.fullmatch("[A-Za-z0-9 _-]+", name), name
        number(score)
    assert problems is None or set(scores) <= set(problems)
    assert all(not isinstance(value, str) for value in told.get("scoreboard", []))
    shown = strict_json(lines[-2])
    assert shown["_presentation"] == "semantic"
    for stage in shown["stages"]:
        assert all(isinstance(t["passed"], bool) for t in shown[stage].values())
    return scores


def classroom50(text: str) -> dict:
    told = strict_json(text)
    assert told["schema"] == "classroom50/result/v1"
    assert told["assignment_type"] in ("individual", "group", "team")
    for key in "classroom assignment owner submission commit release review datetime".split():
        words(told[key])
    assert told["submission"].startswith("submit/")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", told["datetime"])
    assert whole(told["score"]) <= whole(told["max-score"])
    for test in told["tests"]:
        words(test["test-name"])
        assert isinstance(test["passed"], bool)
        assert whole(test["score"]) <= whole(test["max-score"])
    if told["tests"]:
        assert sum(test["score"] for test in told["tests"]) == told["score"]
        assert sum(test["max-score"] for test in told["tests"]) == told["max-score"]
    return told


def github(text: str) -> dict:
    """What the reporter makes of it: the points of the tests of a runner with a maximum."""
    told = strict_json(base64.b64decode(text.strip(), validate=True).decode())
    assert told["version"] == 1 and told["status"] in ("pass", "fail", "error")
    for test in told["tests"]:
        words(test["name"])
        assert test["status"] in ("pass", "fail", "error")
        assert test["message"] is None or isinstance(test["message"], str)
        assert (test["test_code"], test["filename"], test["line_no"]) == ("", "", 0)
        whole(test["duration"]), number(test.get("score", 0), 0)
    if "max_score" in told:
        whole(told["max_score"])
    else:
        assert told["status"] == "error"
    assert len(text) < 128 << 10  # one variable of the environment, execve(2) MAX_ARG_STRLEN
    return told | {"total": sum(test.get("score", 0) for test in told["tests"])}


def autograding(text: str) -> dict:
    told = strict_json(text)
    for test in told["tests"]:
        words(test["name"]), words(test["run"]), whole(test["points"])
        assert isinstance(test["setup"], str) and number(test["timeout"], 0) > 0
        assert test.get("comparison", "included") in ("exact", "included", "regex")
    return told


def check50(text: str) -> dict:
    told = strict_json(text)
    words(told["slug"]), words(told["version"])
    assert ("error" in told) != ("results" in told)
    if "error" in told:
        assert set(told["error"]) == {"type", "value", "traceback", "data"}
    for result in told.get("results", []):
        keys = {"name", "description", "passed", "log", "cause", "data", "dependency"}
        assert set(result) == keys
        assert result["passed"] in (True, False, None)
        assert all(isinstance(line, str) for line in result["log"])
        assert result["cause"] is None or words(result["cause"]["rationale"])
    return told


def exercism(text: str) -> dict:
    told = strict_json(text)
    assert told["version"] == 3 and told["status"] in ("pass", "fail", "error")
    assert told["status"] != "error" or words(told["message"])
    for test in told["tests"]:
        words(test["name"])
        assert test["status"] in ("pass", "fail", "error")
        assert len(test.get("output", "")) <= 500
        assert test["status"] == "pass" or words(test["message"])
    return told


def junit(text: str):
    """The elements and attributes of the JUnit schema that viewers share, and right counts."""
    root = xml.fromstring(text.encode())
    assert root.tag == "testsuites"
    for suite in root:
        assert suite.tag == "testsuite" and words(suite.get("name"))
        for case in suite:
            assert case.tag == "testcase" and words(case.get("name"))
            words(case.get("classname")), number(float(case.get("time")), 0)
            kinds = [child.tag for child in case]
            assert set(kinds) <= {"failure", "error", "skipped", "system-out", "system-err"}
            assert sum(kind in ("failure", "error", "skipped") for kind in kinds) <= 1
            assert all(words(child.get("message")) for child in case if child.tag != "system-out")
    for element in (root, *root):
        cases = list(element.iter("testcase"))
        assert int(element.get("tests")) == len(cases)
        assert int(element.get("failures")) == sum(c.find("failure") is not None for c in cases)
        assert int(element.get("skipped")) == sum(c.find("skipped") is not None for c in cases)
    return root


def gradebook(text: str) -> list[dict]:
    """nbgrader's columns first; no cell that a spreadsheet would run; numbers are numbers."""
    columns = (
        "assignment duedate timestamp student_id last_name first_name email raw_score"
        " late_submission_penalty score max_score"
    ).split()
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0][: len(columns)] == columns
    for row in rows[1:]:
        assert len(row) == len(rows[0])
        assert not [cell for cell in row if cell[:1] and cell[0] in "=+-@\t\r\n＝＋－＠"]
        for cell in row[7:11]:
            assert cell == "" or re.fullmatch(r"\d+(\.\d{1,2})?", cell), cell
    return [dict(zip(rows[0], row)) for row in rows[1:]]


CONSUMERS = {
    "csv": gradebook,
    "json": strict_json,
    "junit": junit,
    "gradescope": gradescope,
    "prairielearn": prairielearn,
    "autolab": autolab,
    "classroom50": classroom50,
    "github": github,
    "github-autograding": autograding,
    "check50": check50,
    "exercism": exercism,
}
