"""What is compared: the servers, by language and model, and the command that starts each."""
import os
import pathlib
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parents[4]
HANDLER_SCRIPT = pathlib.Path(__file__).resolve().parent.parent / "python_handler.py"
PYTHON = "/usr/bin/python3"

LANGUAGES = {
    "cpp": "C++",
    "python": "Python",
    "loop": "Python on the C++ loop",
    "handler": "C++ with a Python handler",
}
MODELS = {
    "sync": "sync",
    "processes": "processes",
    "threads": "threads",
    "async": "async, pool",
    "inline": "async, inline",
    "io_uring": "io_uring",
}
CPP_PROGRAMS = {
    "sync": ["server"],
    "processes": ["mp_server"],
    "threads": ["mt_server"],
    "async": ["async_server"],
    "inline": ["async_server", "--inline"],
    "io_uring": ["uring_server"],
}
PYTHON_PROGRAMS = {
    "sync": ["server.py"],
    "processes": ["mp_server.py"],
    "threads": ["mt_server.py"],
    "async": ["async_server.py"],
    "inline": ["async_server.py", "--inline"],
}
LOOP_PROGRAMS = {
    "async": ["async_server.py", "--selector", "asynclab"],
    "inline": ["async_server.py", "--selector", "asynclab", "--inline"],
}


@dataclass(frozen=True)
class Configuration:
    """One server: a language and a model."""

    language: str
    model: str

    @property
    def title(self) -> str:
        return f"{LANGUAGES[self.language]}, {MODELS[self.model]}"

    @property
    def computes_in(self) -> str:
        """The language of the fibonacci() that it calls: what a request costs depends on it."""
        return "C++" if self.language == "cpp" else "Python"

    @property
    def uses_all_cpus(self) -> bool:
        """Expected, for estimating time only: the claims look at what was measured."""
        parallel = {"cpp": ("processes", "threads", "async", "io_uring"), "handler": ("processes",)}
        return self.model in parallel.get(self.language, ("processes", "async"))

    def command(self, python=PYTHON) -> list[str]:
        """The server's command line up to the port, which comes next."""
        if self.language == "cpp":
            program, *options = CPP_PROGRAMS[self.model]
            return [str(ROOT / "build/cpp" / program), *options]
        if self.language == "handler":
            return [python, str(HANDLER_SCRIPT), self.model]
        programs = LOOP_PROGRAMS if self.language == "loop" else PYTHON_PROGRAMS
        program, *options = programs[self.model]
        return [python, str(ROOT / "support/async/python" / program), *options]

    def environment(self) -> dict[str, str]:
        changed = dict(os.environ, PYTHONDONTWRITEBYTECODE="")
        if self.language in ("loop", "handler"):
            changed["PYTHONPATH"] = str(ROOT / "build/solutions/python")
        return changed


ALL = [
    *(Configuration("cpp", model) for model in CPP_PROGRAMS),
    *(Configuration("python", model) for model in PYTHON_PROGRAMS),
    *(Configuration("loop", model) for model in LOOP_PROGRAMS),
    *(Configuration("handler", model) for model in CPP_PROGRAMS),
]
