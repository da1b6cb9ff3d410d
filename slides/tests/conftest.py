"""Makes slides/ importable, and builds every deck once for the tests that look at pages."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import rendering  # noqa: E402
from include import resolve  # noqa: E402


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    """The folder with every deck as one HTML page, all slides below each other."""
    if reason := rendering.missing():
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("slides")
    for deck in rendering.DECKS:
        (folder / deck.name).write_text(resolve(deck.read_text()))
    rendering.render(sorted(folder.glob("*.md")))
    return folder
