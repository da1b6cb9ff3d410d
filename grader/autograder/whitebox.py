"""White-box steps: GoogleTest suites that are compiled against the student's own class."""
import re

from .box import Box
from .build import whitebox_suites
from .check import Check
from .failure import CannotJudge, Failed
from .labs import Lab

TEST = re.compile(r"((?:^// .*\n)*)^TEST(?:_F)?\((\w+), (\w+)\)", re.MULTILINE)
LIMIT = 30  # seconds; every test has a watchdog of its own


def checks(lab: Lab) -> list[Check]:
    """A check for every TEST of the lab's suites; the comment above a TEST is its promise and its
    first line names step and points: `// 05.1, 3 points: promise`."""
    found = []
    for suite, source in whitebox_suites(lab).items():
        for comment, group, name in TEST.findall(source.read_text()):
            promise = " ".join(line.removeprefix("// ") for line in comment.splitlines())
            told = re.match(r"(\d\d\.\d), (\d+) points?: (.+)", promise)
            if not told:
                raise ValueError(
                    f"{source.name}: TEST {name} needs a comment `// 05.1, 3 points: promise`"
                )
            found.append(
                Check(
                    f"{told[1]}/{name}",
                    suite,
                    int(told[2]),
                    told[3],
                    runner(suite, f"{group}.{name}"),
                    own=True,
                )
            )
    return found


def runner(suite, test):
    def run(bench):
        if suite not in bench.whitebox:
            raise CannotJudge(f"{suite} was not built")
        argv = [
            str(bench.whitebox[suite]),
            f"--gtest_filter={test}",
            "--gtest_color=no",
            "--gtest_brief=1",
        ]
        with Box(argv, cwd=bench.cwd) as box:
            ended = box.wait_for_exit(LIMIT)
            status = box.exit_status() if ended else None
            box.stdout.join(1), box.stderr.join(1)
            if status != 0:
                raise failure(test, status, f"{box.stdout}\n{box.stderr}")

    return run


def told(printed, word) -> str:
    """What a test's message says after `saw` or `means`."""
    found = re.search(rf"^{word} +(.+)$", printed, re.MULTILINE)
    return found[1] if found else ""


def expectation(printed) -> str:
    """What GoogleTest says between `Failure` and our own message, on one line."""
    said = re.search(r"Failure\n(.+?)(?:^means|^saw|^\[|\Z)", printed, re.MULTILINE | re.DOTALL)
    return " ".join((said[1] if said else printed).split())[:300]


def failure(test, status, printed) -> Failed:
    from .diagnosis import SANITIZER, TODO, sanitized

    if report := SANITIZER.search(printed):
        return Failed(f"{test} stopped", *sanitized(report, printed))
    saw, means = told(printed, "saw"), told(printed, "means")
    if status in (None, 128 + 14):
        saw, means = (
            f"{test} does not end",
            "the loop never comes back: what should wake it is lost",
        )
    elif status > 128:
        saw, means = f"{test} ended with signal {status - 128}", "the class crashed"
    failed = Failed(
        saw or expectation(printed),
        means or "the class breaks its promise",
        "the comments in event_loop.hpp",
        words=printed.strip().splitlines()[-6:],
    )
    failed.todos = TODO.findall(printed)
    return failed
