"""Lab 08, step 5: one system call for all that has completed, and for all that follows from it."""
import collections
import re
import signal

from ..check import check
from ..verdict import MECHANISM
from . import echoing, resting
from .lab_08 import needs_echo
from .rings import PROGRAM

CALLS = (
    "io_uring_enter",
    "recvfrom",
    "recvmsg",
    "read",
    "readv",
    "sendto",
    "sendmsg",
    "write",
    "writev",
    "poll",
    "ppoll",
    "epoll_wait",
    "epoll_pwait",
)


@check("08.5", 10, PROGRAM, needs=needs_echo)
def few_system_calls(bench):
    """Sixty-four messages that arrive at once need at most thirty-two system calls, of whatever
    kind."""
    rounds, clients_at_once = 5, 64
    with bench.server(trace=["-e", "trace=?" + ",?".join(CALLS)]) as server:
        clients = echoing.interleaved(server, clients_at_once)
        before = calls_of(server)
        with server.quietly(
            f"{rounds} times, {clients_at_once} clients send while the server is stopped, so that"
            " all messages are there at once; then it continues"
        ):
            for _ in range(rounds):
                all_at_once(server, clients)
        calls = calls_of(server) - before
        server.measure("system_calls_per_message", calls.total() / rounds / clients_at_once)
        if calls.total() / rounds > clients_at_once / 2:
            told = ", ".join(
                f"{number / rounds:.0f} {name}" for name, number in calls.most_common()
            )
            server.fail(
                (
                    f"{calls.total() / rounds:.0f} system calls for {clients_at_once} messages that"
                    f" were there at once: {told}"
                ),
                (
                    "each completion is followed by a system call of its own: deal with all that"
                    " have completed, then submit and wait once"
                    if calls.most_common(1)[0][0] == CALLS[0]
                    else (
                        "the ring only says who is ready, and another system call moves the bytes:"
                        " let the ring receive and send them"
                    )
                ),
                "io_uring_submit_and_wait(3)",
                MECHANISM,
            )


def calls_of(server) -> collections.Counter:
    return collections.Counter(re.findall(r"\b(" + "|".join(CALLS) + r")\(", server.traced()))


def all_at_once(server, clients):
    resting.stop(server)
    messages = [server.payload(24) for _ in clients]
    for client, message in zip(clients, messages):
        client.send(message)
    server.signal(signal.SIGCONT)
    for client, message in zip(clients, messages):
        client.expect(
            message,
            (
                f"{len(clients):,} clients sent at the same moment, and not all were answered: a"
                " full queue (NULL from io_uring_get_sqe()) and a receive that ended with -ENOBUFS"
                " both pass"
            ),
            "io_uring_get_sqe(3); io_uring_prep_recv_multishot(3)",
        )


@check("08.5", 10, PROGRAM, needs=needs_echo)
def many_clients_at_once(bench):
    """Fifteen hundred clients that speak at the same moment are all answered; while they are silent
    the server uses no CPU."""
    with bench.server(release=True) as server:
        clients = server.connect_many(1500)
        with server.quietly("all send while the server is stopped; then it continues"):
            all_at_once(server, clients)
        resting.is_asleep(
            server, "fifteen hundred clients were silent", read="io_uring_submit_and_wait(3)"
        )
        server.measure("resident_bytes_with_1500_clients", server.resident())
        for client in clients:
            client.socket.close()
        server.note("all close at once")
        echoing.greets(server)
