"""Which system calls a program in a closed box may make: a filter for seccomp(2), made by libseccomp.

Everything is allowed but what no lab needs and what has been a way out of a box: tracing others, keys,
mounts, new namespaces, kernel programs, sockets that leave the network namespace, memory that is in
nobody's resident set and so unseen where there is no control group. Sources: seccomp(2),
namespaces(7), the manual page of each call.
"""
import errno
import functools
import os
import socket
import tempfile

from .limits import ANY_TRACING, OWN_THREADS

DENIED = """process_vm_readv process_vm_writev process_madvise kcmp pidfd_getfd keyctl add_key request_key
 bpf perf_event_open userfaultfd mount umount2 pivot_root chroot move_mount open_tree fsopen fsconfig
 fsmount fspick mount_setattr unshare setns name_to_handle_at open_by_handle_at fanotify_init quotactl
 quotactl_fd swapon swapoff reboot kexec_load kexec_file_load init_module finit_module delete_module
 acct syslog settimeofday clock_settime adjtimex clock_adjtime iopl ioperm lookup_dcookie vhangup
 sethostname setdomainname memfd_create memfd_secret shmget semget msgget""".split()
RINGS = ("io_uring_setup", "io_uring_enter", "io_uring_register")
NEW_NAMESPACE = (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
FAMILIES = (1, 2, 10)  # AF_UNIX, AF_INET, AF_INET6
PR_SET_DUMPABLE = 4
INT = 0xFFFFFFFF  # the kernel looks at these bits of an argument of type int
# What LeakSanitizer asks of the threads of its own process: continue, kill, attach, detach, registers.
LOOKING = {7, 8, 12, 16, 17, 0x4204}  # sys/ptrace.h


def missing() -> str:
    """Empty when filters can be made here, else what to do."""
    try:
        import seccomp  # noqa: F401
    except ImportError:
        return "python3-seccomp is missing: `make setup` installs it"
    return ""


@functools.cache
def program(tracing: str, io_uring: bool, tcp_only: bool = False) -> bytes:
    """The filter as an array of struct sock_filter. `tracing`: one of limits.py; `tcp_only`: no other
    sockets of the internet, where there is no network namespace to keep them in."""
    import seccomp

    made = seccomp.SyscallFilter(seccomp.ALLOW)
    deny = functools.partial(add, made, seccomp.ERRNO(errno.EPERM))
    for name in DENIED:
        deny(name)
    for flag in NEW_NAMESPACE:
        deny("clone", seccomp.Arg(0, seccomp.MASKED_EQ, flag, flag))
    deny("prctl", seccomp.Arg(0, seccomp.MASKED_EQ, INT, PR_SET_DUMPABLE))
    unknown = seccomp.ERRNO(errno.ENOSYS)
    for name in ("clone3", *(() if io_uring else RINGS)):  # flags of clone3 lie in memory: unseen
        add(made, unknown, name)
    trace(deny, seccomp, tracing)
    families(functools.partial(add, made), seccomp, tcp_only)
    with tempfile.TemporaryFile() as file:
        made.export_bpf(file)
        return os.pread(file.fileno(), 1 << 20, 0)


def add(made, action, name, *conditions):
    try:
        made.add_rule(action, name, *conditions)
    except (OSError, RuntimeError, ValueError):
        if conditions:
            raise  # a call that this libseccomp does not know, this kernel seldom has


def trace(deny, seccomp, tracing):
    if tracing == ANY_TRACING:
        return
    if tracing != OWN_THREADS:
        return deny("ptrace")
    for request in [*range(18, 64), *range(0x4200, 0x4204), *set(range(7, 18)) - LOOKING]:
        deny("ptrace", seccomp.Arg(0, seccomp.EQ, request))
    deny("ptrace", seccomp.Arg(0, seccomp.LT, min(LOOKING)))
    deny("ptrace", seccomp.Arg(0, seccomp.GT, max(LOOKING)))


def families(add, seccomp, tcp_only):
    """TCP and UDP: of other protocols nobody counts what waits in their sockets (sockets.py)."""
    refused, unknown = seccomp.ERRNO(errno.EAFNOSUPPORT), seccomp.ERRNO(errno.EPROTONOSUPPORT)
    for family in FAMILIES[1:]:
        most = seccomp.Arg(2, seccomp.GT, socket.IPPROTO_UDP)  # above: SCTP, UDP-Lite, MPTCP
        add(unknown, "socket", seccomp.Arg(0, seccomp.MASKED_EQ, INT, family), most)
    for family in set(range(max(FAMILIES))) - set(FAMILIES):
        add(refused, "socket", seccomp.Arg(0, seccomp.EQ, family))
    add(refused, "socket", seccomp.Arg(0, seccomp.GT, max(FAMILIES)))
    for kind in (2, 3, 5, 10) if tcp_only else ():  # SOCK_DGRAM, SOCK_RAW, ...
        for family in FAMILIES[1:]:
            add(
                refused,
                "socket",
                seccomp.Arg(0, seccomp.MASKED_EQ, INT, family),
                seccomp.Arg(1, seccomp.MASKED_EQ, 0xF, kind),
            )
