"""How a student's own program is started: by prlimit(1), in bubblewrap where there is one. It sees the
real file system, read-only."""
import os


def command(argv, level, nofile, writable, info) -> list[str]:
    """`nofile`: RLIMIT_NOFILE (0: as it is); `info`: the descriptor to which bubblewrap tells the process
    ids."""
    limits = [f"--nofile={nofile}"] if nofile else []
    limited = ["prlimit", "--core=0", *limits, "--", *argv]
    if not level.bubblewrap:
        return limited
    return [
        *("bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"),
        *(word for path in writable for word in ("--bind", path, path)),
        *("--unshare-pid", "--unshare-ipc", "--die-with-parent", "--info-fd", str(info), "--"),
        *limited,
    ]


def environment() -> dict:
    """The caller's own, and what makes a sanitizer say where."""
    says = {"UBSAN_OPTIONS": "print_stacktrace=1", "TSAN_OPTIONS": "halt_on_error=1"}
    return {**os.environ, **says}
