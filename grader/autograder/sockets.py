"""What the sockets of one network namespace hold in the kernel's memory, in bytes.

It is in no process's resident set; a control group counts it, which only root can make. The kernel
tells it socket by socket to anybody who asks inside the namespace (sock_diag(7)).
"""
import re
import socket
import struct

from . import proc

BY_FAMILY, DUMP, DONE, ERROR = 20, 0x301, 3, 2  # linux/netlink.h, sock_diag.h
MEMINFO = struct.Struct("=9I")  # SK_MEMINFO_*
READ, WRITTEN, WRITE_MOST, QUEUED, BACKLOG = 0, 2, 3, 5, 7
TCP, UDP = 6, 17
INET = (socket.AF_INET, TCP), (socket.AF_INET, UDP), (socket.AF_INET6, TCP), (socket.AF_INET6, UDP)
FEW = 64  # Unix sockets that nobody looks at: together they hold 150 MB at the very most
DATAGRAMS = 11  # that wait on one socket, net.unix.max_dgram_qlen and the one that is sent


def held(diag: socket.socket, pid: int, enough: int) -> int:
    """`diag`: a socket made in the namespace; `pid`: a process in it. The tables are read only where
    there may be as much as `enough` bytes in them, for that takes milliseconds."""
    total = 0
    if count(pid) > FEW:
        total += sum(unix(told, attributes) for told, attributes in dump(diag, *UNIX))
    if internet(pid) > enough:
        for family, protocol in INET:
            request = struct.pack("=BBBxI48x", family, protocol, 1 << 6, 0xFFFFFFFF)
            total += sum(tcp(attributes.get(7)) for _, attributes in dump(diag, request, 72))
    return total


def count(pid) -> int:
    """Unix sockets of the namespace of a process."""
    told = proc.read(f"/proc/{pid}/net/protocols")
    return sum(int(n) for n in re.findall(r"^UNIX\S*\s+\d+\s+(\d+)", told, re.MULTILINE))


def internet(pid) -> int:
    """Bytes that TCP and UDP hold on the whole machine: no namespace's are more."""
    told = proc.read(f"/proc/{pid}/net/sockstat")
    return 4096 * sum(int(n) for n in re.findall(r"^(?:TCP|UDP):.* mem (\d+)", told, re.MULTILINE))


# -- one socket --------------------------------------------------------------------------------
SHOW_PEER, SHOW_QUEUES, SHOW_MEMORY = 4, 16, 32  # linux/unix_diag.h
SHOW = SHOW_PEER | SHOW_QUEUES | SHOW_MEMORY
UNIX = struct.pack("=BBHIIIII", socket.AF_UNIX, 0, 0, 0xFFFFFFFF, 0, SHOW, 0, 0), 16
LISTENS = 10  # TCP_LISTEN: what waits is connections then, not bytes


def unix(told: bytes, attributes) -> int:
    """The sender is charged for what waits at its peer; where the sender has gone nobody is, so then
    as much as a sender may have had."""
    if not (memory := attributes.get(5)):
        return 0
    own = MEMINFO.unpack(memory[: MEMINFO.size])
    waits = struct.unpack_from("=I", attributes.get(4, bytes(4)))[0]
    if waits and not any(attributes.get(2, b"")) and told[2] != LISTENS:
        return own[WRITTEN] + own[WRITE_MOST] * (DATAGRAMS if told[1] == socket.SOCK_DGRAM else 1)
    return own[WRITTEN]


def tcp(memory: bytes | None) -> int:
    if not memory:
        return 0
    own = MEMINFO.unpack(memory[: MEMINFO.size])
    return own[READ] + max(own[WRITTEN], own[QUEUED]) + own[BACKLOG]


# -- netlink(7) ----------------------------------------------------------------------------------
def dump(diag, request: bytes, head: int):
    """(`head` bytes of the answer, its attributes) for each socket; nothing where the kernel does not
    have that table."""
    diag.send(struct.pack("=IHHII", 16 + len(request), BY_FAMILY, DUMP, 1, 0) + request)
    while True:
        answer, at = diag.recv(1 << 18), 0
        while at < len(answer):
            length, kind = struct.unpack_from("=IH", answer, at)
            if kind in (DONE, ERROR):
                return
            yield answer[at + 16 : at + 16 + head], parsed(answer[at + 16 + head : at + length])
            at += length + 3 & ~3


def parsed(data: bytes) -> dict[int, bytes]:
    found, at = {}, 0
    while at + 4 <= len(data):
        length, kind = struct.unpack_from("=HH", data, at)
        found[kind] = data[at + 4 : at + length]
        at += max(length, 4) + 3 & ~3
    return found
