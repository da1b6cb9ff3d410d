"""Every export is read by the rules of the grader that will read it (consumers.py): real gradings
of lab 01, and records that are as awkward as they can be."""
import copy
import dataclasses
import json
import os
import re
import shutil
import subprocess

import pytest
from autograder import labs, mutants
from autograder.engine import Grading
from autograder.failure import CannotJudge, Lacking
from autograder.machine import KIT
from classroom import course as courses
from classroom import export, sheet, view
from consumers import CONSUMERS, gradebook

LAB = labs.find("01")
HOSTILE = "=cmd()|' /C calc'!A0"
RAW = "\x1b[2J\x00\x07\u202e\ud800\ufffe]]>\r<script>&"
UNSCORED = ("autolab", "classroom50")  # they demand a number: nothing is written without one
HIDING = courses.Course(hidden=("01.3/*", "*/answers_every_fragment"))
LATE = courses.Course(
    late=courses.Late(percent=10, maximum=50),
    dues={LAB.name: courses.moment("2026-11-30T23:59:00Z")},
    weights={LAB.name: 7},
)


def graded(tree, unjudged="", reason=Lacking):
    """A grading in which one check raises `reason`."""

    def unable(bench):
        raise reason("this machine forbids it: allow it")

    grading = Grading(LAB, tree)
    for outcome in grading.result.outcomes.values():
        if outcome.check.id == unjudged:
            outcome.check = dataclasses.replace(outcome.check, run=unable)
    return grading.run().as_json()


def owned(told, **more):
    about = {"student": "ada@example.org", "shown": "Lovelace, Ada", "attempts": [], "ignored": []}
    return {**told, **about, "submitted": "2026-12-01T12:00:00Z", "sentence": "", **more}


@pytest.fixture(scope="session")
def real():
    """Records of gradings that took place: name -> record."""
    mutant = next(m for m in mutants.load(LAB) if m.name == "dies_of_sigpipe")
    unjudged = "01.1/answers_every_fragment"
    return {
        "solution": owned(graded("solutions")),
        "skeleton": owned(graded("labs")),
        "mutant": owned(graded(str(mutant.materialise()), unjudged)),
    }


@pytest.fixture(scope="session")
def unclear():
    """The record of a grading in which one check could not be judged: nobody knows its score."""
    return owned(graded("solutions", "01.1/answers_every_fragment", CannotJudge))


def checks(record):
    return [check for step in record["steps"] for check in step["checks"]]


def awkward(name, solution):
    """A record made from that of the solution."""
    made = copy.deepcopy(solution)
    if name == "zero checks":
        made |= {"steps": [], "score": 0, "max_score": 0}
    elif name == "rejected":
        made |= {"steps": [], "score": 0, "verdict": "REJECTED", "sentence": "`../x` is refused"}
    elif name == "null score":
        made |= {"score": None, "max_score": None, "verdict": "HARNESS_ERROR"}
    elif name == "null score, zero checks":
        made |= {"score": None, "max_score": None, "steps": [], "verdict": "SKIPPED"}
    elif name == "hostile name":
        made |= {"student": "=1+1@x", "shown": HOSTILE, "submitted": ""}
    else:
        text = RAW if name == "control characters" else "x" * 2_000_000
        for check in checks(made):
            check |= {"outcome": "failed", "score": 0, "saw": text, "means": text, "read": text}
            check["transcript"] = [text]
        made |= {"score": 0, "sentence": text, "shown": RAW}
    return made


AWKWARD = [
    "zero checks",
    "rejected",
    "null score",
    "null score, zero checks",
    "hostile name",
    "control characters",
    "2 MB transcript",
]
EVERY = pytest.mark.parametrize("name", export.FORMATS)
VIEWS = pytest.mark.parametrize("who", export.VIEWS)


@EVERY
@VIEWS
@pytest.mark.parametrize("course", [courses.Course(), HIDING, LATE], ids=["", "hiding", "late"])
def test_real_gradings_are_accepted(name, who, course, real):
    for record in real.values():
        CONSUMERS[name](export.text(name, [record], course, who))


