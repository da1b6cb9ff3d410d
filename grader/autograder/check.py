"""Checks: one function each; the name states a fact, the docstring is the promise to the
student."""
import concurrent.futures
import importlib
import os
import pathlib
import pkgutil
from dataclasses import dataclass, field
from typing import Callable

from . import machine
from .isolation import OPEN, Policy
from .build import THREADSAN
from .closed_box import only_traced
from .failure import CannotJudge, Failed, Lacking
from .limits import ANY_TRACING, NO_TRACING, OWN_THREADS, RELEASE, RUN, Limits
from .run import Run
from .server import Server

TINY, LARGE = (
    4096,
    16 << 20,
)  # bytes for tcp_wmem and tcp_rmem; the kernel accepts no less than 4096
# ThreadSanitizer of g++ 12 does not bear much randomness of addresses (vm.mmap_rnd_bits 32), setarch(8)
NOT_RANDOMISED = ("sh", "-c", 'setarch -R true 2>&- && exec setarch -R "$@"; exec "$@"', "sh")
REGISTRY: dict[str, "Check"] = {}


@dataclass(frozen=True)
class Check:
    """`own`: judges how the lab's own code is built, so it is left out under --exec."""

    id: str  # 05.2/name_of_the_function
    program: str
    points: int
    promise: str
    run: Callable
    needs: tuple[str, ...] = ()
    own: bool = False
    alone: bool = False  # measures a rate: not while other checks run
    builds: tuple[str, ...] = ()  # flavours of the program that are compiled for it in advance

    @property
    def step(self) -> str:
        return self.id.split("/")[0]

    @property
    def lab(self) -> str:
        return self.id[:2]


def check(step: str, points: int, program: str, *, needs=(), own=False, alone=False, builds=()):
    """Registers a function as a check of `step`, worth `points`."""

    def register(function):
        promise = " ".join(function.__doc__.split())
        made = Check(
            f"{step}/{function.__name__}",
            program,
            points,
            promise,
            function,
            tuple(needs),
            own,
            alone,
            tuple(builds),
        )
        REGISTRY[made.id] = made
        function.id = made.id
        return function

    return register


def checks_of(lab_number: str) -> list[Check]:
    """The checks of a lab, by step, in the order in which they stand in its file."""
    from . import checks

    for module in pkgutil.iter_modules(checks.__path__):
        importlib.import_module(f"{checks.__name__}.{module.name}")
    return sorted((c for c in REGISTRY.values() if c.lab == lab_number), key=lambda c: c.step)


@dataclass
class Bench:
    """What a check works with: makes servers of the program under judgement."""

    check: Check
    commands: dict[str, list[str]]  # flavour -> command line with {port}
    cwd: pathlib.Path
    seed: str
    measurements: dict = field(default_factory=dict)
    attach: Callable | None = None  # for `play`: a server that already runs
    whitebox: dict = field(default_factory=dict)
    mentioned: set = field(
        default_factory=set
    )  # steps that the program said are still to be written
    uses_io_uring: bool = False  # is the lab about it?
    policy: Policy = OPEN
    limits: Limits = RUN  # of closed boxes, as `files`: see closed_box.Start
    files: dict = field(default_factory=dict)

    def server(self, *, tiny=False, tiny_send=False, large=False, **options) -> Server:
        """Starts the program as a server. `tiny`: socket buffers of 4 KiB, so that short writes are
        certain; `tiny_send`: the send buffers only; `large`: buffers for megabytes under way. The
        other options are those of `_started`."""
        if self.attach:
            return self.attach(seed=self.seed, measurements=self.measurements)
        buffers = (
            (LARGE, LARGE) if large else (TINY if tiny or tiny_send else 0, TINY if tiny else 0)
        )
        return self._started(Server, buffers=buffers, **options)

    def run(self, **options) -> Run:
        """Runs a program that is no server to its end; options as for `_started`."""
        if self.attach:
            raise CannotJudge(
                f"{self.check.program} is no server: run it under a debugger yourself"
            )
        return self._started(Run, portless=True, **options)

    def side_by_side(self, *parts):
        """Runs functions that have servers of their own and mostly wait; raises what the first of them
        raises. One after the other where all have the same server, under `play`."""
        if self.attach:
            return [part() for part in parts]
        with concurrent.futures.ThreadPoolExecutor(len(parts)) as pool:
            begun = [pool.submit(part) for part in parts]
        return [part.result() for part in begun]

    def _started(
        self,
        kind,
        *,
        arguments=(),
        release=None,
        threadsan=False,
        portless=False,
        trace=(),
        **options,
    ) -> Server:
        """`arguments`: what follows the port, also under --exec. `release`: the optimised build, for
        CPU and mechanism; as a rule under a tracer too. `threadsan`: the one that finds data races
        (the check says `builds=`). `trace`: options for strace."""
        if trace and (reason := machine.tracing()):
            raise Lacking(reason)
        release = bool(trace) if release is None else release
        flavour = "release" if release else THREADSAN if threadsan else "sanitized"
        command = self.commands[flavour]
        argv = [part for part in command if not (portless and part == "{port}")]
        argv += map(str, arguments)
        if threadsan:
            argv = [*NOT_RANDOMISED, *argv]
        if trace:
            options["trace_fd"] = fd = os.memfd_create("trace")
            if self.policy.closed:
                argv = only_traced(argv, fd)
            argv = ["strace", "-f", "--seccomp-bpf", "-o", f"/proc/self/fd/{fd}", *trace, *argv]
        if self.policy.closed:
            options |= self.closed(argv, arguments, flavour, bool(trace))
        return kind(
            argv,
            seed=self.seed,
            cwd=self.cwd,
            measurements=self.measurements,
            mentioned=self.mentioned,
            uses_io_uring=self.uses_io_uring,
            **options,
        )

    def closed(self, argv, arguments=(), flavour="sanitized", traced=False) -> dict:
        """Options for a closed box: limits, the files that the command line names, and the directories
        of the paths among the arguments, with what lies beside."""
        tracing = ANY_TRACING if traced else NO_TRACING if flavour == "release" else OWN_THREADS
        space = RELEASE.address_space if flavour == "release" else 0
        python = any("/module/" in str(path) for path in self.files)
        return {
            "policy": self.policy,
            "limits": self.limits.but(tracing=tracing, address_space=space),
            "files": {i: o for i, o in self.files.items() if python or str(i) in argv},
            "readable": [one.parent for one in arguments if isinstance(one, pathlib.Path)],
        }


__all__ = ["Bench", "CannotJudge", "Check", "Failed", "Lacking", "check", "checks_of"]
