"""The labs: what labs/NN-name/lab.toml says, and where the code to be graded lies."""
import itertools
import pathlib
import re
from dataclasses import dataclass

try:
    import tomllib
except ImportError:  # Python 3.10, Ubuntu 22.04
    import tomli as tomllib

from .machine import KIT
from .printable import printable

COMMENT = re.compile(r"\s*(//|#)")


class UsageError(Exception):
    """Something on the command line is wrong; the message says what to do."""


@dataclass(frozen=True)
class Step:
    id: str
    title: str
    points: int


@dataclass(frozen=True)
class Lab:
    name: str  # 05-epoll
    title: str
    programs: tuple[str, ...]
    steps: tuple[Step, ...]
    files: tuple[str, ...]
    liburing: tuple[int, ...] = ()  # the version it needs; empty: no io_uring in this lab
    serverless: tuple[str, ...] = ()  # programs that listen on no port: they run, print and end
    extension: bool = False  # its code is a module for Python
    hidden: int = 0  # points of the checks that only the instructor has
    given: tuple[str, ...] = ()  # earlier labs whose solved files it is given
    processes: int = 128  # processes and threads that a right program may have at once, and more
    io_uring: bool = False  # may its programs make rings in a closed box?

    @property
    def number(self) -> str:
        return self.name[:2]

    @property
    def home(self) -> pathlib.Path:
        return KIT / "labs" / self.name

    def step(self, label: str) -> Step:
        return next(step for step in self.steps if step.id == label)


def load(path: pathlib.Path) -> Lab:
    told = tomllib.loads(path.read_text())
    return Lab(
        path.parent.name,
        told["title"],
        tuple(p["name"] for p in told["program"]),
        tuple(Step(s["id"], s["title"], s["points"]) for s in told["step"]),
        tuple(told["files"]),
        tuple(int(part) for part in told.get("liburing", "").split(".") if part),
        tuple(p["name"] for p in told["program"] if not p.get("server", True)),
        told.get("extension", False),
        told.get("hidden", 0),
        tuple(told.get("given", ())),
        told.get("processes", 128),
        told.get("io_uring", "liburing" in told),
    )


def all_labs() -> list[Lab]:
    return [load(path) for path in sorted((KIT / "labs").glob("[0-9][0-9]-*/lab.toml"))]


def find(number: str) -> Lab:
    """The lab that `05`, `5` or `05-epoll` names."""
    wanted = number.zfill(2) if number.isdigit() else number
    for lab in all_labs():
        if wanted in (lab.number, lab.name):
            return lab
    known = ", ".join(lab.number for lab in all_labs())
    raise UsageError(f"there is no lab `{number}`; the labs are {known}")


def directory_of(lab: Lab, tree: str) -> pathlib.Path:
    """Where the code of `lab` lies in `tree`: `labs`, `solutions`, or a directory holding either
    NN-name/ or the files themselves."""
    base = pathlib.Path(tree)
    base = base if base.is_absolute() else (KIT / base if (KIT / base).is_dir() else base.resolve())
    if not base.is_dir():
        raise UsageError(f"there is no directory `{tree}`")
    return base / lab.name if (base / lab.name).is_dir() else base


def source_directory(lab: Lab, tree: str) -> pathlib.Path:
    """The same; raises UsageError unless every file of the lab is there."""
    place = directory_of(lab, tree)
    missing = [name for name in lab.files if not (place / name).is_file()]
    if missing:
        raise UsageError(
            f"no {missing[0]} in {place}: lab {lab.number} needs {', '.join(lab.files)}"
        )
    return place


def shown(path: pathlib.Path) -> pathlib.Path:
    """A path as a user of the kit would write it."""
    return path.relative_to(KIT) if path.is_relative_to(KIT) else path


@dataclass(frozen=True)
class Marker:
    """A marker of a step: where, its goal and its hint; `open` while the stub stands below it."""

    step: str
    file: str
    line: int
    goal: str
    hint: tuple[str, ...]
    open: bool


def markers(lab: Lab, place: pathlib.Path, word="TODO") -> list[Marker]:
    """The markers of a lab's files, in the order of the steps."""
    head = re.compile(rf"\s*(?://|#) {word}\(?(?: ?)(\d\d\.\d)\)?: (.+)")
    found = []
    for name in filter(lambda name: (place / name).is_file(), lab.files):
        lines = printable((place / name).read_text(errors="replace")).splitlines()
        for number, line in enumerate(lines, start=1):
            if not (opened := head.fullmatch(line)):
                continue
            hint = list(itertools.takewhile(COMMENT.match, lines[number:]))
            below = "".join(lines[number + len(hint) :][:1])
            found.append(
                Marker(
                    opened[1],
                    name,
                    number,
                    opened[2],
                    tuple(line.strip().lstrip("/#").strip() for line in hint),
                    bool(re.search(rf'todo\("{opened[1]}"|"TODO\({opened[1]}\)', below)),
                )
            )
    return sorted(found, key=lambda marker: marker.step)
