"""Where code that nobody trusts is compiled: a directory for one grading, and a closed box around make.

The compiler sees /usr, what it needs of the kit, and the submission under a name that says nothing; it
can write to one directory. So `#include "/etc/passwd"` finds nothing, and a source that makes the
compiler need all memory, time or disk ends in a sentence. Only the kit's own command lines run:
a student's Makefile is never looked at.
"""
import os
import pathlib
import re
import shutil
import tempfile
import threading

from . import build
from .box import Box
from .isolation import Policy
from .limits import MiB, RUN
from .machine import KIT

SECONDS = 240  # of wall time for one lab
CPU = 60  # seconds for one compiler
MEMORY = 2048 * MiB  # for all compilers that run side by side; one of lab 02 took 199 at most
LARGEST = 64 * MiB  # bytes of one file
AT_ONCE = 2  # compilers side by side
KIT_PARTS = ("support/async/build.mk", "support/async/include", "support/async/bindings/asynclab")
OPTIONS = "-g -fmax-errors=10 -fno-diagnostics-show-caret -fdiagnostics-color=never"
HEAD = re.compile(r"^make: \*\*\* \[\S+: (\S+)\]", re.MULTILINE)
MEANS = {
    "memory": f"the compiler needed more than {MEMORY // MiB} MB",
    "time": f"the compiler needed more than {CPU} s",
    "size": f"the compiler wrote a file of more than {LARGEST // MiB} MB",
    "output": "the compiler printed more than 32 MB",
    "crash": "the compiler crashed on your source",
}
SIGNS = (  # what g++ says when one of its parts is ended or gives up
    ("memory", r"Killed signal terminated|virtual memory exhausted|out of memory allocating"),
    ("time", r"CPU time limit exceeded signal terminated"),
    ("size", r"File size limit exceeded signal terminated|file too large|File too large"),
    ("crash", r"internal compiler error|Segmentation fault signal terminated"),
)


class Workshop:
    """Context manager: kit/, submission/ and sub/, which is all that is written to, in a directory that
    goes at the end. In a box with a view of its own they are /kit, /submission and /sub."""

    def __init__(self, lab, place: pathlib.Path, policy: Policy):
        self.lab, self.policy = lab, policy
        self._place, self._lock = place, threading.Lock()

    def __enter__(self):
        self._home = tempfile.TemporaryDirectory(prefix="asynclab-lab-", ignore_cleanup_errors=True)
        self.home = pathlib.Path(os.path.realpath(self._home.name))
        self.home.chmod(0o711)
        for name in self.lab.files:
            self._copy(self._place / name, self.home / "submission" / name)
        for name in (*KIT_PARTS, f"labs/{self.lab.name}/lab.toml", *self._given()):
            self._copy(KIT / name, self.home / "kit" / name)
        (self.home / "sub").mkdir()
        return self

    def __exit__(self, *_):
        self._home.cleanup()

    def _given(self):
        """Solved files of earlier labs, and the suites: directories below the kit."""
        suites = [f"grader/whitebox/{self.lab.name}", "grader/whitebox/suite.py"]
        suites += ["grader/whitebox/ended.hpp"]
        given = [f"solutions/{name}" for name in self.lab.given]
        return given + [name for name in suites if (KIT / name).exists()]

    @staticmethod
    def _copy(source, target):
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            ignore = shutil.ignore_patterns("__pycache__", "NOTES.md", "README.md")
            shutil.copytree(source, target, ignore=ignore)
        else:
            shutil.copyfile(source, target)

    def inside(self, path: pathlib.Path) -> pathlib.Path:
        """What a path of the workshop is called in a box."""
        if not self.policy.level.bubblewrap:
            return path
        return pathlib.Path("/") / path.relative_to(self.home)

    # -- compiling ---------------------------------------------------------------------------------
    def build(self, wanted_programs, flavours=build.FLAVOURS, extra=frozenset()) -> build.Built:
        """As build.build(); `programs`, `whitebox` and `files` name paths in the box."""
        targets = build.targets(self.lab, self.home / "sub", wanted_programs, flavours, extra)
        built = build.Built()
        with self._lock:
            log, excess = self._make(list(targets.values()))
        said = sections(log)
        for (name, flavour), path in targets.items():
            inside = self.inside(path)
            text = said.get(str(inside)) or said.get("module", "")
            if path.is_file() and not path.is_symlink() and not text:
                built.keep(name, flavour, inside)
            elif flavour != build.THREADSAN:
                self._failed(built, name, text or log, excess)
        built.files = self._files(built)
        return built

    def _failed(self, built, name, text, excess):
        limit = next((kind for kind, sign in SIGNS if re.search(sign, text)), excess)
        if limit:
            built.limits[name] = limit
            built.errors[name] = MEANS[limit]
        else:
            built.errors.setdefault(
                name, build.first_errors(text, self.inside(self.home / "submission"))
            )

    def _files(self, built) -> dict[pathlib.Path, pathlib.Path]:
        """What has to be in the box for a program to run: path there -> file here."""
        wanted = [*built.programs.values(), *built.whitebox.values()]
        found = {
            self.home / "sub" / path.relative_to(self.inside(self.home / "sub")) for path in wanted
        }
        if self.lab.extension:
            found |= set((self.home / "sub/module").rglob("*"))
            for part in ("submission", "kit/grader/whitebox"):
                found |= set((self.home / part).rglob("*.py"))
        return {self.inside(path): path for path in sorted(found) if path.is_file()}

    def _make(self, wanted) -> tuple[str, str]:
        """What make printed, and of what the box used too much, if of anything."""
        limits = RUN.but(memory=MEMORY, cpu=CPU, file=LARGEST, processes=64)
        parts = [(self.inside(self.home / p), self.home / p) for p in ("kit", "submission")]
        out = (self.inside(self.home / "sub"), self.home / "sub")
        options = {"readable": parts, "writable": [out], "cwd": parts[0][0], "limits": limits}
        with Box(self._command(wanted), policy=self.policy, **options) as box:
            ended = box.wait_for_exit(SECONDS)
            box.stdout.join(1), box.stderr.join(1)
            excess = box.ended_by or ("" if ended else "time")
            return f"{box.stderr}\n{box.stdout}", excess

    def _command(self, wanted):
        out, source = (self.inside(self.home / part) for part in ("sub", "submission"))
        # what is said of one target in one piece, for which make writes to /tmp
        side_by_side = ["-O", f"-j{AT_ONCE}"] if self.policy.level.bubblewrap else ["-j1"]
        return [
            *("make", "--no-print-directory", "-f", "support/async/build.mk", "-r", "-k", "-s"),
            *(*side_by_side, "compile", "SHELL=/bin/bash", "CXX=g++"),
            *("PYTHON=/usr/bin/python3", f"CXXFLAGS={OPTIONS}", f"SHARED={out}/shared"),
            *(f"SOURCE={source}", f"OUT={out}", f"LAB_NAME={self.lab.name}"),
            "WANTED=" + " ".join(str(self.inside(path)) for path in wanted),
        ]


def sections(log) -> dict[str, str]:
    """Target that could not be made -> what was printed about it; `module`: that of a lab in Python."""
    found, begin = {}, 0
    for head in HEAD.finditer(log):
        name = "module" if re.search("/module/[^/]+/asynclab/", head[1]) else head[1]
        found[name] = log[begin : head.start()].strip() or head[0]
        begin = head.end()
    return found
