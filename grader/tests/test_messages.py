"""What a beginner reads: each of these mistakes was made by somebody who had only the archive."""
import pytest

from autograder import build, diagnosis, labs, play, report_terminal, sanitizer, verify
from autograder.engine import Grading
from autograder.labs import UsageError
from autograder.result import CANNOT_JUDGE, NOT_RUN

LAB = labs.find("01")
FIRST = "01.1/echoes_until_end_of_file"


def graded(tmp_path, find, replace, through="01.1"):
    """Lab 01 with the steps up to `through`, in which `find` has become `replace`."""
    text = (verify.partial(LAB, through) / LAB.files[0]).read_text()
    assert find in text
    (tmp_path / LAB.files[0]).write_text(text.replace(find, replace, 1))
    result = Grading(LAB, str(tmp_path)).run()
    if result.count(CANNOT_JUDGE):
        pytest.skip(next(o.saw for o in result.outcomes.values() if o.outcome == CANNOT_JUDGE))
    return result


def test_who_reads_only_once_is_told_what_came_back(tmp_path, capsys):
    result = graded(
        tmp_path, "  while (true) {\n    const", "  for (int i = 0; i < 1; ++i) {\n    const"
    )
    first = result.outcomes[FIRST]
    assert first.outcome == NOT_RUN and "came to TODO(01.3) before 01.1" in first.means, first
    assert "bytes came back" in first.means
    with report_terminal.console.capture() as shown:
        report_terminal.show(result)
    assert first.means in shown.get() and "client 1 sends" in shown.get()


def test_what_was_not_run_names_what_failed(tmp_path):
    result = graded(tmp_path, "if (received == 0) return;", "")
    reasons = {o.saw for o in result.outcomes.values() if o.outcome == NOT_RUN}
    assert reasons == {f"not run, because {FIRST} failed"}


def test_a_compiler_s_error_is_told_once(tmp_path):
    said = "a.cpp:1:1: error: one\na.cpp:2:1: error: two\n"
    assert build.first_errors(said * 2, tmp_path) == said.strip()


REPORT = """=================================================================
==7==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x1 at pc 0x2 bp 0x3 sp 0x4
READ of size 4 at 0x1 thread T0
    #0 0x5 in async::FileDescriptor::get() const support/async/include/async/file_descriptor.hpp:25
    #1 0x6 in print_arrived labs/03-busy-loop/receive_two.cpp:45

0x1 is located 0 bytes to the right of 32-byte region
SUMMARY: AddressSanitizer: heap-buffer-overflow
Shadow bytes around the buggy address:
  Array cookie:            ac
==7==ABORTING
"""


def test_a_sanitizer_s_report_begins_with_what_and_where():
    found = sanitizer.SANITIZER.search(REPORT)
    assert "in print_arrived, receive_two.cpp:45" in sanitizer.sanitized(found, REPORT)[0]
    lines = diagnosis.said_at_last(REPORT)
    assert len(lines) == 6 and "heap-buffer-overflow on address" in lines[0]
    assert diagnosis.said_at_last("a\n" * 9) == ["a"] * 6


def test_a_check_is_played_by_its_name_alone():
    assert play.with_step("echoes_until_end_of_file") == FIRST == play.with_step(FIRST)
    with pytest.raises(UsageError, match="01.3/survives_a_reset or "):
        play.with_step("survives_a_reset")
    with pytest.raises(UsageError, match="no lab has a check `nonsense`"):
        play.with_step("nonsense")
