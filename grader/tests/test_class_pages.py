"""The pages of a graded class, opened in Chromium from file:// without a network."""
import json
import pathlib
import random
import shutil
import subprocess
import urllib.parse

import class_samples
import pytest
from autograder.machine import KIT
from classroom.report import pages, similarity

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SCRIPT = pathlib.Path(__file__).with_name("class_pages.js")
EVIL = "<script>alert(1)</script>"
NASTY = [
    EVIL,
    "</pre></li></ol><img src=x onerror=alert(1)>",
    "\x1b[31mred\x00\u202edesrever",
    "'\"&",
]
LIMIT = 240  # seconds; it takes about twenty


def missing() -> str:
    """Empty when pages can be opened here, else what is missing and how to get it."""
    for name, there in (
        ("node", shutil.which("node")),
        ("playwright-core", (KIT / "slides/node_modules/playwright-core").is_dir()),
        ("Chromium", any(map(shutil.which, BROWSERS))),
    ):
        if not there:
            return f"{name} is missing: `make slides` installs it"
    return ""


def nasty():
    """A record whose every text wants to be markup."""
    made = class_samples.record("evil", "01", 0, shown=EVIL, sentence=EVIL, attempts=NASTY)
    for check in (check for step in made["steps"] for check in step["checks"]):
        check |= {"outcome": "failed", "verdict": EVIL, "transcript": NASTY * 3, "saw": NASTY[1]}
        check |= {
            "last_words": NASTY,
            "where": NASTY,
            "means": NASTY[2],
            "replay": EVIL,
            "title": EVIL,
        }
    return made | {"ignored": NASTY, "isolation": EVIL, "source": EVIL, "submitted": EVIL}


@pytest.fixture(scope="session")
def graded(tmp_path_factory):
    """DIR of a class: forty students, one of them hostile, some without a score."""
    random.seed(1)
    directory = tmp_path_factory.mktemp("class")
    for n in range(40):
        for lab in ("01", "05"):
            class_samples.keep(directory, class_samples.record(f"s{n}", lab, random.random()))
    unjudged = {"score": None, "max_score": None, "steps": []}
    for n, verdict in enumerate(("INCONCLUSIVE", "HARNESS_ERROR", "REJECTED")):
        record = class_samples.record(
            f"x{n}", "01", verdict=verdict, sentence="why it is", **unjudged
        )
        class_samples.keep(directory, record)
    class_samples.keep(directory, nasty())
    pair = similarity.Pair("s1", "evil", 91, (similarity.Region((EVIL, 1, 9), ("b", 1, 9)),))
    similarity.store(directory, {"01-blocking-echo": [pair]})
    pages.write(directory)
    return directory


@pytest.fixture(scope="session")
def opened(graded):
    """What Chromium saw: {"looks": a dict a page, width and colour scheme, "keyboard": ...}."""
    if reason := missing():
        pytest.skip(reason)
    browser = next(filter(None, map(shutil.which, BROWSERS)))
    shown = ["index.html", "students/s1.html", "students/evil.html", "students/x1.html"]
    done = subprocess.run(
        ["node", SCRIPT, browser, graded, *shown], capture_output=True, text=True, timeout=LIMIT
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def where(look):
    return look["page"], look["width"], look["colorScheme"]


def test_pages_load_nothing_and_say_nothing_to_the_console(opened):
    assert len(opened["looks"]) == 4 * 3 * 2
    for look in opened["looks"]:
        assert look["errors"] == [] and len(look["requests"]) == 1, where(look)
        assert look["requests"][0].startswith("file://")


def test_no_page_is_wider_than_its_window(opened):
    for look in opened["looks"]:
        assert look["overflow"] <= 0, where(look)


def test_text_has_enough_contrast_in_both_schemes(opened):
    for look in opened["looks"]:
        assert look["contrast"]["ratio"] >= 4.5, (where(look), look["contrast"])
        dark = look["background"] != "rgb(255, 255, 255)"
        assert dark == (look["colorScheme"] == "dark")


def test_pages_have_language_title_headings_and_scopes(opened):
    for look in opened["looks"]:
        assert look["lang"] == "en" and look["title"].startswith("asynclab: ")
        headings = look["headings"]
        assert headings[0] == 1 and headings.count(1) == 1 and look["unscoped"] == 0, where(look)
        assert all(b - a <= 1 for a, b in zip(headings, headings[1:])), (where(look), headings)


def test_links_lead_to_pages_that_are_there(opened):
    for look in opened["looks"]:
        assert look["dead"] == [], where(look)
        for link in look["links"]:
            parts = urllib.parse.urlsplit(link)
            path = pathlib.Path(urllib.parse.unquote(parts.path))
            assert parts.scheme == "file" and path.is_file(), link
            assert not parts.fragment or f'id="{parts.fragment}"' in path.read_text(), link


def test_what_strangers_wrote_is_inert(opened, graded):
    assert not any(look["alerted"] for look in opened["looks"])
    scripts = {look["page"]: look["scripts"] for look in opened["looks"]}
    assert scripts.pop("index.html") == 1 and set(scripts.values()) == {0}
    for page in ("students/evil.html", "index.html"):
        text = (graded / page).read_text()
        assert EVIL not in text and "<img" not in text and "&lt;script&gt;alert(1)" in text
        assert not set(text) & set("\x00\x1b\u202e")
    assert "\\x1b[31mred\\x00\\u202e" in (graded / "students/evil.html").read_text()


def test_the_class_is_sorted_and_filtered_by_keyboard(opened):
    named, failing, everybody, rising, falling, check = opened["keyboard"]
    assert named["live"] == "polite" and named["told"] == "11 of 44 students"
    assert all(name.startswith("Student s1") for name in named["names"])
    assert set(failing["names"]) < set(named["names"]) and "p" not in failing["checks"]
    assert len(everybody["names"]) == 44 and everybody["ring"] == "solid"
    for seen, descending in ((rising, False), (falling, True)):
        points = [float(p) for p in seen["points"] if p]
        assert points == sorted(points, reverse=descending) and len(set(points)) > 3
        assert seen["sort"][2] == ("descending" if descending else "ascending")
        assert f"sorted by points, {seen['sort'][2]}" in seen["told"]
    assert check["sort"][3] == "ascending" and check["sort"][2] is None and check["ring"] == "solid"
    assert check["checks"] == sorted(check["checks"], key="funp".index)


def test_what_needs_a_look_is_listed_with_its_cause(graded):
    text = (graded / "index.html").read_text()
    attention = text[text.index('id="attention"') : text.index('id="students"')]
    for verdict in ("INCONCLUSIVE", "HARNESS_ERROR", "REJECTED"):
        assert f"<strong>{verdict}</strong>: 1" in attention
    assert "91 %" in text and "no proof" in text and class_samples.ISOLATION in text
