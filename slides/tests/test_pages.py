"""Every slide, opened in Chromium, keeps what it shows inside its frame."""
import pytest
import rendering

from conftest import DECKS

FRONT = "---\nmarp: true\ntheme: asynclab\n---\n"


@pytest.mark.parametrize("deck", DECKS, ids=lambda deck: deck.stem)
def test_nothing_leaves_its_slide(deck, pages):
    assert rendering.outside(pages / deck.name) == []


@pytest.mark.parametrize("deck", DECKS, ids=lambda deck: deck.stem)
def test_a_page_needs_no_network(deck, pages):
    text = (pages / deck.with_suffix(".html").name).read_text()
    assert not [
        word for word in ('src="http', "url(http", '@import "http', "url('http") if word in text
    ]


@pytest.mark.parametrize(
    "body, told",
    [
        ("# Long\n\n" + "- a line that stands here\n" * 20, "a line that stands here"),
        ("# Wide\n\n```cpp\n" + "int wide_" + "x" * 150 + ";\n```\n", "pre"),
        ("# No picture\n\n![gone](figures/gone.svg)\n", "no picture"),
    ],
    ids=["too_long", "too_wide", "no_picture"],
)
def test_a_fault_is_found(body, told, tmp_path):
    if reason := rendering.missing():
        pytest.skip(reason)
    deck = tmp_path / "made-up.md"
    deck.write_text(f"{FRONT}# Fits\n\nbriefly\n\n---\n\n{body}")
    rendering.render([deck])
    found = rendering.outside(deck)
    assert any(told in line for line in found) or told == "pre" and found, found
    assert all(line.startswith("slide 2:") for line in found), found
