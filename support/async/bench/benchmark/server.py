"""A server under test: started, listening, looked at, ended with all that it has started."""
import os
import signal
import struct
import subprocess
import tempfile
import time

from autograder import tcp
from autograder.machine import KIT
from comparison.process import StartError, collect_session, die_with_parent, tree
from comparison.usage import used_by, used_in_all

from . import cpu

PATIENCE = 10  # seconds until it listens
LOOK = 0.0002  # seconds between two looks


class Server:
    """Context manager. `start_up`: seconds from exec to a socket in LISTEN."""

    def __init__(self, contender, arena, root="", wrapper=()):
        self.port = arena.fresh()
        self.meter, self._errors = cpu.meter(), tempfile.TemporaryFile()
        self._arena, self._ended, self._ending = arena, None, False
        self._began, self._beginning = os.pipe()
        try:
            self._process = subprocess.Popen(
                [*wrapper, *contender.argv(self.port, root)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                cwd=KIT,
                start_new_session=True,  # Ctrl-C is for us: we end the server then
                preexec_fn=self._become,
            )
        except (OSError, subprocess.SubprocessError) as error:
            self._forget()
            os.close(self._began)
            raise StartError(f"{contender.name}: {error}") from error
        finally:
            os.close(self._beginning)
        self.pid = self._process.pid
        try:
            self._wait_for_port()
            self.start_up = time.monotonic() - self._time_of_exec()
        except BaseException:
            self.end()
            raise
        finally:
            os.close(self._began)

    def _become(self):
        die_with_parent()
        if self.meter.entrance:
            with open(self.meter.entrance, "w") as group:
                group.write("0")
        self._arena.settle(self._arena.server_cpu)
        os.write(self._beginning, struct.pack("d", time.monotonic()))

    def _time_of_exec(self) -> float:
        """The last that the child does before it: all of the above is ours, and takes longer."""
        return struct.unpack("d", os.read(self._began, 8))[0]

    def _wait_for_port(self):
        deadline = time.monotonic() + PATIENCE
        while not self._listens():
            if os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                raise StartError(self.last_words() or "ended without a word")
            if time.monotonic() > deadline:
                raise StartError(f"did not listen within {PATIENCE} s")
            time.sleep(LOOK)

    def _listens(self) -> bool:
        return any(
            found.local_port == self.port and found.state == tcp.LISTEN
            for found in tcp.sockets(self.pid)
        )

    def last_words(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def cpu(self) -> float:
        """Seconds until now, of all its processes, ended ones too."""
        return self.meter.seconds(self.pid)

    def processes(self) -> list[int]:
        return tree(self.pid)

    def switches(self) -> int:
        """Context switches until now of all that live; of all that ever lived once it has ended."""
        used = self._ended or used_by(self.processes())
        return used.voluntary + used.involuntary

    def end(self):
        """Kills it and everything below it, and collects them. Once: who interrupts this leaves the
        rest to the end of the bench, which collects whatever is left."""
        if self._ending:
            return
        self._ending = True
        try:
            os.kill(self.pid, signal.SIGKILL)  # not collected yet, so the number is still its own
            _, status, usage = os.wait4(self.pid, 0)
            self._process.returncode = os.waitstatus_to_exitcode(status)
            self._ended = used_in_all([usage, *collect_session(self.pid)])
        finally:
            self._forget()

    def _forget(self):
        self._errors.close()
        self.meter.remove()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()
