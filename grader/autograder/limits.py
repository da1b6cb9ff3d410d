"""What a program in a closed box may use, and the resource limits (getrlimit(2)) that follow."""
import resource
from dataclasses import dataclass, replace

MiB = 1 << 20
FLOOD = 32 * MiB  # bytes after which a program is taken for one that floods its output
NO_TRACING, OWN_THREADS, ANY_TRACING = "no", "own", "any"  # see system_calls.py


@dataclass(frozen=True)
class Limits:
    """`memory`: bytes of all processes of the box together; `file`: of the largest file; `cpu`: seconds
    of each process (0: no limit); `address_space`: bytes of each process (0: a sanitizer reserves
    terabytes, so there is none)."""

    processes: int = 128
    memory: int = 1024 * MiB
    output: int = FLOOD
    file: int = 64 * MiB
    descriptors: int = 4096
    cpu: int = 0
    address_space: int = 0
    io_uring: bool = False
    tracing: str = NO_TRACING

    def but(self, **changes) -> "Limits":
        return replace(self, **changes)

    def resources(self) -> dict[str, tuple[int, int]]:
        """Name as of prlimit(1) -> soft and hard limit, none above what this process may have itself."""
        wanted = {
            "core": 0,
            "fsize": self.file,
            "nofile": self.descriptors,
            "stack": 8 * MiB,
            "memlock": 8 * MiB,  # rings and their buffers are locked memory before Linux 5.12
            "nproc": self.processes,
            **({"cpu": self.cpu} if self.cpu else {}),
            **({"as": self.address_space} if self.address_space else {}),
        }
        made = {name: (at_most(name, value),) * 2 for name, value in wanted.items()}
        if self.cpu:
            made["cpu"] = made["cpu"][0], at_most("cpu", self.cpu + 1)  # SIGXCPU before SIGKILL
        return made


def at_most(name, value) -> int:
    hard = resource.getrlimit(getattr(resource, f"RLIMIT_{name.upper()}"))[1]
    return value if hard == resource.RLIM_INFINITY else min(value, hard)


RUN = Limits()
RELEASE = Limits(address_space=16 << 30)
SANITIZED = Limits(tracing=OWN_THREADS)  # LeakSanitizer looks into its own threads with ptrace(2)
