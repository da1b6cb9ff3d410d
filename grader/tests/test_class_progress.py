"""What an instructor sees of a batch under way."""
import io

import pytest
from classroom import progress
from rich.console import Console


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(progress.time, "monotonic", made)
    return made


def job(student):
    return {"student": student, "lab": "05-epoll"}


def graded(shown, clock, student, seconds, verdict):
    shown.heard(job(student), "begins")
    clock.now += seconds
    shown.heard(job(student), "ends")
    shown.over(job(student), {"verdict": verdict})


def test_figures(clock):
    shown = progress.Progress(Console(file=io.StringIO()), 8)
    graded(shown, clock, "a", 10, "OK")
    graded(shown, clock, "b", 10, "CRASH")
    graded(shown, clock, "c", 10, "HARNESS_ERROR")
    shown.over(job("d"), {"verdict": "OK"}, copies=2)
    assert (
        shown.summary()
        == "6 of 8 done: 4 OK, 1 with faults, 1 not judged, 0 stuck; 0:10 min left, 12.0 a minute"
    )


def test_what_takes_five_times_the_median_is_stuck(clock):
    shown = progress.Progress(Console(file=io.StringIO()), 8)
    shown.heard(job("slow"), "begins")
    shown.heard(job("slow"), "05.1/echoes_what_was_sent")
    assert shown.stuck() == []  # nothing to compare with
    graded(shown, clock, "a", 10, "OK")
    graded(shown, clock, "b", 10, "OK")
    clock.now += 29
    assert shown.stuck() == []
    clock.now += 2
    assert shown.stuck() == [("slow", "05-epoll", 51.0, "05.1/echoes_what_was_sent")]


def test_without_a_terminal_a_line_now_and_then(clock):
    out = io.StringIO()
    with progress.Progress(Console(file=out, width=200), 40) as shown:
        for number in range(39):
            graded(shown, clock, f"s{number}", 1, "OK")
    lines = out.getvalue().splitlines()
    assert len(lines) == 1 and lines[0].startswith(("30 of 40", "29 of 40"))


def test_on_a_terminal_a_picture_with_what_is_under_way():
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=120)
    with progress.Progress(console, 2) as shown:
        shown.heard(job("[bold]odd"), "compiling")
        shown._live.refresh()
    assert "[bold]odd" in out.getvalue() and "compiling" in out.getvalue()
