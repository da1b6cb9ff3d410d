"""The generator: the solution is the source, its section headings are the markers."""
import pytest
from skeleton import skeleton

SOLUTION = """\
int given;
void flush() {
  // STEP 05.3: send what waits.
  //   send(2) may take less.
  //   man: send(2)   check: x
  while (true) {

    work();
  }
}
int after() {
  if (fast) return 1;  // the usual case
  // STEP 05.4: go on.
  return 2;
}
"""


def test_answers_go_and_the_rest_stays():
    made = skeleton(SOLUTION)
    assert "  // TODO(05.3): send what waits.\n  //   send(2) may take less.\n" in made
    assert '  async::todo("05.3");\n}\nint after() {\n  if (fast) return 1;' in made
    assert "work();" not in made and "return 2;" not in made


def test_steps_up_to_a_label_are_kept():
    made = skeleton(SOLUTION, through="05.3")
    assert "work();" in made and "STEP 05.3" in made
    assert 'async::todo("05.4");' in made


def test_python_gets_an_exception():
    made = skeleton("def f():\n    # STEP 11.1: answer.\n    return 1\n")
    assert (
        made == 'def f():\n    # TODO(11.1): answer.\n    raise NotImplementedError("TODO(11.1)")\n'
    )


@pytest.mark.parametrize(
    "line", ["// STEP 5.1: badly numbered", "// TODO: forgotten", "int STEP = 1;"]
)
def test_a_marker_that_would_not_be_seen_is_an_error(line):
    with pytest.raises(ValueError, match="would not be seen"):
        skeleton(line + "\n")


def test_a_step_without_an_answer_is_an_error():
    with pytest.raises(ValueError, match="no answer"):
        skeleton("{\n  // STEP 05.1: one.\n  // STEP 05.2: two.\n  x();\n}\n")
