"""Runs one check's clients against a server that the student started, under gdb for instance."""
import os
import socket
import time

from rich.markup import escape

from . import isolation, labs, machine, proc, tcp
from .box import readable
from .stream import Stream
from .check import Bench, checks_of
from .failure import CannotJudge, Failed
from .labs import UsageError
from .port import Port
from .printable import shown, shown_lines
from .report_terminal import console
from .server import Server
from .whitebox import checks as whitebox_checks


class Attached:
    """Stands where a Box stands, around a process that runs already."""

    level = isolation.LEVELS[-1]
    ended_by = ""

    def __init__(self, pid):
        self.root = self.network_pid = pid
        self._pidfd = os.pidfd_open(pid)
        empty, end = os.pipe()
        os.close(end)
        self.stdout = self.stderr = Stream(empty)

    def sockets(self, number=1):
        return [socket.socket() for _ in range(number)]

    def processes(self):
        return proc.tree(self.root)

    def exited(self):
        return self.wait_for_exit(0)

    def wait_for_exit(self, seconds):
        return readable(self._pidfd, seconds)

    def exit_status(self):
        return 0

    def __exit__(self, *_):
        os.close(self._pidfd)


class AttachedServer(Server):
    """A server at the other end of a port; its owner may hold it at a breakpoint as long as he
    likes."""

    def __init__(self, pid, port, **options):
        super().__init__([], **options)
        self._pid, self.port, self._port = pid, port, Port(isolation.LEVELS[0])

    def __enter__(self):
        self.box = Attached(self._pid)
        self.baseline = self.threads(), len(self.processes())
        return self

    def note(self, line):
        super().note(line)
        console.print(f"  [dim]{len(self.transcript):>3}.[/] {line}", markup=True)

    def wait(self, event, **limits):
        """Without a limit, unless the check itself expects that the event may not come."""
        if limits:
            return super().wait(event, **limits)
        while not event(0.1):
            if self.box.exited():
                return event(0)
        return True


def listener(port, program) -> int:
    """The process that listens on `port`; raises UsageError with the way to start `program`."""
    inodes = {
        s.inode for s in tcp.sockets(os.getpid()) if s.state == tcp.LISTEN and s.local_port == port
    }
    for name in os.listdir("/proc"):
        if name.isdigit() and inodes & set(proc.descriptors(int(name)).values()):
            return int(name)
    raise UsageError(
        f"nothing listens on port {port}: start your server there first, for example\n"
        f"  gdb -ex run --args {program} {port}"
    )


def with_step(check_id) -> str:
    """`01.1/its_name` of its name alone, where one lab only has it."""
    if "/" in check_id:
        return check_id
    every = [c.id for lab in labs.all_labs() for c in checks_of(lab.number) + whitebox_checks(lab)]
    named = [known for known in every if known.split("/")[1] == check_id]
    if len(named) != 1:
        raise UsageError(
            f"write the check as a report does, with its step: {' or '.join(named)}"
            if named
            else f"no lab has a check `{check_id}`; the reports name them"
        )
    return named[0]


def play(check_id, port) -> int:
    check_id = with_step(check_id)
    lab = labs.find(check_id.split(".")[0])
    chosen = next((c for c in checks_of(lab.number) if check_id == c.id), None)
    if suite := next((c.program for c in whitebox_checks(lab) if c.id == check_id), None):
        raise UsageError(
            f"{check_id} has no clients; run it under gdb: gdb --args"
            f" build/labs/whitebox/{lab.name}/{suite}"
            f" --gtest_filter=*.{check_id.split('/')[1]}"
        )
    if not chosen:
        raise UsageError(f"lab {lab.number} has no check `{check_id}`")
    program = f"build/labs/sanitized/{lab.name}/{chosen.program}"
    if chosen.program in lab.serverless:
        raise UsageError(f"{chosen.program} is no server; run it under gdb: gdb --args {program}")
    pid = listener(port, program)
    console.print(
        f"{chosen.id}: {chosen.promise}\n[dim]against process {pid} on port {port}; no time limit;"
        " the kernel's own buffers, so bursts are larger than in the box[/]"
    )
    bench = Bench(
        chosen,
        {},
        machine.KIT,
        f"play/{time.time_ns()}",
        attach=lambda **options: AttachedServer(pid, port, **options),
    )
    try:
        chosen.run(bench)
    except Failed as failed:
        saw, means = escape(shown(failed.saw)), escape(shown(failed.means))
        console.print(f"[red]✘[/] [cyan]saw[/]    {saw}\n  [cyan]means[/]  {means}")
        for line in shown_lines(failed.where):
            console.print(f"  [cyan]stuck[/]  {escape(line)}")
        return 1
    except CannotJudge as reason:
        console.print(f"[yellow]?[/] {reason}")
        return 3
    console.print("[green]✔[/] all as it should be")
    return 0
