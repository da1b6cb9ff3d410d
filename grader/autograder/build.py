"""Builds a lab's programs with the kit's own Makefile: one broken program never blocks another."""
import contextlib
import fcntl
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import time
from dataclasses import dataclass, field

from .labs import Lab
from .machine import KIT


FLAVOURS = ("sanitized", "release")  # to judge behaviour; to measure CPU and system calls
WHITEBOX = "whitebox"
THREADSAN = "threadsan"  # to find data races; only for the checks that ask for it, `builds=`


@dataclass
class Built:
    """`programs`: (program, flavour) -> executable; `errors`: program -> the compiler's first
    words."""

    programs: dict = field(default_factory=dict)
    whitebox: dict = field(default_factory=dict)  # suite -> executable
    errors: dict = field(default_factory=dict)
    limits: dict = field(default_factory=dict)  # program -> what its compiler used too much of
    files: dict = field(default_factory=dict)  # closed boxes: path in the box -> file

    def keep(self, name, flavour, path):
        """A program of this flavour, or a suite (flavour `whitebox`)."""
        if flavour == WHITEBOX:
            self.whitebox[name] = path
        else:
            self.programs[name, flavour] = path


def whitebox_suites(lab: Lab) -> dict[str, pathlib.Path]:
    found = (KIT / "grader/whitebox" / lab.name).glob("*.*")
    return {path.stem: path for path in sorted(found) if path.suffix in (".cpp", ".py")}


def output_directory(place: pathlib.Path) -> pathlib.Path:
    """labs/ and solutions/ build where `make` builds them; every other tree gets a place of its
    own."""
    if place.parent.parent == KIT:
        return KIT / "build" / place.parent.name
    return KIT / "build/elsewhere" / hashlib.sha256(str(place).encode()).hexdigest()[:12]


def build(
    lab: Lab, place: pathlib.Path, wanted_programs, flavours=FLAVOURS, extra=frozenset()
) -> Built:
    """Compiles what is out of date of the programs and white-box suites named. Never raises for a
    program that does not compile. `extra`: further (program, flavour)."""
    out, built = output_directory(place), Built()
    wanted = targets(lab, out, wanted_programs, flavours, extra)
    log = compile_all(lab, place, out, list(wanted.values()))
    compiler_missing = not shutil.which(os.environ.get("CXX", "g++"))
    for (program, flavour), path in wanted.items():
        if path.exists() and up_to_date(log, path):
            built.keep(program, flavour, path)
        elif flavour != THREADSAN:  # which a machine may not have: only who asks for it needs it
            built.errors[program] = (
                "no compiler: `make setup` installs g++"
                if compiler_missing
                else first_errors(log, place)
            )
    return built


def targets(lab: Lab, out, wanted_programs, flavours, extra) -> dict:
    """(program, flavour) or (suite, WHITEBOX) -> the file that make makes below `out`."""
    found = {
        (program, flavour): out / flavour / lab.name / program
        for program in lab.programs
        if program in wanted_programs
        for flavour in (*flavours, *sorted(f for p, f in extra if p == program))
    }
    for suite in whitebox_suites(lab):
        if suite in wanted_programs:
            found[suite, WHITEBOX] = out / WHITEBOX / lab.name / suite
    return found


def forget_stale(targets, sources):
    """Removes what make would take for up to date although a source came later: a copy keeps the old
    time of change (`cp -p`, shutil.copytree), but the file's status changed when it was copied, and
    st_ctime tells when (inode(7)). An edit changes both times, and make sees it."""
    stats = [source.stat() for source in sources if source.exists()]
    for target in filter(pathlib.Path.exists, targets):
        built = target.stat().st_mtime
        if any(s.st_mtime <= built <= s.st_ctime for s in stats):
            target.unlink()


def compile_all(lab, place, out, wanted) -> str:
    """Runs make, one at a time for each tree and flavour: gradings of the same tree may begin at the
    same moment."""
    out.mkdir(parents=True, exist_ok=True)
    flavours = {path.relative_to(out).parts[0] for path in wanted}
    with contextlib.ExitStack() as locks:
        for name in ["module"] if lab.extension else sorted(flavours):
            lock = locks.enter_context(open(out / f".lock-{name}", "w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        module, began = out / "module" / lab.name / "asynclab", time.time_ns()
        forget_stale([*wanted, *module.glob("*")], [place / name for name in lab.files])
        log = make(lab, place, out, wanted)
        date_back([*wanted, *module.glob("*")], began)
        return log


def date_back(targets, began: int):
    """What came of a compilation is as old as its beginning (ns): a file that was saved while the
    compiler ran is newer, and the next make sees that."""
    for target in filter(pathlib.Path.exists, targets):
        if target.stat().st_mtime_ns > began:
            os.utime(target, ns=(began, began))


def make(lab, place, out, wanted) -> str:
    run = subprocess.run(
        [
            "make",
            "--no-print-directory",
            "-C",
            str(KIT),
            "-k",
            "-s",
            f"-j{os.cpu_count()}",
            "compile",
            f"SOURCE={place}",
            f"OUT={out}",
            f"LAB_NAME={lab.name}",
            "WANTED=" + " ".join(str(path) for path in wanted),
        ],
        capture_output=True,
        text=True,
        errors="replace",
        env={**os.environ, "MAKEFLAGS": ""},
    )
    return run.stderr + run.stdout


def up_to_date(log, path) -> bool:
    """A target that make failed to remake is named in its complaint; without a module no program of
    a lab in Python is remade, and none is named."""
    failed = re.search(r"/module/[^/\s]+/asynclab/\S+\] Error", log)  # the kit may lie in asynclab/
    return f"{path}] Error" not in log and f"'{path}'" not in log and not failed


def first_errors(log, place) -> str:
    """The first errors of the compiler, with paths as the student knows them; each flavour repeats
    them."""
    lines = [
        line.replace(str(place) + "/", "")
        for line in log.splitlines()
        if re.search(
            r"error|undefined reference|multiple definition|cannot find|No such file", line
        )
        and "make" not in line[:5]
    ]
    return "\n".join([*dict.fromkeys(lines)][:3]) or log.strip()[-400:]
