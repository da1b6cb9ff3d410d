"""Inclusion by step label takes the answer of one step, and nothing else."""
import pytest
from include import IncludeError, included, resolve

SOLUTION = """
/// Receives once.
bool echo(std::span<char> buffer) {
  if (full()) {
    // STEP 05.3: offer what waits.
    //   The hint stays outside.
    return offer(pending_);
  }
  // STEP 05.2: receive.
  //   A hint.
  //   man: recv(2)
  // A comment of the answer would come after a blank line.
  const int got = recv();

  return got > 0;
}

int sum(int first,
        int second) {
  // STEP 05.2: add.
  //   A hint.
  return first + second;
}
"""


@pytest.fixture
def solutions(tmp_path):
    (tmp_path / "05-made").mkdir()
    (tmp_path / "05-made/echo.cpp").write_text(SOLUTION)
    (tmp_path / "05-made/long.cpp").write_text(
        "int main() {\n  // STEP 05.1: go.\n  //   hint\n" + "  go();\n" * 16 + "}\n"
    )
    (tmp_path / "05-made/select.py").write_text(
        "class Selector:\n    def select(self):\n        # STEP 05.4: ask.\n        #   hint\n"
        "        return 1\n"
    )
    return tmp_path


def test_the_answer_comes_without_marker_hint_and_indentation(solutions):
    text = included("05-made/echo.cpp", "05.2", "echo", solutions)
    assert "```cpp\nconst int got = recv();\n\nreturn got > 0;\n```" in text
    assert "step 05.2" in text and "hint" not in text


def test_an_inner_block_belongs_to_its_function(solutions):
    assert "\nreturn offer(pending_);\n" in included("05-made/echo.cpp", "05.3", "echo", solutions)


def test_a_declaration_may_take_two_lines(solutions):
    assert "first + second" in included("05-made/echo.cpp", "05.2", "sum", solutions)


def test_python_is_included_as_python(solutions):
    text = included("05-made/select.py", "05.4", None, solutions)
    assert "```python\nreturn 1\n```" in text and "select()" in text


@pytest.mark.parametrize(
    "path, label, function, told",
    [
        ("05-made/echo.cpp", "05.9", None, "there are: 05.3 echo, 05.2 echo, 05.2 sum"),
        ("05-made/echo.cpp", "05.2", "add", "step 05.2 add .* does not exist"),
        ("05-made/echo.cpp", "05.2", None, "is ambiguous"),
        ("05-made/long.cpp", "05.1", None, "16 lines, 15 at most"),
        ("05-made/gone.cpp", "05.1", None, "there is: 05-made/echo.cpp, 05-made/long.cpp"),
    ],
)
def test_what_cannot_be_included_is_an_error(path, label, function, told, solutions):
    with pytest.raises(IncludeError, match=told):
        included(path, label, function, solutions)


def test_a_deck_keeps_its_other_lines(solutions):
    deck = "# One\n\n<!-- include: 05-made/echo.cpp 05.3 -->\n\n<!-- notes -->\n"
    lines = resolve(deck, solutions).splitlines()
    assert lines[0] == "# One" and lines[-1] == "<!-- notes -->" and "```cpp" in lines


@pytest.mark.parametrize("line", ["<!-- include: 05-made/echo.cpp -->", "<!--include 05.3-->"])
def test_a_misspelt_include_is_an_error_with_its_line(line, solutions):
    with pytest.raises(IncludeError, match="line 2: write"):
        resolve(f"# One\n{line}\n", solutions)
