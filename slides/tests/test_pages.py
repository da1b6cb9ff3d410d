"""Every slide, opened in Chromium, keeps what it shows inside its frame."""
import pytest
import rendering
from include import resolve
from rendering import DECKS

FRONT = "---\nmarp: true\ntheme: asynclab\n---\n"


@pytest.mark.parametrize("deck", DECKS, ids=lambda deck: deck.stem)
def test_a_page_needs_no_network_and_nothing_leaves_its_slide(deck, tmp_path):
    if reason := rendering.missing():
        pytest.skip(reason)
    resolved = tmp_path / deck.name
    resolved.write_text(resolve(deck.read_text()))
    rendering.render([resolved])
    text = resolved.with_suffix(".html").read_text()
    assert not [
        word for word in ('src="http', "url(http", '@import "http', "url('http") if word in text
    ]
    assert rendering.outside(resolved) == []


def test_every_fault_is_found_on_its_slide(tmp_path):
    if reason := rendering.missing():
        pytest.skip(reason)
    slides = [
        "# Fits\n\nbriefly\n",
        "# Long\n\n" + "- a line that stands here\n" * 20,
        "# Wide\n\n```cpp\n" + "int wide_" + "x" * 150 + ";\n```\n",
        "# No picture\n\n![gone](figures/gone.svg)\n",
    ]
    deck = tmp_path / "made-up.md"
    deck.write_text(FRONT + "\n---\n\n".join(slides))
    rendering.render([deck])
    found = rendering.outside(deck)
    assert "slide 2: a line that stands here" in found
    assert any(line.startswith("slide 3: ") and "wide_x" in line for line in found), found
    assert any(line.startswith("slide 4: no picture") for line in found)
    assert {line[:7] for line in found} == {"slide 2", "slide 3", "slide 4"}
