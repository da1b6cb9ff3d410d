"""What the pages of a class say, and what they keep to themselves."""
import random
import re

import class_samples
import pytest
from classroom import reader, view
from classroom.course import Course
from classroom.report import attention, pages, student

HIDDEN = ("05.3/*", "05.2/echoes_what_was_sent")
COURSE = Course(hidden=HIDDEN)


def checks(record):
    return [check for step in record["steps"] for check in step["checks"]]


def secret_texts(record):
    """All that hidden checks say in a record."""
    for check in checks(record):
        if COURSE.hides(check["id"]):
            yield from (check["id"], check["id"].split("/")[1], check["title"], check["saw"])
            yield from (check["means"], *check["transcript"], *check["where"], check["replay"])


def telling(number="05", chance=0.0):
    """A record whose every failure says something of its own."""
    made = class_samples.record("s1", number, chance)
    for check in checks(made):
        if check["outcome"] == "failed":
            told = f"the message of {check['title']}"
            check |= {"saw": told, "means": f"cause: {told}", "transcript": [f"line: {told}"]}
            check |= {"where": [f"stuck: {told}"]}
    return made


@pytest.mark.parametrize("seed", range(8))
def test_a_students_page_has_no_byte_of_a_hidden_check(tmp_path, seed):
    random.seed(seed)
    record = telling(chance=seed / 8)
    hidden = [check for check in checks(record) if COURSE.hides(check["id"])]
    hidden[0] |= {
        "outcome": "failed",
        "verdict": "CRASH",
        "saw": "it died of signal 11 there",
        "score": 0,
    }
    record["verdict"], shown = "CRASH", [check for check in checks(record) if check not in hidden]
    record["sentence"] = f"{hidden[0]['id']} expects: {hidden[0]['title']} {hidden[0]['saw']}"
    record["attempts"] = [
        f"{hidden[-1]['id']}: the machine was busy",
        "05.1/x: the machine was busy",
    ]
    record["measurements"] = {"idle_demand": 0.5, "bytes_of_a_stalled_reader": 7}
    shown[-1] |= {"outcome": "not_run", "saw": f"not run, because {hidden[0]['id']} failed"}
    pages.write(class_samples.keep(tmp_path, record), COURSE)
    page = (tmp_path / "students/s1.html").read_text()
    for text in filter(None, secret_texts(record)):
        assert str(pages.inert(text)) not in page and text.replace("'", "&#39;") not in page
    assert "05.1/x: the machine was busy" in page and "05.3" not in page
    assert "stalled reader" not in page and "0.50" in page
    assert "CRASH" not in page, "the verdict was that of a hidden check"
    score, most = view.total(hidden).values()
    assert page.count(f"hidden checks: {score} of {most} points") == 1
    assert hidden[0]["id"] in (tmp_path / "index.html").read_text()


def test_without_hidden_checks_everything_is_shown(tmp_path):
    record = telling()
    pages.write(class_samples.keep(tmp_path, record))
    page = (tmp_path / "students/s1.html").read_text()
    assert all(check["id"] in page for check in checks(record)) and "hidden checks" not in page


def test_a_sentence_that_names_a_shown_check_stays():
    record = telling()
    shown = checks(record)[0]
    record["sentence"] = f"{shown['id']}: {shown['saw']}"
    assert view.for_student(record, COURSE)["sentence"] == record["sentence"]


def test_a_compiler_error_is_told_whatever_is_hidden():
    record = telling() | {"verdict": "COMPILE_ERROR", "sentence": "line 3: expected `;`"}
    for check in checks(record):
        check |= {"outcome": "not_run", "saw": "not compiled"}
    seen = view.for_student(record, COURSE)
    assert (seen["verdict"], seen["sentence"]) == ("COMPILE_ERROR", "line 3: expected `;`")


@pytest.mark.parametrize("course", [Course(), COURSE], ids=["", "hiding"])
def test_nobody_hears_of_who_handed_in_the_same(course):
    record = telling() | {"same_as": "bob"}
    record["attempts"] = ["05.1/x was run again, alone: passed", "graded as part of bob's: died"]
    seen = view.for_student(record, course)
    assert "same_as" not in seen and seen["attempts"] == record["attempts"][:1]
    assert "bob" in record["attempts"][1] and record["same_as"] == "bob"


def test_hidden_checks_of_a_record_without_a_score_have_none(tmp_path):
    record = telling() | {"score": None, "max_score": None, "verdict": "INCONCLUSIVE"}
    assert view.for_student(record, COURSE)["hidden"]["score"] is None
    pages.write(class_samples.keep(tmp_path, record), COURSE)
    assert "hidden checks: not judged" in (tmp_path / "students/s1.html").read_text()


