"""Every result that is written is as result.schema.json says, also one that is half done."""
import copy
import json
import shlex
import sys

import jsonschema
import pytest
from autograder import labs, mutants, verdict
from autograder.engine import Grading
from autograder.machine import KIT

LAB = labs.find("01")
SCHEMA = json.loads((KIT / "grader/autograder/result.schema.json").read_text())
PYTHON = f"{sys.executable} {shlex.quote(str(KIT / 'grader/corpus/right/01_sockets.py'))} {{port}}"


def valid(told) -> dict:
    """As a reader gets it: written and read again."""
    told = json.loads(json.dumps(told))
    jsonschema.validate(told, SCHEMA, jsonschema.Draft7Validator)
    for holder in (told, *told["steps"], *(c for s in told["steps"] for c in s["checks"])):
        for key in ("score", "max_score"):  # 1.0 is an integer to a schema, and none to us
            assert type(holder[key]) in (int, type(None))
    return told


def broken(tmp_path):
    (tmp_path / LAB.files[0]).write_text("int main() { return x; }\n")
    return Grading(LAB, str(tmp_path))


SUBJECTS = {
    "solution": (lambda tmp_path: Grading(LAB, "solutions"), "OK", 100),
    "skeleton": (lambda tmp_path: Grading(LAB, "labs"), "PARTIAL", 0),
    "exec": (lambda tmp_path: Grading(LAB, execs={LAB.programs[0]: PYTHON}), "OK", 100),
    "compile error": (broken, "COMPILE_ERROR", 0),
    "mutant": (
        lambda tmp_path: Grading(
            LAB, next(m for m in mutants.load(LAB) if m.name == "dies_of_sigpipe").materialise()
        ),
        "CRASH",
        90,
    ),
}


@pytest.mark.parametrize("name", SUBJECTS)
def test_result_is_as_the_schema_says(name, tmp_path):
    make, word, score = SUBJECTS[name]
    grading, parts = make(tmp_path), []
    path = tmp_path / "written" / "result.json"

    def on_change(result):
        result.write(path)
        parts.append(valid(json.loads(path.read_text())))

    grading.on_change = on_change
    last = valid(grading.run().as_json())
    if last["verdict"] in verdict.NOT_JUDGED:
        pytest.skip(last["sentence"])
    assert (last["verdict"], last["score"]) == (word, score)
    assert parts[-1] == last
    assert all(part["verdict"] == "" for part in parts[:-1])
    assert name == "compile error" or len(parts) > 1  # it was written while it went on


def test_the_schema_knows_every_word():
    words = {value for name, value in vars(verdict).items() if name == value}
    assert len(words) == 22
    assert set(SCHEMA["definitions"]["verdict"]["enum"]) == words | {""}


def result() -> dict:
    return valid(Grading(LAB, "solutions").result.as_json())


def test_a_record_of_a_class_is_a_result():
    more = {"student": "a.b+c@x-y_1", "shown": "Åsa", "digest": "0" * 64, "submitted": ""}
    more |= {"source": "all.zip", "ignored": ["Makefile: not asked for"], "isolation": "a box"}
    valid(result() | more | {"attempts": [], "score": None, "max_score": None})


@pytest.mark.parametrize(
    "change",
    [
        {"score": 1.5},
        {"score": "1"},
        {"score": True},
        {"score": -1},
        {"max_score": 101},
        {"verdict": "FINE"},
        {"sentence": "two\nlines"},
        {"sentence": "\x1b[2J"},
        {"sentence": "\u202e"},
        {"student": "../../etc"},
        {"ignored": "Makefile"},
        {"marks": 3},
        {"schema": "asynclab/result/v2"},
    ],
    ids=str,
)
def test_what_is_no_result_is_refused(change):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(result() | change, SCHEMA)


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": "passed", "verdict": "WRONG"},
        {"outcome": "failed", "verdict": "OK"},
        {"outcome": "failed", "verdict": ""},
        {"outcome": "not_run", "verdict": "WRONG"},
        {"outcome": "cannot_judge", "verdict": "BUSY"},
        {"outcome": "failed", "verdict": "WRONG", "score": 5},
        {"saw": "\x00"},
        {"transcript": "a line"},
        {"extra": 1},
    ],
    ids=str,
)
def test_word_and_outcome_belong_together(change):
    told = copy.deepcopy(result())
    told["steps"][0]["checks"][0] |= change
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(told, SCHEMA)
