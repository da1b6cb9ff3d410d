"""What every deck keeps to: one claim a slide as its title, notes, pictures with words, no pasted code."""
import re

import pytest
from include import INCLUDE, KIT, resolve
from rendering import DECKS

LABS = {lab.name for lab in (KIT / "labs").iterdir() if lab.is_dir()}
every_deck = pytest.mark.parametrize("deck", DECKS, ids=lambda deck: deck.stem)


def slides(deck):
    """The slides of a deck as text, without the front matter."""
    _, front, body = re.split(r"^---$", deck.read_text(), maxsplit=2, flags=re.MULTILINE)
    assert "marp: true" in front and "paginate: true" in front and "theme: asynclab" in front
    return re.split(r"^---$", body, flags=re.MULTILINE)


def notes(slide):
    """The comment for the speaker: neither an include nor a directive such as `_class: lead`."""
    comments = re.findall(r"<!--(.*?)-->", slide, re.DOTALL)
    return [text for text in comments if not re.match(r"\s*(include|_?\w+):", text)]


@every_deck
def test_a_deck_has_the_name_of_its_lab(deck):
    assert deck.stem in LABS | {"00-overview"}


@every_deck
def test_every_include_resolves_and_is_short(deck):
    resolve(deck.read_text())


@every_deck
def test_every_slide_has_one_title_and_notes(deck):
    for number, slide in enumerate(slides(deck), start=1):
        titles = re.findall(r"^# (.+)$", slide, re.MULTILINE)
        assert len(titles) == 1, f"{deck.name}, slide {number}: {titles}"
        told = notes(slide)
        assert len(told) == 1 and len(told[0].split()) >= 12, f"{deck.name}, slide {number}"
        assert re.match(
            r"\s*\d+ min\.", told[0]
        ), f"{deck.name}, slide {number}: no time in the notes"


@every_deck
def test_titles_are_not_said_twice(deck):
    titles = [re.search(r"^# (.+)$", slide, re.MULTILINE)[1] for slide in slides(deck)]
    assert len(titles) == len(set(titles))


@every_deck
def test_every_picture_exists_and_has_words(deck):
    for words, path in re.findall(r"!\[([^\]]*)\]\(([^)\s]+)\)", deck.read_text()):
        told = re.sub(r"\b[wh]:\S+|\bbg\b", "", words).strip()
        assert (
            len(told.split()) >= 8
        ), f"{deck.name}: {path} needs an alternative text, not {told!r}"
        assert (deck.parent / path).is_file(), f"{deck.name}: there is no {path}"
    assert "<img" not in deck.read_text(), "a picture in Markdown has its alternative text checked"


@every_deck
def test_no_code_of_the_labs_is_pasted(deck):
    text = re.sub(INCLUDE, "", deck.read_text())
    fences = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    for language, code in fences:
        assert language in ("sh", "text", "console"), f"{deck.name}: include this: {code[:60]!r}"
        assert len(code.splitlines()) <= 15 and not re.search(r"[;{]\s*$", code, re.MULTILINE), code


def test_the_readme_knows_every_deck_and_how_long_it_takes():
    text = (KIT / "slides/README.md").read_text()
    rows = re.findall(r"^\| \[(\S+?)\]\(\S+\).*\| (\d+) \| (\d+) \|$", text, re.MULTILINE)
    expected = []
    for deck in DECKS:
        minutes = re.findall(r"<!--\s*(\d+) min\.", deck.read_text())
        expected.append((deck.stem, str(len(slides(deck))), str(sum(map(int, minutes)))))
    assert rows == expected
