"""What labs promise of fairness: a flood keeps nobody else from the server."""
import re
import signal

from ..failure import Lacking
from . import resting

STARVED = 4 << 20  # bytes of a flood received before another client is: far beyond any budget
RECEIVED = re.compile(r"(?:recvfrom|recvmsg|read|readv)\((\d+),.*= (\d+)$", re.MULTILINE)


def flood_leaves_a_turn(server, ping, flooder):
    """A flood of megabytes and then a ping arrive while the server is stopped: how much of the flood
    does it receive before the ping? Its own system calls tell; the clock has no part in it."""
    if not server.box.level.network:
        raise Lacking("a flood needs large buffers: `make doctor` says how to get namespaces")
    of_ping, of_flood = server.descriptors_of(ping), server.descriptors_of(flooder)
    resting.stop(server)
    flood = flooder.stall(bytes(4 * STARVED))
    if flood < 2 * STARVED:
        raise Lacking(
            f"only {flood / 2**20:.1f} MiB can be under way here: `make doctor` says what is"
            " missing"
        )
    message, before = server.payload(24), len(server.traced())
    ping.send(message)
    server.signal(signal.SIGCONT)
    with server.quietly(f"{flooder.name} reads as fast as it can"):
        server.wait(
            lambda seconds: swallow(flooder, seconds)
            and (len(ping.received) >= len(message) or ping._receive_some())
        )
    ahead = 0
    for fd, size in RECEIVED.findall(server.traced()[before:]):
        if int(fd) in of_ping:
            break
        ahead += int(size) if int(fd) in of_flood else 0
    if ahead > STARVED:
        server.fail(
            (
                f"{ahead / 2**20:.1f} MiB of a flood were received before the 24 bytes of"
                f" {ping.name}, which waited"
            ),
            (
                "one connection is served for as long as it has something: give each a budget and"
                " go on"
            ),
            'epoll(7), "Possible pitfalls and ways to avoid them", Starvation',
        )
    ping.expect(message)
    server.note(f"{ahead / 2**20:.1f} MiB of the flood were received before")


def swallow(client, seconds) -> bool:
    """Reads and forgets what has come for `client`."""
    client._receive_some(seconds)
    client.received.clear()
    return True