@EVERY
@VIEWS
@pytest.mark.parametrize("kind", AWKWARD)
def test_awkward_records_are_accepted(name, who, kind, real):
    record = awkward(kind, real["solution"])
    unjudged = "null" in kind or kind == "zero checks"
    if unjudged and name in UNSCORED:
        with pytest.raises(export.NoScore):
            export.text(name, [record], HIDING, who)
        return
    told = export.text(name, [record], HIDING, who)
    CONSUMERS[name](told)
    assert not set(told) & set("\x1b\x00\x07\u202e\ud800\ufffe\r")
    assert len(told) < 1_500_000 or name == "json" or name == "junit"


@EVERY
def test_scores_agree(name, real):
    """Whole, skeleton, half: the formats that hold a score hold the same."""
    for kind, percent in (("solution", 100), ("skeleton", 0)):
        found = score(name, export.text(name, [real[kind]], courses.Course()))
        assert found is None or found == percent
    made = sheet.make(real["mutant"])
    assert 0 < made.score < made.maximum == 10000
    found = score(name, export.text(name, [real["mutant"]], courses.Course()))
    assert found is None or round(found * 100) == made.score


@EVERY
@VIEWS
@pytest.mark.parametrize("course", [courses.Course(), HIDING, LATE], ids=["", "hiding", "late"])
def test_what_was_not_judged_has_no_score(name, who, course, unclear):
    """One check that another run may judge leaves the whole without a number, in every view."""
    assert unclear["score"] is None and unclear["verdict"] == "INCONCLUSIVE"
    made = sheet.make(unclear, course, who)
    assert (made.raw, made.score, made.penalty) == (None, None, None)
    assert all(line.score is None and line.maximum is None for line in made.lines)
    if name in UNSCORED:
        with pytest.raises(export.NoScore):
            export.text(name, [unclear], course, who)
        return
    told = CONSUMERS[name](export.text(name, [unclear], course, who))
    if name == "json":
        assert told["score"] is None and told.get("hidden", {"score": None})["score"] is None
    elif name == "csv":
        assert told[0]["score"] == told[0]["raw_score"] == ""
    elif name == "gradescope":
        assert told["extra_data"]["judged"] is False
    elif name == "prairielearn":
        assert told["gradable"] is False


@EVERY
def test_lateness_is_taken_off_once(name, real):
    """7 points, 10 % off for the day that has begun: 6.3."""
    found = score(name, export.text(name, [real["solution"]], LATE))
    if found is not None:
        assert round(found, 6) == (90 if name == "prairielearn" else 6.3)


def score(name, text):
    """The score that a consumer finds, in points; None in a format without one."""
    told = CONSUMERS[name](text)
    return {
        "csv": lambda: float(told[0]["score"]),
        "gradescope": lambda: told["score"],
        "prairielearn": lambda: told["score"] * 100,
        "autolab": lambda: sum(told.values()),
        "classroom50": lambda: told["score"] / 100,
        "github": lambda: told["total"],
    }.get(name, lambda: None)()


@pytest.mark.parametrize("points", [0, 1, 33, 50, 99, 100])
@pytest.mark.parametrize("weight", [1, 3, 7, 100, 250])
@pytest.mark.parametrize("neutral", [0, 1, 3])
def test_lines_sum_up_to_the_total(points, weight, neutral, real):
    """Also where checks count for nothing, so that the maximum divides no more."""
    record = copy.deepcopy(real["solution"])
    for at, check in enumerate(checks(record)):
        if at < neutral:
            check |= {"outcome": "cannot_judge", "score": 0}
        elif (at * 37) % 100 >= points:
            check |= {"outcome": "failed", "score": 0}
    record |= view.total(checks(record))
    course = dataclasses.replace(LATE, weights={LAB.name: weight}, hidden=HIDING.hidden)
    for who in export.VIEWS:
        made = sheet.make(record, course, who)
        assert sum(line.maximum or 0 for line in made.lines) == made.maximum == weight * 100
        assert sum(line.score or 0 for line in made.lines) == made.raw
        assert sum(line.score or 0 for line in made.late_lines()) == made.score
        assert all((line.score or 0) <= (line.maximum or 0) for line in made.late_lines())
    assert sheet.make(record, course, "student").score == sheet.make(record, course).score


