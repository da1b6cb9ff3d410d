"""Where a thread is blocked: the system call that it sleeps in, and on what. Source: proc(5),
/proc/PID/task/TID/syscall."""
import platform

from . import proc

SYSCALLS = {
    "x86_64": {
        0: "read",
        1: "write",
        7: "poll",
        17: "pread64",
        19: "readv",
        20: "writev",
        23: "select",
        35: "nanosleep",
        40: "sendfile",
        43: "accept",
        44: "sendto",
        45: "recvfrom",
        46: "sendmsg",
        47: "recvmsg",
        56: "clone",
        58: "vfork",
        61: "wait4",
        202: "futex",
        230: "clock_nanosleep",
        232: "epoll_wait",
        270: "pselect6",
        271: "ppoll",
        275: "splice",
        295: "preadv",
        327: "preadv2",
        281: "epoll_pwait",
        288: "accept4",
        426: "io_uring_enter",
        441: "epoll_pwait2",
        34: "pause",
        435: "clone3",
        247: "waitid",
    },
    "aarch64": {
        22: "epoll_pwait",
        63: "read",
        64: "write",
        65: "readv",
        66: "writev",
        67: "pread64",
        69: "preadv",
        71: "sendfile",
        72: "pselect6",
        73: "ppoll",
        76: "splice",
        95: "waitid",
        98: "futex",
        101: "nanosleep",
        115: "clock_nanosleep",
        202: "accept",
        206: "sendto",
        207: "recvfrom",
        211: "sendmsg",
        212: "recvmsg",
        220: "clone",
        242: "accept4",
        260: "wait4",
        286: "preadv2",
        426: "io_uring_enter",
        435: "clone3",
        441: "epoll_pwait2",
    },
}[platform.machine()]
# vfork(2) waits in state D until the child has begun
MAKES_A_PROCESS = {"clone", "vfork", "clone3"}
WITH_DESCRIPTOR = {
    "read",
    "write",
    "readv",
    "pread64",
    "preadv",
    "preadv2",
    "writev",
    "accept",
    "accept4",
    "sendto",
    "recvfrom",
    "sendmsg",
    "recvmsg",
    "epoll_wait",
    "epoll_pwait",
    "epoll_pwait2",
    "io_uring_enter",
}


def where(pid: int, task: int) -> tuple[str, int | None]:
    """Where a thread is: the system call that it sleeps in and its descriptor, or `running`."""
    name, arguments = system_call(pid, task)
    return name, arguments[0] if name in WITH_DESCRIPTOR else None


def system_call(pid: int, task: int) -> tuple[str, list[int]]:
    """The system call that a thread sleeps in and its six arguments; `running` and none."""
    fields = proc.read(f"/proc/{pid}/task/{task}/syscall").split()
    if not fields or fields[0] in ("running", "-1"):
        return ("running" if fields else "unknown"), []
    name = SYSCALLS.get(int(fields[0]), f"system call {fields[0]}")
    return name, [int(field, 16) for field in fields[1:7]]
