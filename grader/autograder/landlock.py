"""Restricts itself, then becomes the program: what a box is where there are no user namespaces.

Run alone by the warden, `python3 -I -S -c TEXT CONFIG`. Landlock (landlock(7)) takes rights away from
a process and all that it starts, for good: here every file but those named, TCP ports but those named,
abstract sockets and signals to processes outside, and with that ptrace(2). Its numbers are the same on
all architectures; versions (ABI): 1 files, 4 TCP (Linux 6.7), 6 signals (6.12).
"""
import ctypes
import json
import os
import resource
import signal
import struct
import sys

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION = 1  # flag of CREATE_RULESET: only tell the ABI
PATH_BENEATH, NET_PORT = 1, 2
EXECUTE, READ_FILE, READ_DIR = 1 << 0, 1 << 2, 1 << 3
OF_FILES = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14  # execute, write, read, truncate
FIRST_VERSION, REFER, TRUNCATE, IOCTL_DEV = (1 << 13) - 1, 1 << 13, 1 << 14, 1 << 15
BIND, CONNECT = 1, 2
ABSTRACT_SOCKETS, SIGNALS = 1, 2
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, MODE_FILTER = 38, 22, 2  # prctl(2)
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/proc", "/etc/hosts")
SYSTEM_TOO = ("/etc/ld.so.cache", "/etc/alternatives", "/dev/urandom", "/dev/zero")
DEVICES = ("/dev/null", "/dev/full", "/dev/tty")
libc = ctypes.CDLL(None, use_errno=True)


def call(number, *arguments) -> int:
    result = libc.syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), "Landlock: " + os.strerror(ctypes.get_errno()))
    return result


def version() -> int:
    """The ABI of this kernel's Landlock; 0 without it."""
    try:
        return call(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(VERSION))
    except OSError:
        return 0


def restrict(config):
    """Takes away every right but those to the files and ports named."""
    abi = version()
    if abi < 4:
        raise OSError(0, f"this kernel's Landlock (ABI {abi}) knows no network: 6.7 or later does")
    files = FIRST_VERSION | REFER | TRUNCATE | (IOCTL_DEV if abi >= 5 else 0)
    scopes = ABSTRACT_SOCKETS | SIGNALS if abi >= 6 else 0
    asked = struct.pack("QQQ", files, BIND | CONNECT, scopes)[: 24 if abi >= 6 else 16]
    rules = call(CREATE_RULESET, asked, ctypes.c_size_t(len(asked)), ctypes.c_uint32(0))
    for path in (*SYSTEM, *SYSTEM_TOO, *config["read"]):
        allow(rules, path, EXECUTE | READ_FILE | READ_DIR)
    for path in (*DEVICES, *config["write"]):
        allow(rules, path, files)
    for port in config["ports"]:
        told = struct.pack("QQ", BIND | CONNECT, port)
        call(ADD_RULE, ctypes.c_int(rules), ctypes.c_int(NET_PORT), told, ctypes.c_uint32(0))
    call(RESTRICT_SELF, ctypes.c_int(rules), ctypes.c_uint32(0))
    os.close(rules)


def allow(rules, path, rights):
    if not os.path.exists(path):
        return
    fd = os.open(path, os.O_PATH)
    if not os.path.isdir(path):
        rights &= OF_FILES
    told = struct.pack("=Qi", rights, fd)
    call(ADD_RULE, ctypes.c_int(rules), ctypes.c_int(PATH_BENEATH), told, ctypes.c_uint32(0))
    os.close(fd)


def load_filter(fd):
    """The filter of system_calls.py, for this process and all that it starts."""
    text = ctypes.create_string_buffer(os.read(fd, 1 << 20))
    os.close(fd)
    count = (len(text) - 1) // 8  # of struct sock_filter
    told = struct.pack("HxxxxxxP", count, ctypes.addressof(text))
    if libc.prctl(PR_SET_SECCOMP, MODE_FILTER, told, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp: " + os.strerror(ctypes.get_errno()))


def main():
    config = json.loads(sys.argv[1])
    os.chdir(config["cwd"])
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if config["landlock"]:
        restrict(config)
    for name, limits in config["limits"].items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name.upper()}"), tuple(limits))
    if config["filter"] is not None:
        load_filter(config["filter"])
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # which Python ignores, and execve(2) hands on
        signal.signal(number, signal.SIG_DFL)
    os.execvpe(config["argv"][0], config["argv"], config["env"])


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(f"box: {error}")
