"""Lab 01: blocking_echo. One thread, one client at a time, asleep whenever there is nothing to
do."""
import signal

from .. import blocked, proc
from ..check import check
from ..verdict import MECHANISM
from . import echoing, leaving, resting

PROGRAM = "blocking_echo"
STEP_1, STEP_2, STEP_3 = "01.1", "01.2", "01.3"
SEND_CALLS = {"sendto", "sendmsg", "write", "writev"}


@check(STEP_1, 10, PROGRAM)
def echoes_until_end_of_file(bench):
    """A client gets back what it sends, at once and unchanged, until it has finished."""
    with bench.server() as server:
        client = server.connect()
        echoing.echoes(server, client, (24, 500))
        echoing.says_goodbye(server, client)


needs_echo = (echoes_until_end_of_file.id,)


@check(STEP_1, 10, PROGRAM, needs=needs_echo)
def answers_every_fragment(bench):
    """A single byte is answered without waiting for more."""
    with bench.server() as server:
        echoing.answers_every_fragment(server, server.connect())


@check(STEP_1, 10, PROGRAM, needs=needs_echo)
def sleeps_while_its_client_is_silent(bench):
    """While a client says nothing the server uses no CPU: it waits in a system call, in one
    thread."""
    with bench.server(release=True) as server:
        echoing.greets(server)
        resting.is_asleep(
            server,
            "the client was silent",
            name="idle_demand",
            means="a blocking recv() waits in the kernel; this program keeps asking",
            read='recv(2), "DESCRIPTION"; fcntl(2), O_NONBLOCK',
        )
        resting.has_one_thread(server)


@check(STEP_2, 10, PROGRAM, needs=needs_echo)
def sends_all_of_it(bench):
    """A burst larger than all buffers comes back whole, also if a signal cuts a send() short."""
    with bench.server(tiny_send=True) as server:
        client = server.connect(receive_buffer=4096)
        data = server.payload(32 * 1024)
        resting.stop(server)
        client.send(data)  # all there at once: a single recv() takes more than a send() can
        server.signal(signal.SIGCONT)
        data += push_until_blocked(server, client)
        cut_short(server)
        echoing.expect_burst(client, data)
        echoing.echoes(server, client, (24,))


def push_until_blocked(server, client) -> bytes:
    """Sends more only if the server does not block yet: without a namespace its buffers are
    large."""
    if server.wait(lambda seconds: blocked_in_send(server), calm=0.3, limit=2):
        return b""
    data = server.payload(echoing.burst(server) * 4)
    return data[: client.stall(data)]


def blocked_in_send(server):
    return any(
        blocked.where(pid, task)[0] in SEND_CALLS
        for pid in server.processes()
        for task in proc.threads(pid)
    )


def cut_short(server):
    """Stopping a process ends a send() that has already taken something: a short write."""
    resting.stop(server)
    server.signal(signal.SIGCONT)
    server.note("a send() that was waiting has returned what it took so far: a short write")


@check(STEP_2, 10, PROGRAM, needs=needs_echo)
def survives_interrupted_calls(bench):
    """EINTR from recv() and send() means `try again`, not `it failed`."""
    inject = [
        "-e",
        "trace=recvfrom,recvmsg,read,sendto,sendmsg,write",
        "-e",
        "inject=recvfrom,recvmsg:error=EINTR:when=2",
        "-e",
        "inject=sendto,sendmsg:error=EINTR:when=2",
    ]
    with bench.server(trace=inject) as server:
        server.note(
            "the second recv() and the second send() of the server will be interrupted: EINTR"
        )
        client = server.connect()
        echoing.echoes(
            server,
            client,
            (24, 24, 24, 24),
            "EINTR was taken for an error, or for the end: it only says that a signal came first",
            'signal(7), "Interruption of system calls"',
        )
        echoing.says_goodbye(server, client)


@check(STEP_2, 10, PROGRAM, needs=needs_echo)
def sleeps_while_its_client_does_not_read(bench):
    """While a client does not read, the server waits in send() and uses no CPU."""
    with bench.server(release=True, tiny=True) as server:
        echoing.stalls(server)
        resting.is_asleep(
            server,
            "the client did not read",
            read='send(2), "DESCRIPTION"',
            means=(
                "a blocking send() waits in the kernel until there is room; this program keeps"
                " asking"
            ),
        )


@check(STEP_3, 10, PROGRAM, needs=needs_echo)
def serves_one_after_the_other(bench):
    """After a client has finished, the next one is served, and the one after it."""
    with bench.server() as server:
        for _ in range(3):
            client = server.connect()
            echoing.echoes(server, client)
            echoing.says_goodbye(server, client)


@check(STEP_3, 10, PROGRAM, needs=(serves_one_after_the_other.id,))
def the_second_client_waits_its_turn(bench):
    """While the first client is there the second is not served; then its bytes arrive whole."""
    with bench.server(release=True) as server:
        first = echoing.greets(server)
        second = server.connect()
        message = server.payload(3000)
        second.send(message)
        server.rest()
        echoing.echoes(server, first, (24,))
        if not second.silent():
            server.fail(
                f"{second.name} was answered while {first.name} was still being served",
                "this lab's server has one client at a time; this one serves several at once",
                "accept(2)",
                MECHANISM,
            )
        resting.has_one_thread(server)
        echoing.says_goodbye(server, first)
        second.expect(
            message,
            "what the second client sent meanwhile waits in the kernel: nothing of it may be lost",
            'listen(2), "backlog"',
        )
        echoing.says_goodbye(server, second)


@check(STEP_3, 10, PROGRAM, needs=(serves_one_after_the_other.id,))
def survives_a_reset(bench):
    """A client that resets its connection, idle or in the middle of an answer, harms nobody
    else."""
    with bench.server(tiny=True) as server:
        leaving.survives_resets(server, echoing.greets)
    leaving.survives_a_broken_pipe(bench, echoing.greets)


@check(STEP_3, 5, PROGRAM, needs=(serves_one_after_the_other.id,))
def closes_what_it_accepted(bench):
    """A client that has gone leaves no descriptor behind."""
    with bench.server() as server:
        leaving.descriptors_come_back(server, visit)


def visit(server):
    client = echoing.greets(server)
    echoing.says_goodbye(server, client, 24)


@check(STEP_3, 5, PROGRAM, needs=(serves_one_after_the_other.id,))
def survives_errors_of_accept(bench):
    """accept() may fail for one client (ECONNABORTED) or for a signal (EINTR); the next call
    succeeds."""
    for error in ("ECONNABORTED", "EINTR"):
        inject = ["-e", "trace=accept,accept4", "-e", f"inject=accept,accept4:error={error}:when=2"]
        with bench.server(trace=inject) as server:
            server.note(f"the second accept() of the server will say {error}")
            for _ in range(3):
                visit(server)