# -- hidden checks -----------------------------------------------------------------------------------
def failing(record):
    """The record, all hidden checks failed with words that must not get out."""
    made = copy.deepcopy(record)
    for check in checks(made):
        if HIDING.hides(check["id"]):
            check |= {"outcome": "failed", "score": 0, "saw": "SECRET saw", "means": "SECRET means"}
            check |= {"read": "SECRET read", "transcript": ["SECRET"], "where": ["SECRET"]}
            check |= {"verdict": "CRASH(SIGSEGV)"}
    seen = next(check for check in checks(made) if not HIDING.hides(check["id"]))
    hidden = [check["id"] for check in checks(made) if HIDING.hides(check["id"])]
    seen |= {"outcome": "not_run", "score": 0, "saw": f"not run, because {hidden[0]} failed"}
    made |= view.total(checks(made))
    made |= {"verdict": "CRASH(SIGSEGV)", "sentence": "SECRET: it crashed", "attempts": hidden}
    return made | {"measurements": {"secret_of_the_hidden_one": 1}}


@EVERY
@pytest.mark.parametrize("unjudged", [False, True])
def test_hidden_checks_never_reach_a_student(name, unjudged, real):
    record = failing(real["solution"])
    if unjudged:
        record |= {"score": None, "max_score": None, "verdict": "INCONCLUSIVE"}
        if name in UNSCORED:
            return
    told = json.dumps(
        CONSUMERS[name](export.text(name, [record], HIDING, "student")), default=text_of
    )
    hidden = [check for check in checks(record) if HIDING.hides(check["id"])]
    names = [check["id"].split("/")[1] for check in hidden]
    assert len(names) > 3
    for word in ["SECRET", "secret", "SIGSEGV", *names, *(check["title"] for check in hidden)]:
        assert word not in told, word


def text_of(element):
    import xml.etree.ElementTree as xml

    return xml.tostring(element, "unicode")


@pytest.mark.parametrize("name", ["gradescope", "prairielearn", "junit", "check50", "exercism"])
def test_a_student_sees_their_sum(name, real):
    told = export.text(name, [real["solution"]], HIDING, "student")
    points = sum(
        check["max_score"] for check in checks(real["solution"]) if HIDING.hides(check["id"])
    )
    assert f"hidden checks: {points} of {points} points" in told


def test_gradescope_keeps_hidden_tests_from_students(real):
    told = json.loads(export.text("gradescope", [real["solution"]], HIDING, "instructor"))
    hidden = {t["name"].split(":")[0] for t in told["tests"] if t["visibility"] == "hidden"}
    assert hidden == {c["id"] for c in checks(real["solution"]) if HIDING.hides(c["id"])}


def test_the_record_itself_is_left_alone(real):
    before = copy.deepcopy(real["mutant"])
    for who in export.VIEWS:
        sheet.make(real["mutant"], HIDING, who)
    assert real["mutant"] == before


def test_autolab_knows_its_problems_whoever_hands_in(real):
    """The problems are those of the assessment: the same for every result of a course."""
    course = dataclasses.replace(LATE, hidden=HIDING.hidden)
    wanted = {"01-1", "01-2", "Hidden", "Late"}
    for record in real.values():
        assert set(CONSUMERS["autolab"](export.text("autolab", [record], course))) == wanted


def test_autolab_s_parser_breaks_what_the_validator_refuses():
    """A control: the trap is real in the validator."""
    with pytest.raises(ValueError):
        CONSUMERS["autolab"]('{}\n{"scores": {"Lab 3: epoll": 10}}')


def test_the_gradebook_is_no_program(real):
    names = [HOSTILE, "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1", ' "a",\n=1', "Doe, =1"]
    records = [real["solution"] | {"student": f"s{at}", "shown": n} for at, n in enumerate(names)]
    rows = gradebook(export.text("csv", records, courses.Course()))
    assert len(rows) == len(names)
    by_student = {row["student_id"]: row for row in rows}
    assert by_student["s0"]["last_name"] == "'" + HOSTILE
    assert by_student["s9"]["first_name"] == "'=1"
    assert {row["score"] for row in rows} == {"100"}


