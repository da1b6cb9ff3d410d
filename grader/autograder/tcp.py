"""The TCP sockets of a network namespace, as the kernel lists them. Source: proc(5), /proc/net/tcp."""
from dataclasses import dataclass

from . import proc

NOT_ACCEPTED = "socket:[0]"  # a connection that waits in a listener's queue has no inode yet
LISTEN, SYN_SENT = "0A", "02"  # include/net/tcp_states.h
# ESTABLISHED, FIN_WAIT1 and 2, CLOSE_WAIT, LAST_ACK, CLOSING: a half-closed connection delivers as well
DELIVERS = {"01", "04", "05", "08", "09", "0B"}


@dataclass(frozen=True)
class Socket:
    """A line of /proc/PID/net/tcp: ports, state, bytes queued, and the inode that ties it to a
    descriptor."""

    local_port: int
    peer_port: int
    state: str
    unsent: int
    unread: int
    inode: str


def sockets(pid: int) -> list[Socket]:
    """Every TCP socket in the network namespace of `pid`, IPv4 and IPv6."""
    found = []
    for table in ("tcp", "tcp6"):
        for line in proc.read(f"/proc/{pid}/net/{table}").splitlines()[1:]:
            field = line.split()
            unsent, unread = (int(part, 16) for part in field[4].split(":"))
            local, peer = (int(field[at].rsplit(":", 1)[1], 16) for at in (1, 2))
            found.append(Socket(local, peer, field[3], unsent, unread, f"socket:[{field[9]}]"))
    return found
