"""Hostile and broken submissions: each a file in hostile/ with its expected outcome in its header.

    // 04: prints for ever                                   the number groups what is alike
    // tries: fill the grader's memory and its reports
    // lab: 05 epoll_echo.cpp                                01 blocking_echo.cpp if not said
    // checks: echoes_what_was_sent a_reset_harms_nobody     all of the lab if not said
    // expected: OUTPUT_LIMIT, 0 points, says "output"       points: 30, 10-90, or all
    // expected of a user: ...                               where it differs for a plain user

`says` is text that the sentence or a failed check has to contain: a word alone is easily right for
a wrong reason. A submission may name what only the test knows, such as `@SENTINEL@`, a file that it
must not read; see `text()`.
"""
import pathlib
import re
from dataclasses import dataclass

PLACE = pathlib.Path(__file__).with_name("hostile")
EXPECTED = re.compile(
    r'(?P<verdict>[A-Z_]+), (?P<points>all|\d+(?:-\d+)?) points(?:, says "(?P<says>.*)")?$'
)
SHARED = re.compile(rb'^#include "(echo|epoll)\.hpp"\n', re.MULTILINE)
MADE = {  # what would be no pleasure to read
    b"WARNINGS_HERE": lambda: b" ".join(
        b"unsigned v%d = 1; bool b%d = -1 < v%d;" % (n, n, n) for n in range(20_000)
    ),
    b"LATIN_1_HERE": lambda: b"caf\xe9 \xff\xfe \xc3",
    b"NUL_HERE": lambda: b"\0",
    b"ESC_HERE": lambda: b"\x1b",
}


@dataclass(frozen=True)
class Expected:
    verdict: str
    points: str
    says: str

    def least_and_most(self, full: int) -> tuple[int, int]:
        if self.points == "all":
            return full, full
        least, _, most = self.points.partition("-")
        return int(least), int(most or least)


@dataclass(frozen=True)
class Case:
    path: pathlib.Path
    head: dict[str, str]

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def lab(self) -> str:
        return self.head.get("lab", "01 blocking_echo.cpp").split()[0]

    @property
    def file(self) -> str:
        """The one of the lab's files that it is; the others are the solution's."""
        return self.head.get("lab", "01 blocking_echo.cpp").split()[1]

    @property
    def checks(self) -> list[str]:
        return self.head.get("checks", "").split()

    def expected(self, as_user=False) -> Expected:
        line = self.head["expected"]
        if as_user:
            line = self.head.get("expected of a user", line)
        found = EXPECTED.match(line)
        return Expected(found["verdict"], found["points"], found["says"] or "")

    def text(self, **known) -> bytes:
        """The file as it is handed in. `known`: SENTINEL="/path" is put for @SENTINEL@."""
        text = self.path.read_bytes()
        text = SHARED.sub(lambda m: (PLACE / f"{m[1].decode()}.hpp").read_bytes(), text)
        for name, value in known.items():
            text = text.replace(f"@{name}@".encode(), str(value).encode())
        for mark, make in MADE.items():
            text = text.replace(mark, make()) if mark in text else text
        return text


def read(path: pathlib.Path) -> Case:
    """The comment lines at the beginning, `name: value`."""
    head = {}
    for line in path.read_text().splitlines():
        if not (found := re.match(r"// (\d\d|[a-z ]+): (.*)", line)):
            break
        head[found[1]] = found[2]
    return Case(path, head)


CASES = {path.stem: read(path) for path in sorted(PLACE.glob("[0-9]*.cpp"))}