def test_the_gradebook_leaves_what_was_not_judged_empty(real):
    record = real["solution"] | {"score": None, "max_score": None, "verdict": "INCONCLUSIVE"}
    row = gradebook(export.text("csv", [record], LATE))[0]
    assert (row["score"], row["raw_score"], row["verdict"]) == ("", "", "INCONCLUSIVE")
    assert row["max_score"] == "7" and row["duedate"].startswith("2026-11-30")


# -- the command -------------------------------------------------------------------------------------
@pytest.fixture
def graded_class(tmp_path, real):
    """A directory as `grader/lab class` leaves it: three students, one without a score."""
    for student, record in {**real, "nobody": awkward("null score", real["solution"])}.items():
        place = tmp_path / "class/results" / student / "01.json"
        place.parent.mkdir(parents=True)
        place.write_text(json.dumps(record | {"student": student}))
    return tmp_path / "class"


@EVERY
def test_a_class_is_exported(name, graded_class, tmp_path, lab_command):
    ran = lab_command("export", name, str(graded_class), "--out", str(tmp_path / "out"))
    assert ran.returncode == (3 if name in UNSCORED else 0), ran.stderr
    files = [path for path in (tmp_path / "out", *(tmp_path / "out").rglob("*")) if path.is_file()]
    assert len(files) == (1 if export.module(name).MANY else 3 if name in UNSCORED else 4)
    for path in files:
        CONSUMERS[name](path.read_text())
    if name in UNSCORED:
        assert "not exported: nobody" in ran.stderr


@EVERY
def test_one_result_goes_to_stdout(name, graded_class, lab_command):
    ran = lab_command("export", name, str(graded_class / "results/mutant/01.json"))
    assert ran.returncode == 0 and not ran.stderr, ran.stderr
    CONSUMERS[name](ran.stdout)


def test_the_list_names_every_format(lab_command):
    listed = lab_command("export", "--list").stdout
    assert re.findall(r"^  (\S+)  ", listed, re.M) == [*export.FORMATS, "html", "gradescope-zip"]


def test_html_makes_the_pages_anew(graded_class, tmp_path, lab_command):
    """In the class's own directory; hidden checks stay on the instructor's page."""
    (tmp_path / "course.toml").write_text('hidden = ["01.3/*"]\n')
    ran = lab_command("export", "html", str(graded_class), "--course", tmp_path / "course.toml")
    assert (ran.returncode, ran.stdout) == (0, f"{graded_class}/index.html\n"), ran.stderr
    assert "01.3/" in (graded_class / "index.html").read_text()
    pages = {path.stem: path.read_text() for path in (graded_class / "students").iterdir()}
    assert sorted(pages) == ["mutant", "nobody", "skeleton", "solution"]
    assert all("01.2/" in page and "01.3/" not in page for page in pages.values())


def test_without_a_score_the_status_is_3(graded_class, lab_command):
    ran = lab_command("export", "autolab", str(graded_class / "results/nobody/01.json"))
    assert ran.returncode == 3 and not ran.stdout and "HARNESS_ERROR" in ran.stderr


BAD = {
    "empty.json": "",
    "list.json": "[]",
    "number.json": "3",
    "other.json": '{"schema": "other/v1"}',
    "half.json": '{"schema": "asynclab/result/v1", "lab": "01-blocking-echo"}',
    "no-lab.json": '{"schema": "asynclab/result/v1", "lab": "99-x", "score": 1, "max_score": 1}',
    "wrong.json": (
        '{"schema": "asynclab/result/v1", "lab": "01-blocking-echo", "score": "1", "max_score": 1,'
        ' "steps": []}'
    ),
    "when.json": (
        '{"schema": "asynclab/result/v1", "lab": "01-blocking-echo", "score": 1, "max_score": 1,'
        ' "steps": [], "submitted": "yesterday"}'
    ),
    "deep.json": "[" * 100_000,
}


