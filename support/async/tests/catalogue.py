"""Every request-reply server of the kit, and what tells one from another: language, model, options.

ASYNCLAB_SANITIZED=1 in the environment takes the builds with AddressSanitizer and UBSan instead; the
Python programs, which hold no native code of the kit, are left out then.
"""
import os
import subprocess
from dataclasses import dataclass, replace

import pytest
from autograder import machine
from autograder.machine import KIT

SANITIZED = os.environ.get("ASYNCLAB_SANITIZED", "") not in ("", "0")
PYTHON = "/usr/bin/python3"
SCRIPTS = KIT / "support/async/python"
PROGRAMS = KIT / ("build/cpp/sanitized" if SANITIZED else "build/cpp")
MODULE = KIT / ("build/solutions/python-sanitized" if SANITIZED else "build/solutions/python")
HOST = KIT / "support/async/tests/module_server.py"  # runs one asynclab.Server until a signal
MODELS = {"server": "sync", "mp_server": "processes", "mt_server": "threads"}
MODELS |= {"async_server": "async", "async_server_3.6": "async", "uring_server": "io_uring"}


@dataclass(frozen=True)
class Program:
    """One way to run one server. `handler`: the language in which the reply is computed."""

    name: str
    language: str  # python, cpp, or module: asynclab.Server in a small script
    handler: str  # python or cpp
    model: str  # sync, processes, threads, async, io_uring
    options: tuple = ()

    def __str__(self):
        return " ".join((f"{self.language}/{self.name}", *self.options))

    @property
    def inline(self) -> bool:
        return "--inline" in self.options

    @property
    def log_name(self) -> str:
        return "root" if self.language != "cpp" else self.name

    @property
    def needs_module(self) -> bool:
        return self.language == "module" or "asynclab" in self.options

    def argv(self, *arguments) -> list[str]:
        """The command that starts it with `arguments`: the port first, as a user types it."""
        words = [*map(str, arguments), *self.options]
        if self.language == "cpp":
            return [str(PROGRAMS / self.name), *words]
        if self.language == "module":
            return [*module_environment(), PYTHON, str(HOST), self.model, self.handler, *words]
        started = module_environment() if self.needs_module else []
        return [*started, PYTHON, str(SCRIPTS / self.name), *words]

    def synchronous(self) -> "Program":
        """The server that computes as this one does, in its only thread."""
        name = {"python": "server.py", "cpp": "server", "module": f"sync-{self.handler}"}
        return replace(self, name=name[self.language], model="sync", options=())

    def missing(self) -> str:
        """Why it cannot be run on this machine; empty if it can."""
        return machine.io_uring() if self.model == "io_uring" else ""


def module_environment() -> list[str]:
    """A prefix for a command that imports asynclab. A sanitizer's library must be the first one."""
    words = ["/usr/bin/env", f"PYTHONPATH={MODULE}"]
    if SANITIZED:
        words += [f"LD_PRELOAD={library('libasan.so')} {library('libstdc++.so')}"]
        words += ["ASAN_OPTIONS=detect_leaks=0", "PYTHONMALLOC=malloc"]  # CPython itself leaks
    return words


def library(name: str) -> str:
    found = subprocess.run(["g++", f"-print-file-name={name}"], capture_output=True, text=True)
    return found.stdout.strip()


def programs() -> list[Program]:
    scripts = [
        Program(f"{name}.py", "python", "python", model)
        for name, model in MODELS.items()
        if model != "io_uring"
    ]
    scripts += [
        Program(f"{name}.py", "python", "python", "async", ("--inline",))
        for name in ("async_server", "async_server_3.6")
    ]
    own_loop = Program("async_server.py", "python", "python", "async", ("--selector", "asynclab"))
    compiled = [
        Program(name, "cpp", "cpp", model) for name, model in MODELS.items() if "3.6" not in name
    ]
    compiled.append(Program("async_server", "cpp", "cpp", "async", ("--inline",)))
    return [*([] if SANITIZED else scripts), own_loop, *compiled]


def module_servers() -> list[Program]:
    models = dict.fromkeys(MODELS.values())
    pairs = [(model, handler) for model in models for handler in ("cpp", "python")]
    made = [Program(f"{model}-{handler}", "module", handler, model) for model, handler in pairs]
    return [*made, Program("async-cpp", "module", "cpp", "async", ("--inline",))]


COMMANDS = programs()  # those with the command line of the contract
ALL = [*COMMANDS, *module_servers()]
CONCURRENT = [
    program for program in ALL if program.model != "sync"
]  # those that serve many at once


def every(chosen=ALL):
    """A decorator: the test is run with each of `chosen`, in its argument `program`."""
    return pytest.mark.parametrize("program", chosen, ids=str, indirect=True)
