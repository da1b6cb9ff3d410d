"""A running server under test: started, found listening by event, watched, and ended with its
box."""
import contextlib
import os
import random
import signal
import socket
import time

from . import demand, diagnosis, machine, sanitizer
from .activity import Activity
from .box import OPEN, Box
from .client import Client
from .failure import CannotJudge, Lacking
from .limits import FLOOD
from .observed import Observed
from .patience import Patience
from .port import Port
from .verdict import NO_LISTEN, TIMEOUT, WRONG

START_CPU = 20  # seconds; a JVM that compiles its source needs two
START_LIMIT = 60  # seconds (patience.py)
ANSWER_LIMIT = 30  # seconds (patience.py), far beyond any right server's answer
CPU_LIMIT = 1  # second on a CPU without a byte moved: it spins past the event it should see. The most
# that a right server of corpus/ was seen to use, beside six spinners, is 0.2


class Server(Observed):
    """Context manager. `argv` holds `{port}`; options as for Box. The seed makes payloads
    repeatable."""

    serves = True  # until it is told to stop: its end is a failure

    def __init__(
        self,
        argv,
        *,
        seed=0,
        measurements=None,
        mentioned=None,
        trace_fd=None,
        uses_io_uring=False,
        connects=(),
        **box_options,
    ):
        self.random = random.Random(seed)
        self.measurements = {} if measurements is None else measurements
        self.transcript, self.clients = [], []
        self.progress = 0  # bytes that clients have sent and received
        self._started = False  # the program has run; before, its box is being made
        self.mentioned = (
            set() if mentioned is None else mentioned
        )  # steps it said are still to be written
        self.uses_io_uring = uses_io_uring  # is its lab about io_uring? For diagnosis
        self._argv, self._options = argv, box_options
        self._trace_fd = trace_fd
        self._connects = connects  # ports of others that the program connects to

    def __enter__(self):
        self._port = Port(self._options.get("policy", OPEN).level)
        self.port = self._port.number
        argv = [part.replace("{port}", str(self.port)) for part in self._argv]
        self.box = Box(
            argv,
            keep=[] if self._trace_fd is None else [self._trace_fd],
            ports=[self.port, *self._connects],
            **self._options,
        ).__enter__()
        try:
            self._await_listener()
        except BaseException:
            self.box.__exit__()
            self._release()
            raise
        return self

    def __exit__(self, kind=None, *_):
        for client in self.clients:
            client.socket.close()
        try:
            if kind is None:
                self._outlives_its_clients()
        finally:
            self.box.__exit__()
            self._release()
            self.mentioned.update(diagnosis.TODO.findall(str(self.box.stderr)))

    def _outlives_its_clients(self):
        """All that the check wanted to see was right; a crash as its clients left would go unseen. A later
        step that is still to be written is none."""
        self.wait(lambda seconds: time.sleep(0.01), calm=0.01, cpu=0.05, limit=0.5)
        if sanitizer.SANITIZER.search(str(self.box.stderr)):  # to name its lines takes it a while
            self.wait(self.box.wait_for_exit, limit=10)
        if not diagnosis.ended_unasked(self) or self.box.exit_status() == 0:
            return
        self.box.stderr.join(1)
        if not diagnosis.TODO.search(str(self.box.stderr)):
            self.note("the clients have left")
            self.fail("all went well, but then the clients left")

    def _release(self):
        self._port.release()
        if self._trace_fd is not None:
            os.close(self._trace_fd)

    # -- starting --------------------------------------------------------------------------------
    def _await_listener(self):
        def listens(seconds):
            return self.listening_ports() or self.flooded() or time.sleep(min(seconds, 0.002))

        self.wait(listens, calm=5, cpu=START_CPU, limit=START_LIMIT)
        ports = self.listening_ports()
        if not ports and self.box.exited():
            began = (
                "as soon as it listened"
                if "listening on" in str(self.box.stdout)
                else "before it listened"
            )
            self.fail(
                f"the program ended with {self.ending()} {began}",
                "a server runs in the foreground until it is told to stop",
            )
        if not ports:
            self.fail(
                f"the program runs but listens on no port (asked for {self.port})",
                f"it never reached listen(2): {self._patience}",
                "listen(2)",
                NO_LISTEN,
            )
        if self.port not in ports:
            self.fail(
                f"the program listens on port {min(ports)}; it was asked for {self.port}",
                "the port is the first argument of the command line",
                verdict=NO_LISTEN,
            )
        self.note(f"the server listens on port {self.port}")
        self.baseline = self.threads(), len(
            self.processes()
        )  # what a runtime has before any client

    def flooded(self):
        return self.box.stdout.total + self.box.stderr.total > FLOOD

    # -- clients ---------------------------------------------------------------------------------
    def connect(self, receive_buffer=0, made=None) -> Client:
        """Connects `client N`. `receive_buffer`: bytes for SO_RCVBUF, set before the handshake; not
        without a network of one's own, where bursts are megabytes and would only crawl. `made`: its
        socket, if it is there already."""
        made = made or self.box.sockets()[0]
        if receive_buffer and self.box.level.network:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client = Client(self, f"client {len(self.clients) + 1}", made)
        self.clients.append(client)
        return client.connect()

    def connect_many(self, number) -> list[Client]:
        """`number` clients under one line of transcript."""
        if machine.raise_descriptor_limit() < number + 200:
            raise Lacking(f"{number:,} clients need a higher limit of descriptors: `ulimit -Hn`")
        with self.quietly(f"{number:,} clients connect"):
            return [self.connect(made=made) for made in self.box.sockets(number)]

    def payload(self, size: int) -> bytes:
        return self.random.randbytes(size)

    def note(self, line: str):
        self.transcript.append(line)

    @contextlib.contextmanager
    def quietly(self, line: str):
        """Puts `line` into the transcript for all that the `with` block does, unless it fails."""
        self.note(line)
        before = len(self.transcript)
        yield
        del self.transcript[before:]

    def traced(self) -> str:
        """What strace has written so far."""
        return os.pread(self._trace_fd, os.fstat(self._trace_fd).st_size, 0).decode(
            errors="replace"
        )

    # -- waiting ---------------------------------------------------------------------------------
    def wait(
        self, event, calm=1.0, cpu=CPU_LIMIT, limit=ANSWER_LIMIT, since=None, held=lambda: ()
    ) -> bool:
        """Waits until `event(seconds)` is true, polled with that time-out. `since`: what the program had
        done when the wait began; without it that is looked up when the event does not come at once.
        `held`: tells which threads do not count, for the grader itself keeps them from running.

        Gives up as soon as it cannot come any more: the program has exited, or all of it has been
        asleep for `calm` seconds without one time slice and no byte is under way in the kernel, or it
        burnt `cpu` seconds and no byte moved, or could have run for `limit` seconds (patience.py).
        """
        patience = self._patience = Patience(self.progress, calm, cpu, limit, since)
        while not event(0.03):
            pids = self.processes()
            self._started |= bool(pids)
            patience.look(Activity(pids, held()), self.progress, self._started)
            if self.box.exited() or patience.spent():
                return event(0)
            if patience.asleep() and not self.in_transit():
                return event(0)
        return True

    def run_seconds(self) -> float:
        """CPU time that the server's threads have used so far."""
        return Activity(self.processes()).ran

    def rest(self, calm=0.15):
        """Waits until the server has done what it can do for now and sleeps."""
        now = Activity(self.processes())
        self.wait(lambda seconds: time.sleep(seconds), calm=calm, cpu=0.3, limit=3, since=now)

    # -- judging ---------------------------------------------------------------------------------
    def reading(self, expected, seconds=1.0) -> demand.Reading:
        """CPU demand and wake-ups of the server now; raises CannotJudge when the machine is
        unclear."""
        reading = demand.judge(self.processes, expected, seconds)
        if reading is None:
            raise CannotJudge(
                "this machine gave no clear CPU reading three times over, not even of the "
                "grader's own spinner and sleeper: run it again when less is running"
            )
        return reading

    def measure(self, name, value):
        self.measurements[name] = round(value, 4)

    def signal(self, number):
        self.note(f"the server receives {signal.Signals(number).name}")
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def fail(self, saw, means="", read="", verdict=WRONG):
        """Raises Failed with all that is known about the server at this moment. `verdict`: the word for
        it, if the program goes on (verdict.py)."""
        raise diagnosis.failure(self, saw, means, read, verdict)

    def expect_exit(self, status, means, read=""):
        """The program ends by itself; it may sleep through a grace time of two seconds first."""
        began = time.monotonic()
        if not self.wait(self.box.wait_for_exit, calm=4, limit=15):
            later = f"{time.monotonic() - began:.0f} s later"
            self.fail(f"the program still runs {later}", means, read, TIMEOUT)
        if self.box.exit_status() != status:
            self.fail(f"the program ended with {self.ending()}", means, read)
        self.note(f"the program ends with {self.ending()}, as it should")

    def ending(self) -> str:
        """How the program ended, in words."""
        status = self.box.exit_status() or 0
        if status <= 128:
            return f"status {status}"
        return (
            f"signal {signal.Signals(status - 128).name}"
            if status - 128 in iter(signal.Signals)
            else f"status {status}"
        )