def test_commands_work_in_the_students_own_copy():
    record = telling()
    checks(record)[0][
        "replay"
    ] = "grader/lab grade 05 --from /tmp/job-17/tree --check 05.1/x --seed 7"
    seen = checks(view.for_student(record, Course()))[0]["replay"]
    assert seen == "grader/lab grade 05 --check 05.1/x --seed 7"


def test_a_broken_record_is_told_and_stops_nobody(tmp_path):
    class_samples.keep(tmp_path, class_samples.record("s1", "01"), class_samples.record("s2", "01"))
    (tmp_path / "results/s1/01.json").write_text('{"lab": "01-bl')
    pages.write(tmp_path)
    page = (tmp_path / "students/s1.html").read_text()
    assert "HARNESS_ERROR" in page and "s1/01.json is no record" in page
    assert (tmp_path / "students/s2.html").exists()


def test_pages_are_made_from_records_alone_and_again_the_same(tmp_path):
    class_samples.keep(tmp_path, *(class_samples.record(f"s{n}", "01") for n in range(3)))
    first = pages.write(tmp_path).read_bytes()
    assert pages.write(tmp_path).read_bytes() == first
    assert sorted(p.name for p in tmp_path.iterdir()) == ["index.html", "results", "students"]


def test_white_box_points_without_behaviour_are_noticed():
    record = class_samples.record("s1", "05", 1.0)
    for check in checks(record):
        if check["id"] not in attention.whitebox_ids("05-epoll"):
            check |= {"outcome": "failed", "score": 0, "saw": "nothing came back"}
    assert attention.only_whitebox(record) == 25
    for check in checks(record):  # whoever has only written the first step is no suspect
        if check["outcome"] == "failed":
            check["saw"] = "TODO(05.2) is still to be written"
    assert attention.only_whitebox(record) == 0
    assert attention.only_whitebox(class_samples.record("s1", "05", 1.0)) == 0


def test_identical_submissions_are_noticed_once_each(tmp_path):
    same = {"digest": "d" * 64}
    class_samples.keep(tmp_path, *(class_samples.record(s, "01", **same) for s in "abc"))
    class_samples.keep(tmp_path, class_samples.record("d", "01"))
    class_samples.keep(tmp_path, class_samples.record("e", "01", verdict="NO_SUBMISSION", **same))
    by_lab = {"01-blocking-echo": [r for some in reader.load(tmp_path).values() for r in some]}
    group = next(g for g in attention.found(by_lab) if g["title"] == "Identical submissions")
    ((same_files, _),) = group["items"]
    assert [record["student"] for record in same_files] == ["a", "b", "c"]


def demanding(demand, saw=""):
    check = {"id": "05.2/x", "outcome": "failed" if saw else "passed", "saw": saw}
    return {"measurements": {"idle_demand": demand, "memory": 7}, "steps": [{"checks": [check]}]}


def test_demand_is_drawn_between_its_controls():
    bars = student.demands(demanding(0.25))
    assert [cpus for _, cpus, _, _ in bars] == [0.0, 0.25, 1.0]
    assert [width for _, _, width, _ in bars] == [0.6, 25.0, 100.0]
    crowd = student.demands(demanding(4.0))
    assert [bar[2] for bar in crowd] == [0.6, 100.0, 25.0] and "spins" in student.says(crowd)
    assert student.demands(demanding(0.0) | {"measurements": {}}) == []


def test_a_server_that_sleeps_only_sometimes_is_not_said_to_sleep():
    saw = "0.99 CPUs were in demand for 1.0 s while a thousand clients were silent"
    bars = student.demands(demanding(0.0, saw))
    assert ("this server while a thousand clients were silent", 0.99, 99.0, "bar") in bars
    assert "spins" in student.says(bars)


@pytest.mark.parametrize(
    "text, shown",
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("a\u202eb", "a\\u202eb"),
        ("\ud800", "\\ud800"),
        ("Zoë\n\t日本", "Zoë\n\t日本"),
    ],
)
def test_characters_that_act_unseen_are_shown(text, shown):
    assert pages.inert(text) == shown


def test_a_large_class_makes_a_small_page(tmp_path):
    """300 students, three labs: a cell of the matrix takes few bytes, for there are
    tens of thousands of them."""
    made = [class_samples.record("s", number, 0.8) for number in ("02", "05", "06")]
    for n in range(300):
        class_samples.keep(tmp_path, *(record | {"student": f"s{n}"} for record in made))
    text = pages.write(tmp_path).read_text()
    cells = sum(300 * len(checks(record)) for record in made)
    assert len(re.findall(r"<td class=[pfnu]>", text)) == cells > 300 * 90
    assert len(text.encode()) < 30 * cells + 1000 * 300
