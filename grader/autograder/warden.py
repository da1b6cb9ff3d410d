"""The warden: a small process that hosts one graded program and makes the sockets of its clients.

It is a process of its own, a child of mother.py, because a network namespace and the duty to reap
orphans belong to a whole process, and the grader runs many checks at once. It enters a network
namespace of its own, starts the program there, answers requests on a socket, and when that
socket closes (the check is over, or the grader died) it ends all that the program left behind.

Requests, a letter and a number: `sN` N TCP sockets made inside the namespace (SCM_RIGHTS), `dN` N
sockets that ask about them (sock_diag(7)), `x` the exit status.
"""
import ctypes
import fcntl
import json
import os
import signal
import socket
import struct
import subprocess
import time

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000  # sched.h
PR_SET_CHILD_SUBREAPER = 36  # prctl(2), since Linux 3.4
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1  # netdevice(7)
# Linux 6.1: namespaces made below get a table of connections of their own. Who reads /proc/net/tcp goes
# through all of the table, and the machine's has 262,144 places where memory is 24 GiB: 3 ms of CPU.
TABLE, BUCKETS = "/proc/sys/net/ipv4/tcp_child_ehash_entries", 1024
libc = ctypes.CDLL(None, use_errno=True)


def enter_network(buffers):
    """Moves to a network namespace of its own with `lo` up. `buffers`: bytes for tcp_wmem,
    tcp_rmem."""
    user, group = os.geteuid(), os.getegid()
    if libc.unshare(CLONE_NEWNET) != 0:  # without CAP_SYS_ADMIN: through a user namespace
        unshare(CLONE_NEWUSER | CLONE_NEWNET)
        write("/proc/self/setgroups", "deny")
        write("/proc/self/uid_map", f"{user} {user} 1")
        write("/proc/self/gid_map", f"{group} {group} 1")
    if os.path.exists(TABLE):
        write(TABLE, f"{BUCKETS}")
        unshare(CLONE_NEWNET)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(any_socket, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))
    write("/proc/sys/net/ipv4/tcp_congestion_control", "reno")  # BBR paces, also on loopback
    for name, size in zip(("tcp_wmem", "tcp_rmem"), buffers):
        if size:
            write(f"/proc/sys/net/ipv4/{name}", f"{size} {size} {size}")


def unshare(flags):
    if libc.unshare(flags) != 0:
        raise OSError(ctypes.get_errno(), "unshare: " + os.strerror(ctypes.get_errno()))


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def become(groups, user, nice):
    """In the child, before the program: moves to control groups, and from root to `user`, if any."""
    for entrance in groups:
        write(entrance, "0")
    os.nice(nice)
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)


def descendants(pid):
    """All processes below `pid`, children before their own children."""
    found = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as children:
                for child in map(int, children.read().split()):
                    found += [child, *descendants(child)]
    except OSError:
        pass  # it has gone meanwhile
    return found


def end_all():
    """Kills and reaps every descendant; orphans come to us because we are their subreaper."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        for pid in descendants(os.getpid()):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.001)


def remove(entrances):
    """The control groups of the box, which need a moment to be empty: they go even if the grader died."""
    deadline = time.monotonic() + 4  # on a very busy machine the dead take their time
    for entrance in entrances:
        while time.monotonic() < deadline:
            try:
                os.rmdir(os.path.dirname(entrance))
                break
            except FileNotFoundError:
                break
            except OSError:
                time.sleep(0.005)


MADE = {
    b"s": (socket.AF_INET, socket.SOCK_STREAM, 0),
    b"d": (socket.AF_NETLINK, socket.SOCK_RAW, 4),  # NETLINK_SOCK_DIAG
}


def answer(control, request, child):
    kind, number = request[:1], request[1:]
    if kind in MADE:
        made = [socket.socket(*MADE[kind]) for _ in range(int(number))]
        socket.send_fds(control, [b"s"], [one.fileno() for one in made])
    else:
        status = child.poll()
        control.send(json.dumps(status).encode())


def host(config, control):
    """Starts the program, then answers requests until the grader closes its end."""
    try:
        if config["network"]:
            enter_network(config["buffers"])
        child = subprocess.Popen(
            config["argv"],
            stdin=config["stdin"],
            stdout=config["stdout"],
            stderr=config["stderr"],
            cwd=config["cwd"],
            env=config["env"],
            preexec_fn=config["become"] and (lambda: become(**config["become"])),
            pass_fds=config["keep"],
            start_new_session=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        control.send(json.dumps({"error": str(error)}).encode())
        return
    for fd in {config["stdin"], config["stdout"], config["stderr"], *config["keep"]}:
        os.close(fd)  # or the grader would never see the end of the program's output
    control.send(json.dumps({"pid": child.pid}).encode())
    while request := control.recv(16):
        answer(control, request, child)


def run(config):
    """All of a warden's life; `config` says what Box has put into it."""
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        host(config, socket.socket(fileno=config["control"]))
    except ConnectionError:
        pass  # the grader has died
    finally:
        end_all()
        if config["become"]:
            remove(config["become"]["groups"])
