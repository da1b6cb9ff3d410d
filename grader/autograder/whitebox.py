"""White-box steps: suites that are compiled against the student's own class (GoogleTest), or run
on the student's own module (grader/whitebox/suite.py)."""
import ast
import re
import secrets

from . import diagnosis, sanitizer, verdict
from .box import Box
from .build import whitebox_suites
from .check import Check
from .failure import Failed
from .labs import Lab

TEST = re.compile(r"((?:^// .*\n)*)^TEST(?:_F)?\((\w+), (\w+)\)", re.MULTILINE)
LIMIT = 90  # seconds; every test has a watchdog of its own


def checks(lab: Lab) -> list[Check]:
    """A check for every test of the lab's suites. Its promise names step and points first:
    `05.1, 3 points: promise`, in the comment above a TEST or the docstring of a Python function."""
    found = []
    for suite, source in whitebox_suites(lab).items():
        tests = python_tests(source) if source.suffix == ".py" else google_tests(source)
        for name, arguments, promise in tests:
            told = re.match(r"(\d\d\.\d), (\d+) points?: (.+)", promise)
            if not told:
                raise ValueError(f"{source.name}: {name} needs a promise `05.1, 3 points: ...`")
            found.append(
                Check(
                    f"{told[1]}/{name}",
                    suite,
                    int(told[2]),
                    told[3],
                    runner(suite, source, name, arguments),
                    own=True,
                )
            )
    return found


def google_tests(source):
    """(name, arguments that select it, promise) of each TEST."""
    for comment, group, name in TEST.findall(source.read_text()):
        promise = " ".join(line.removeprefix("// ") for line in comment.splitlines())
        selected = [f"--gtest_filter={group}.{name}", "--gtest_color=no", "--gtest_brief=1"]
        yield name, selected, promise


def python_tests(source):
    """(name, arguments that select it, promise) of each function with a promise."""
    for node in ast.parse(source.read_text()).body:
        promise = isinstance(node, ast.FunctionDef) and ast.get_docstring(node)
        if promise and promise[:1].isdigit():
            yield node.name, [node.name], " ".join(promise.split())


def runner(suite, source, test, arguments):
    def run(bench):
        argv = [str(bench.whitebox[suite]), *arguments]
        options = bench.closed(argv) if bench.policy.closed else {}
        word = secrets.token_hex(16)
        with Box(argv, cwd=bench.cwd, said=word.encode(), **options) as box:
            ended = box.wait_for_exit(LIMIT)
            status = box.exit_status() if ended else None
            box.stdout.join(1), box.stderr.join(1)
            if status != 0:
                failed = failure(test, source, status, f"{box.stdout}\n{box.stderr}")
                raise diagnosis.used_too_much(box, failed)
            if f"ended {word}" not in str(box.stdout):
                raise Failed(
                    f"{test} ended with status 0 before the test was over",
                    "something ends the process: exit() where the test does not expect it",
                    "exit(3)",
                    verdict=verdict.EXITED,
                )

    return run


def told(printed, word) -> str:
    """What a test's message says after `saw` or `means`."""
    found = re.search(rf"^{word} +(.+)$", printed, re.MULTILINE)
    return found[1] if found else ""


def expectation(printed) -> str:
    """What GoogleTest says between `Failure` and our own message, on one line."""
    said = re.search(r"Failure\n(.+?)(?:^means|^saw|^\[|\Z)", printed, re.MULTILINE | re.DOTALL)
    return " ".join((said[1] if said else printed).split())[:300]


def read(source) -> str:
    """Where the promises stand: in the header that a suite includes first, or in the lab's files."""
    header = re.search(r'^#include "(\S+)"', source.read_text(), re.MULTILINE)
    return f"the comments in {header[1] if header else 'the files of the lab'}"


def failure(test, source, status, printed) -> Failed:
    if report := sanitizer.SANITIZER.search(printed):
        reason = sanitizer.sanitized(report, printed)
        return Failed(f"{test} stopped", *reason, verdict=sanitizer.of_report(report))
    saw, means, word = told(printed, "saw"), told(printed, "means"), verdict.WRONG
    lines = printed.strip().splitlines()
    if status in (None, 128 + 14):
        word = verdict.TIMEOUT
        saw, means = (
            f"{test} does not end",
            (
                "a call never comes back: what should wake it is lost, a lock is kept, or it goes"
                " round"
            ),
        )
    elif status > 128:
        word = verdict.CRASH
        saw, means = f"{test} ended with signal {status - 128}", "the class crashed"
    elif status != 1:  # that of a test that fails
        word = verdict.EXITED
    elif ending := re.search(
        r" (hangs|crashed): ", saw
    ):  # a Python suite looks after its tests itself
        word = {"hangs": verdict.TIMEOUT, "crashed": verdict.CRASH}[ending[1]]
    failed = Failed(
        saw or expectation(printed),
        means or "the class breaks its promise",
        read(source),
        words=[line for line in lines if not line.startswith(("saw ", "means "))][-6:],
        verdict=word,
    )
    failed.todos = diagnosis.TODO.findall(printed)
    return failed
