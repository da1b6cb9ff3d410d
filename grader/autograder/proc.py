"""What the kernel says about a process, from /proc alone, so that looking costs the program nothing.

Every function takes process ids as this machine numbers them and returns what could be read: a
process that is gone is not an error but absent. Source: proc(5).
"""
import os
import platform
from dataclasses import dataclass

KERNEL_WORKER = 0x10 | 0x4000  # PF_IO_WORKER, PF_USER_WORKER: threads that io_uring made
NOT_ACCEPTED = "socket:[0]"  # a connection that waits in a listener's queue has no inode yet
LISTEN, ESTABLISHED, SYN_SENT = "0A", "01", "02"  # include/net/tcp_states.h
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


def read(path) -> str:
    """Done hundreds of times a second, so without what open() does for other files."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        parts = []
        while part := os.read(fd, 1 << 16):
            parts.append(part)
        return b"".join(parts).decode(errors="replace")
    except OSError:
        return ""
    finally:
        os.close(fd)


def tree(pid: int) -> list[int]:
    """`pid` and every process below it."""
    found = [pid]
    for task in tasks(pid):
        for child in read(f"/proc/{pid}/task/{task}/children").split():
            found += tree(int(child))
    return found


def tasks(pid: int) -> list[int]:
    """The threads of a process, kernel workers included."""
    try:
        return sorted(int(task) for task in os.listdir(f"/proc/{pid}/task"))
    except OSError:
        return []


def tasks_of(user: int) -> int:
    """How many threads run as this user, on the whole machine."""
    count = 0
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.stat(f"/proc/{name}").st_uid == user:
                count += len(tasks(int(name)))
        except OSError:
            pass  # it has gone meanwhile
    return count


@dataclass(frozen=True)
class Stat:
    """The fields of /proc/PID/task/TID/stat that the grader uses."""

    name: str
    state: str  # R running or runnable, S asleep, D waits for a device, T stopped, Z zombie
    parent: int
    kernel_worker: bool


def stat(pid: int, task: int | None = None) -> Stat | None:
    text = read(f"/proc/{pid}/task/{task or pid}/stat")
    if not text:
        return None
    name, fields = (
        text[text.index("(") + 1 : text.rindex(")")],
        text[text.rindex(")") + 2 :].split(),
    )
    return Stat(name, fields[0], int(fields[1]), bool(int(fields[6]) & KERNEL_WORKER))


def threads(pid: int) -> list[int]:
    """The threads that the program itself made: kernel workers are told by flag, not by name."""
    return [task for task in tasks(pid) if (s := stat(pid, task)) and not s.kernel_worker]


def descriptors(pid: int) -> dict[int, str]:
    """Descriptor to what it is: `socket:[INODE]`, `anon_inode:[eventpoll]`, a path."""
    found = {}
    try:
        names = os.listdir(f"/proc/{pid}/fd")
    except OSError:
        return {}
    for name in names:
        try:
            found[int(name)] = os.readlink(f"/proc/{pid}/fd/{name}")
        except OSError:
            pass  # closed between the two looks
    return found


def descriptor_limit(pid: int) -> int:
    """RLIMIT_NOFILE, the soft one: what fails with EMFILE beyond it, getrlimit(2)."""
    for line in read(f"/proc/{pid}/limits").splitlines():
        if line.startswith("Max open files"):
            return int(line.split()[3])
    return 1 << 30


def resident_bytes(pid: int) -> int:
    for line in read(f"/proc/{pid}/status").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


@dataclass(frozen=True)
class TcpSocket:
    """A line of /proc/PID/net/tcp: ports, state, bytes queued, and the inode that ties it to a
    descriptor."""

    local_port: int
    peer_port: int
    state: str
    unsent: int
    unread: int
    inode: str


def tcp_sockets(pid: int) -> list[TcpSocket]:
    """Every TCP socket in the network namespace of `pid`, IPv4 and IPv6."""
    found = []
    for table in ("tcp", "tcp6"):
        for line in read(f"/proc/{pid}/net/{table}").splitlines()[1:]:
            field = line.split()
            unsent, unread = (int(part, 16) for part in field[4].split(":"))
            local, peer = (int(field[at].rsplit(":", 1)[1], 16) for at in (1, 2))
            found.append(TcpSocket(local, peer, field[3], unsent, unread, f"socket:[{field[9]}]"))
    return found


def blocked_in(pid: int, task: int) -> tuple[str, int | None]:
    """Where a thread is: the system call that it sleeps in and its descriptor, or `running`."""
    name, arguments = system_call(pid, task)
    return name, arguments[0] if name in WITH_DESCRIPTOR else None


def system_call(pid: int, task: int) -> tuple[str, list[int]]:
    """The system call that a thread sleeps in and its six arguments; `running` and none."""
    fields = read(f"/proc/{pid}/task/{task}/syscall").split()
    if not fields or fields[0] in ("running", "-1"):
        return ("running" if fields else "unknown"), []
    name = SYSCALLS.get(int(fields[0]), f"system call {fields[0]}")
    return name, [int(field, 16) for field in fields[1:7]]
