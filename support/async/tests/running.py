"""A server that runs: started on a free port, found by its own words, watched through /proc, ended.

It lives under the grader's warden (a plain box), which ends it with all its offspring even if the tests
die. Every wait ends by an event, or with a clear failure after LIMIT.
"""
import os
import re
import signal
import time

from autograder import proc, tcp
from autograder.box import Box
from autograder.activity import Activity
from autograder.isolation import LEVELS

import peer
from catalogue import Program

LIMIT = 20  # seconds of wall time, far beyond a right server's answer on a busy machine
COMPLAINT = re.compile(r"Traceback|Sanitizer|runtime error:|terminate called|Exception ignored")


def wait_until(event, limit=LIMIT, pause=0.002) -> bool:
    """Waits until `event()` is true, at most `limit` seconds."""
    until = time.monotonic() + limit
    while not (seen := event()) and time.monotonic() < until:
        time.sleep(pause)
    return bool(seen)


def sockets(port: int) -> list[tcp.Socket]:
    """What the server at `port` of this machine has: the listener, its ends of all connections.

    tcp.sockets() would take long over the thousands of ended connections that the kernel still
    remembers, so the lines are sorted out before they are read."""
    found, local = [], re.compile(rf"^ *\d+: [0-9A-F]+:{port:04X} .*", re.MULTILINE)
    for line in local.findall(proc.read("/proc/net/tcp")):
        field = line.split()
        unsent, unread = (int(part, 16) for part in field[4].split(":"))
        inode, peer_port = f"socket:[{field[9]}]", int(field[2].split(":")[1], 16)
        found.append(tcp.Socket(port, peer_port, field[3], unsent, unread, inode))
    return found


class Stillness:
    """How long all threads of a server have been asleep: look by look, a busy machine is no sleep."""

    def __init__(self, server):
        self._server, self._since = server, time.monotonic()
        self._last = Activity(server.processes())

    def lasts(self, seconds) -> bool:
        now, before = Activity(self._server.processes()), self._last
        self._last = now
        if not now.quiet_since(before):
            self._since = time.monotonic()
        return time.monotonic() - self._since >= seconds


class Running:
    """Context manager: `program` with `arguments` behind the port (0 unless told), some `before`."""

    def __init__(self, program: Program, *arguments, port=0, before=()):
        self.program, self.port = program, port
        self.box = Box(program.argv(*before, port, *arguments), chosen=LEVELS[-1])

    def __enter__(self):
        self.box.__enter__()
        try:
            found = self.await_line(r": Starting server on port (\d+)$")
            assert found, f"{self.program} did not say that it listens: {self.stderr}"
            self.port = int(found.group(1))
        except BaseException:
            self.box.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.box.__exit__()

    # -- what it says ----------------------------------------------------------------------------
    @property
    def stderr(self) -> str:
        return str(self.box.stderr)

    def await_line(self, pattern):
        """Waits for a line on stderr; returns its match, or None when it cannot come any more."""
        stream, line = self.box.stderr, re.compile(pattern, re.MULTILINE)
        with stream.changed:
            stream.changed.wait_for(lambda: stream.closed or line.search(str(stream)), LIMIT)
            return line.search(str(stream))

    # -- clients ---------------------------------------------------------------------------------
    def connect(self) -> peer.Peer:
        return peer.Peer(self.port)

    def ask(self, request: bytes) -> bytes:
        """One client: sends, reads to the end. What came back."""
        with self.connect() as client:
            return client.ask(request)

    # -- what it does ----------------------------------------------------------------------------
    def processes(self) -> list[int]:
        return self.box.processes()

    def zombies(self) -> list[int]:
        return [pid for pid in self.processes() if (s := proc.stat(pid)) and s.state == "Z"]

    def holdings(self) -> tuple:
        """What it holds of the machine: processes, threads, descriptors. Sockets are nameless."""
        pids = self.processes()
        kinds = [what.split(":")[0] for pid in pids for what in proc.descriptors(pid).values()]
        return len(pids), sum(len(proc.threads(pid)) for pid in pids), sorted(kinds)

    def ran(self) -> float:
        """Seconds of CPU that its living threads have used."""
        return Activity(self.processes()).ran

    def owners_of_sockets(self) -> dict[int, list[int]]:
        """Of the listener (port 0) and every connection (the client's port): who holds it."""
        held = {pid: set(proc.descriptors(pid).values()) for pid in self.processes()}
        return {
            end.peer_port: [pid for pid in held if end.inode in held[pid]]
            for end in sockets(self.port)
            if any(end.inode in inodes for inodes in held.values())
        }

    def has_read(self, *clients) -> bool:
        """True when it has accepted these clients and received all that they have sent so far."""
        ports = {client.port for client in clients}
        ends = [end for end in sockets(self.port) if end.peer_port in ports]
        taken = [end for end in ends if end.inode != tcp.NOT_ACCEPTED and not end.unread]
        return len(taken) == len(ports)

    def rest(self, calm=0.1) -> bool:
        """Waits until all of it has been asleep for `calm` seconds; false if that does not come."""
        still = Stillness(self)
        return wait_until(lambda: still.lasts(calm), pause=0.01)

    # -- its end ---------------------------------------------------------------------------------
    def tell(self, number, group=False):
        """A signal, as `kill` sends it; `group`: as Ctrl-C does, to all that the terminal reaches."""
        (os.killpg if group else os.kill)(self.box.root, number)

    def exit_status(self, calm=1.0) -> int | None:
        """Waits for its end. None if it slept for `calm` seconds instead, or ran for LIMIT."""
        still = Stillness(self)
        wait_until(lambda: self.box.wait_for_exit(0.01) or still.lasts(calm), pause=0)
        return self.box.exit_status() if self.box.exited() else None

    def left_behind(self) -> list[int]:
        """Processes that have outlived it; waits for those that are just ending."""

        def living():
            orphans = proc.tree(self.box.network_pid)[1:]
            return [pid for pid in orphans if (s := proc.stat(pid)) and s.state != "Z"]

        wait_until(lambda: not living(), limit=5)
        return living()

    def end(self, number=signal.SIGTERM, group=False, calm=4.0):
        """Ends it as a user would, and insists on a clean end."""
        self.tell(number, group)
        self.expect_clean_end(calm)

    def expect_clean_end(self, calm=1.0):
        """It ends with status 0, without a sleep of `calm` seconds, a process left, a complaint."""
        status = self.exit_status(calm)
        self.box.stderr.join(1), self.box.stdout.join(1)
        said = f"{self.program}: {self.stderr[-4000:]}"
        assert status == 0, f"it ended with {status} (None: not at all). {said}"
        assert self.left_behind() == [], f"it has left processes. {said}"
        assert not COMPLAINT.search(self.stderr), said
