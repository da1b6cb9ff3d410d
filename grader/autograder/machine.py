"""What this machine can do: the box, tracing, io_uring, descriptors. Probed once, never assumed."""
import ctypes
import errno
import functools
import os
import pathlib
import platform
import resource
import shutil
import subprocess
import sysconfig

from . import proc

KIT = pathlib.Path(__file__).resolve().parents[2]
IO_URING_SETUP = 425  # the same number on every architecture
AIO_CALLS = {"x86_64": (206, 207), "aarch64": (0, 1)}  # io_setup, io_destroy


def raise_descriptor_limit() -> int:
    """Lifts the soft limit of this process to the hard one and returns it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = 65536 if hard == resource.RLIM_INFINITY else hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    return limit


@functools.cache
def io_uring() -> str:
    """Empty when io_uring works here, else the reason and the cure in one sentence."""
    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.syscall(IO_URING_SETUP, 4, ctypes.create_string_buffer(120))
    if fd >= 0:
        os.close(fd)
        return ""
    code = ctypes.get_errno()
    disabled = proc.read("/proc/sys/kernel/io_uring_disabled").strip()
    if code == errno.EPERM and disabled in ("1", "2"):
        return (
            f"this machine forbids io_uring (kernel.io_uring_disabled = {disabled}): "
            "`sudo sysctl kernel.io_uring_disabled=0` allows it"
        )
    if code == errno.ENOSYS:
        return (
            "this kernel has no io_uring: use 5.15 or later, or leave the container that hides it"
        )
    return (
        f"io_uring_setup says {os.strerror(code)}: a container's seccomp profile does that; "
        "start it with --security-opt seccomp=unconfined"
    )


@functools.cache
def linux_aio() -> str:
    """Empty when Linux aio works here, else the reason and the cure in one sentence."""
    libc, context = ctypes.CDLL(None, use_errno=True), ctypes.c_ulong(0)
    setup, destroy = AIO_CALLS.get(platform.machine(), (0, 1))
    if libc.syscall(setup, 1, ctypes.byref(context)) == 0:
        libc.syscall(destroy, context)
        return ""
    code = ctypes.get_errno()
    return f"Linux aio is not to be had here: io_setup says {os.strerror(code)}; " + (
        "`sudo sysctl fs.aio-max-nr=1048576` allows more"
        if code == errno.EAGAIN
        else "use a kernel with CONFIG_AIO, or leave the container that hides it"
    )


@functools.cache
def liburing() -> tuple[int, int]:
    """The version of liburing's development files; (0, 0) without them."""
    asked = subprocess.run(
        ["pkg-config", "--modversion", "liburing"], capture_output=True, text=True
    )
    try:
        return tuple(int(part) for part in asked.stdout.strip().split(".")[:2])
    except ValueError:
        return (0, 0)


@functools.cache
def extensions() -> str:
    """Empty when modules for the system's Python can be compiled, else why not and what to do."""
    header = pathlib.Path(sysconfig.get_path("include")) / "Python.h"
    found = subprocess.run(["pkg-config", "--exists", "pybind11"]).returncode == 0
    missing = [
        name
        for name, there in (("python3-dev", header.exists()), ("pybind11-dev", found))
        if not there
    ]
    return f"{' and '.join(missing)} missing: `make setup` installs it" if missing else ""


@functools.cache
def tracing() -> str:
    """Empty when strace can follow a program here, else why not and what to do."""
    if not shutil.which("strace"):
        return "strace is missing: `make setup` installs it"
    tried = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, text=True)
    last = (tried.stderr.strip().splitlines() or ["no reason given"])[-1]
    return "" if tried.returncode == 0 else f"strace cannot trace here: {last}"


def kernel() -> tuple[int, int]:
    return tuple(int(part) for part in platform.release().split(".")[:2])


@functools.cache
def compiler() -> str:
    name = os.environ.get("CXX", "g++")
    if not shutil.which(name):
        return "none"
    said = subprocess.run([name, "--version"], capture_output=True, text=True).stdout
    return said.partition("\n")[0] or f"{name}, which does not tell its version"


def describe() -> dict:
    """The `environment` of a result."""
    from . import isolation

    return {
        "kernel": platform.release(),
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
        "compiler": compiler(),
        "io_uring": not io_uring(),
        "box": isolation.level().title,
    }
