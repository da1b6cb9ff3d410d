"""What can be seen of a running server from outside: its processes, descriptors, sockets, and where each
of its threads is. Looking costs the program nothing (proc.py)."""
from . import blocked, proc, tcp

SHOWN = 8  # lines of where()


class Observed:
    """A server in a `box`, asked to listen on `port`, with its `clients`."""

    box = port = None
    clients = ()

    def processes(self):
        """The server's processes, without the tracer."""
        return [pid for pid in self.box.processes() if (s := proc.stat(pid)) and s.name != "strace"]

    def threads(self) -> int:
        return sum(len(proc.threads(pid)) for pid in self.processes())

    def resident(self) -> int:
        return sum(proc.resident_bytes(pid) for pid in self.processes())

    def sockets(self) -> list[tcp.Socket]:
        """All of its network: the clients' as well."""
        return tcp.sockets(self.box.network_pid)

    def descriptors(self) -> dict:
        return {
            (pid, fd): what
            for pid in self.processes()
            for fd, what in proc.descriptors(pid).items()
        }

    def descriptors_of(self, client) -> set[int]:
        """The server's descriptors of the connection with `client`: empty before it is accepted."""
        inodes = {
            entry.inode
            for entry in self.sockets()
            if entry.local_port == self.port and entry.peer_port == client.port
        }
        return {fd for (_, fd), what in self.descriptors().items() if what in inodes}

    def listening_ports(self):
        held = set(self.descriptors().values())
        return {s.local_port for s in self.sockets() if s.state == tcp.LISTEN and s.inode in held}

    def not_yet_read(self, client) -> int:
        """Bytes that `client` has sent and the server has not yet received, in both kernels'
        queues."""
        ends = [
            entry
            for entry in self.sockets()
            if entry.state != tcp.LISTEN
            and {entry.local_port, entry.peer_port} == {self.port, client.port}
        ]
        return sum(
            entry.unread if entry.local_port == self.port else entry.unsent for entry in ends
        )

    def in_transit(self) -> bool:
        """Are bytes under way that TCP sends later (a zero-window probe waits for up to seconds, tcp(7))?
        True if somebody's queue is not empty although the other end has read all that it got."""
        sockets = self.sockets()
        if any(s.state == tcp.SYN_SENT and s.peer_port == self.port for s in sockets):
            return True  # the listener's queue was full: TCP tries again after a second
        ends = {
            (s.local_port, s.peer_port): s
            for s in sockets
            if s.state in tcp.DELIVERS and self.port in (s.local_port, s.peer_port)
        }
        return any(
            s.unsent and not ends[peer, local].unread
            for (local, peer), s in ends.items()
            if (peer, local) in ends
        )

    def where(self) -> list[str]:
        """Where every thread that lives is now: the system call and the client it waits for."""
        names, lines = self._names(), []
        for pid in self.processes():
            if (s := proc.stat(pid)) and s.state == "Z":
                continue  # a zombie is nowhere: it has ended
            held = proc.descriptors(pid)
            for number, task in enumerate(proc.threads(pid), start=1):
                call, fd = blocked.where(pid, task)
                what = names.get(held.get(fd), held.get(fd, f"descriptor {fd}"))
                on = "" if fd is None else f" on {what}"
                doing = "runs" if call == "running" else f"sleeps in {call}{on}"
                lines.append(f"process {pid}, thread {number}: {doing}")
            if len(lines) > SHOWN:
                return [*lines[:SHOWN], "..."]
        return lines

    def _names(self) -> dict[str, str]:
        """The server's sockets, each named by its client."""
        ports = {client.port: client.name for client in self.clients if client.socket.fileno() >= 0}
        return {
            entry.inode: (
                ports.get(entry.peer_port, "a client")
                if entry.state != tcp.LISTEN
                else "the listener"
            )
            for entry in self.sockets()
            if entry.local_port == self.port
        }