@pytest.mark.parametrize(
    "arguments, words",
    [
        ((), "--list"),
        (("csv",), "--list"),
        (("xls", "{}"), "no format `xls`"),
        (("csv", "{}/none.json"), "no file"),
        (("csv", "{}"), "grader/lab class"),
        (("csv", "{}/list.json", "--view", "dean"), "dean"),
        (("csv", "{}/list.json", "--course", "{}/none.toml"), "No such file"),
        (("gradescope-zip", "01"), "--out"),
        (("gradescope-zip", "99", "--out", "{}/a.zip"), "no lab `99`"),
        (("gradescope-zip", "01", "--out", "/proc/a/b.zip"), "No such file"),
        (("html", "{}"), "grader/lab class"),
        (("html", "{}/list.json"), "grader/lab class"),
        (("html", "{}", "--out", "{}/pages"), "--out"),
        (("html", "{}", "--view", "student"), "--view"),
        *[(("csv", "{}/" + name), name) for name in BAD],
    ],
)
def test_wrong_usage(arguments, words, tmp_path, lab_command):
    for name, text in BAD.items():
        (tmp_path / name).write_text(text)
    ran = lab_command("export", *(argument.format(tmp_path) for argument in arguments))
    assert ran.returncode == 2 and ran.stderr.count("\n") == 1, ran.stderr
    assert ran.stderr.startswith("error: ") and words in ran.stderr, ran.stderr


def test_a_class_does_not_fit_into_one_result(graded_class, lab_command):
    ran = lab_command("export", "gradescope", str(graded_class))
    assert ran.returncode == 2 and "--out DIRECTORY" in ran.stderr


# -- the examples ------------------------------------------------------------------------------------
EXAMPLES = KIT / "grader/classroom/examples"


@pytest.fixture
def kit_beside(tmp_path):
    """A directory with the kit as asynclab/, as a platform unpacks it, and a submission."""
    (tmp_path / "asynclab").symlink_to(KIT)
    shutil.copy(KIT / "solutions" / LAB.name / LAB.files[0], tmp_path)
    return tmp_path


def test_the_example_of_a_course_is_one():
    course = courses.load(EXAMPLES / "course.toml")
    assert course.weight("05-epoll") == 40 and course.late.percent == 10


def test_the_example_for_autolab(kit_beside):
    """Its last line is read as Autolab reads it, and make adds nothing to it."""
    (kit_beside / "Makefile").write_text((EXAMPLES / "autograde-Makefile").read_text())
    (kit_beside / "empty").touch()
    command = ["tar", "cf", "autograde.tar", "empty"]
    subprocess.run(command, cwd=kit_beside, check=True)
    ran = subprocess.run(
        ["make"],
        cwd=kit_beside,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0
    assert CONSUMERS["autolab"](ran.stdout, ["01-1", "01-2", "01-3"]) == {
        "01-1": 30,
        "01-2": 30,
        "01-3": 40,
    }


def test_the_example_for_classroom50(kit_beside):
    shutil.copy(EXAMPLES / "classroom50_autograder.py", kit_beside / "autograder.py")
    environment = {**os.environ, "CLASSROOM": "c", "ASSIGNMENT": "a", "SUBMISSION_TAG": "submit/x"}
    environment |= {"COMMIT_URL": "u", "RELEASE_URL": "r", "USERNAME": "ada"}
    ran = subprocess.run(
        ["/usr/bin/python3", "autograder.py"], cwd=kit_beside, env=environment, timeout=120
    )
    told = CONSUMERS["classroom50"]((kit_beside / "result.json").read_text())
    assert ran.returncode == 0 and told["score"] == told["max-score"] == 10000
    assert (told["owner"], told["review"], told["submission"]) == ("ada", "u", "submit/x")


def test_the_example_for_github_names_what_the_reporter_wants():
    text = (EXAMPLES / "github-classroom.yml").read_text()
    assert "\nname: Autograding Tests\n" in text and "\n  run-autograding-tests:\n" in text
    assert len(re.findall(r"^  [a-z-]+:$", text.partition("\njobs:")[2], re.M)) == 1
    runner = re.search(r"runners: (\w+)", text)[1]
    assert f"id: {runner}\n" in text and f"{runner.upper()}_RESULTS:" in text
