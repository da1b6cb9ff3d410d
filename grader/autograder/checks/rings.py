"""What the kernel tells of a program's io_urings: fdinfo counts what was submitted and completed."""
import re

from .. import proc
from ..verdict import MECHANISM

PROGRAM = "uring_echo"
COMPLETION = 'io_uring(7); io_uring_prep_recv(3), "NOTES"'


def rings(server):
    """What fdinfo says of every ring of the server: field -> number, and the operations under
    way."""
    found = []
    for (pid, fd), what in server.descriptors().items():
        if what == "anon_inode:[io_uring]":
            text = proc.read(f"/proc/{pid}/fdinfo/{fd}")
            fields = {
                name: int(value)
                for name, value in re.findall(r"^(\w+):\s*(\d+)$", text, re.MULTILINE)
            }
            found.append((fields, [int(op) for op in re.findall(r"op=(\d+)", text)]))
    return found


def has_a_ring(server):
    if not rings(server):
        server.fail(
            "the program holds no io_uring descriptor",
            "something else does the work",
            "io_uring_queue_init(3)",
            MECHANISM,
        )


def counted(server, field):
    """The sum of a counter of all rings, None where this kernel does not tell."""
    values = [fields.get(field) for fields, _ in rings(server)]
    return sum(values) if values and None not in values else None


def submissions(server, act) -> int:
    """Operations submitted while `act` runs and until the server has come to rest."""
    before = counted(server, "CachedSqHead")
    act()
    server.rest()
    return counted(server, "CachedSqHead") - before
