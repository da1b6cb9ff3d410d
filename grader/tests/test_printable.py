"""What a graded program prints, or names, reaches no terminal, page or file as it is."""
import io
import json
import sys

import pytest
from autograder import labs, report_html, report_terminal
from autograder.engine import Grading
from autograder.printable import (
    LINE,
    NAME,
    SHOWN,
    printable,
    shortened,
    shown,
    shown_lines,
    shown_name,
)
from rich.console import Console

# ESC sequences, C0 and C1, NUL, direction marks, what passes for a new line, lone surrogates
HOSTILE = (
    "\x1b[2J\x1b]0;mine\x07 \x00\x08\x0b\x0c\x9b31m\x7f\u202e\u2066\u200f\u2028\x85\ud800 [bold]"
)


def harmless(text) -> bool:
    return all(letter.isprintable() or letter in "\n\t" for letter in text)


def test_every_code_point_becomes_harmless():
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    assert harmless(printable(every))
    printable(every).encode()  # no surrogate is left


@pytest.mark.parametrize("text", ["", "plain", "Grüße, 漢字, emoji 🙂", "a\tb\n  c", "\\x1b"])
def test_what_is_printable_stays(text):
    assert printable(text) == text


def test_it_may_be_done_twice():
    assert printable(printable(HOSTILE)) == printable(HOSTILE)
    assert printable("\x1b[31m\u202e") == "\\x1b[31m\\u202e"


def test_the_end_of_a_line_may_be_cr_lf():
    assert printable("one\r\ntwo\r") == "one\ntwo\\r"


def test_what_is_shown_is_short():
    assert len(shown("x" * (3 << 20))) < LINE + 100
    long = shown("x\n" * (1 << 20))
    assert len(long) < SHOWN + 100 and "characters in all" in long[-40:]
    assert len(shown("\x1b" * SHOWN)) < LINE + 100
    assert shown_lines(["one\ntwo", "\x00"]) == ["one two", "\\x00"]


@pytest.mark.parametrize("most", [0, 1, 10, 300])
def test_what_is_shortened_is_no_longer_than_it_may_be(most):
    assert len(shortened("x" * 5000, most)) == most
    assert shortened("x" * most, most) == "x" * most


def test_a_name_is_one_line():
    assert shown_name("a\nb\tc\u202e") == "a\\nb\\tc\\u202e"
    assert len(shown_name("x" * 5000)) == NAME and shown_name("Zoë") == "Zoë"


PROGRAM = r"""
import os, socket, sys
hostile = b"\x1b[2J\x1b]0;mine\x07\x00\x9b31m\xe2\x80\xae\xe2\x81\xa6\xe2\x80\xa8\xc2\x85\xff\xed\xa0\x80[bold]"
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
os.write(1, hostile * 100 + b"\n")
os.write(2, hostile + b"TODO" + hostile + b"\n")
client = listener.accept()[0]
client.recv(100)
if sys.argv[2] == "ends":
    sys.exit(hostile.decode("latin-1"))
name = b"/dev/shm/" + hostile.replace(b"\0", b"").replace(b"/", b"")
os.mkfifo(name)
fifo = os.open(name, os.O_RDWR)
os.unlink(name)
os.read(fifo, 1)
"""


@pytest.mark.parametrize("how", ["ends", "sleeps"])
def test_hostile_output_is_escaped_everywhere(how, tmp_path, monkeypatch):
    (tmp_path / "hostile.py").write_text(PROGRAM)
    command = f"{sys.executable} {tmp_path}/hostile.py {{port}} {how}"
    result = Grading(labs.find("01"), execs={"blocking_echo": command}).run()
    first = next(iter(result.outcomes.values()))
    assert first.outcome == "failed", first.saw
    written = tmp_path / "result.json"
    result.write(written)
    for text in texts(json.loads(written.read_text())):
        assert harmless(text), text
    assert any("\\x1b[2J" in line for line in first.words), first.words
    assert how == "ends" or any("\\x1b[2J" in line for line in first.where), first.where
    screen = io.StringIO()
    monkeypatch.setattr(report_terminal, "console", Console(file=screen, highlight=False))
    report_terminal.show(result, verbose=True)
    assert harmless(screen.getvalue()) and "\\x1b[2J" in screen.getvalue()
    assert "[bold]" in screen.getvalue()  # nor is it markup of our own
    assert harmless(report_html.write([result], tmp_path).read_text())


def texts(value):
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list):
        for one in value:
            yield from texts(one)
    elif isinstance(value, str):
        yield value


def test_markers_of_a_students_file_are_escaped(tmp_path):
    lab = labs.find("01")
    for name in lab.files:
        (tmp_path / name).write_text(
            '// TODO(01.1): go\x1b[2Jal\n// hint \u202e\nasync::todo("01.1");\n'
        )
    (marker, *_) = labs.markers(lab, tmp_path)
    assert marker.goal == "go\\x1b[2Jal" and marker.hint == ("hint \\u202e",) and marker.open


def test_compiler_messages_are_escaped(tmp_path):
    lab = labs.find("01")
    for name in lab.files:
        (tmp_path / name).write_bytes(b'#error "\x1b[2J\xff\xe2\x80\xae\x00"\n' + b"x" * 90000)
    result = Grading(lab, str(tmp_path), only=("01.1",)).run()
    for outcome in result.outcomes.values():
        assert outcome.verdict == "COMPILE_ERROR" and harmless(outcome.saw)
        assert len(outcome.saw) < 5 * LINE
