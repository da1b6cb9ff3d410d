"""Lab 03, steps 2 to 4: busy_echo. One thread that never waits, and what that costs."""
import re
import signal
import time

from ..check import check
from ..failure import count
from ..verdict import MECHANISM
from . import echoing, leaving, limits, resting
from .lab_03 import NONBLOCKING, no_call_waits

BUSY = "busy_echo"


@check("03.2", 10, BUSY)
def echoes_to_any_number_of_clients(bench):
    """A hundred clients at once, in any order: each gets back what it sends, byte for byte."""
    with bench.server() as server, no_call_waits():
        first = server.connect()
        echoing.echoes(server, first)
        echoing.answers_every_fragment(server, first, 20)
        echoing.interleaved(server, 100)


needs_echo = (echoes_to_any_number_of_clients.id,)


@check("03.2", 10, BUSY, needs=needs_echo)
def finishes_with_a_half_closed_client(bench):
    """A client that has closed its sending side gets all its bytes, then the end, and costs
    nothing more."""
    with bench.server() as server:
        echoing.says_goodbye(server, server.connect())
        leaving.descriptors_come_back(server, lambda s: echoing.says_goodbye(s, s.connect(), 24))


@check("03.2", 10, BUSY, needs=needs_echo)
def survives_a_reset(bench):
    """A client that resets its connection harms nobody else."""
    with bench.server() as server:
        other = echoing.greets(server)
        leaving.survives_resets(server, lambda s: echoing.echoes(s, other), sending=False)


@check("03.3", 10, BUSY, needs=needs_echo)
def keeps_what_send_did_not_take(bench):
    """A burst larger than all buffers comes back whole, while others are served."""
    leaving.keeps_what_did_not_fit(bench)


@check("03.3", 10, BUSY, needs=needs_echo)
def a_client_that_never_reads_costs_bounded_memory(bench):
    """What a client sends but does not read back is not hoarded: the server stops reading from
    it."""
    with bench.server(tiny=True, release=True) as server:
        limits.memory_is_bounded(server)


@check("03.4", 8, BUSY, needs=needs_echo)
def spins_while_nothing_happens(bench):
    """The price: the server never waits, so it takes a whole CPU while its clients are silent."""
    with bench.server(release=True) as server:
        for _ in range(3):
            echoing.greets(server)
        resting.spins(server, "three clients were silent", name="idle_demand")
        resting.has_one_thread(server)


READINESS = (
    "poll",
    "ppoll",
    "select",
    "pselect6",
    "epoll_wait",
    "epoll_pwait",
    "epoll_pwait2",
    "io_uring_enter",
)


@check("03.4", 6, BUSY, needs=needs_echo)
def asks_the_kernel_for_no_readiness(bench):
    """It finds out by trying: no select, poll, epoll or io_uring."""
    with bench.server(trace=["-e", "trace=?" + ",?".join(READINESS)]) as server:
        echoing.interleaved(server, 3)
        if used := sorted(
            {name for name in READINESS if re.search(rf"\b{name}\(", server.traced())}
        ):
            server.fail(
                f"{' and '.join(used)} was called while three clients were served",
                (
                    "this lab's server asks each descriptor with a call that does not wait;"
                    " readiness is lab 04's and lab 05's"
                ),
                NONBLOCKING,
                MECHANISM,
            )


@check("03.4", 6, BUSY, needs=needs_echo, own=True)
def tells_the_price(bench):
    """After SIGTERM the program prints one line, `price: 1.98 s on the CPU in 2.00 s, N calls found nothing`,
    whose CPU time is what the kernel counted, and ends with status 0."""
    with bench.server(release=True) as server:
        echoing.greets(server)
        resting.spins(server, "its client was silent")
        counted, asked = server.run_seconds(), time.monotonic()
        server.signal(signal.SIGTERM)
        server.expect_exit(0, "SIGTERM asks the program to print its price and to end", "signal(7)")
        server.box.stdout.join(1)
        told = re.search(
            r"^price: (\d+\.\d+) s on the CPU in (\d+\.\d+) s, (\d+) calls found nothing$",
            str(server.box.stdout),
            re.MULTILINE,
        )
        if not told:
            server.fail(
                (
                    "no line `price: 1.98 s on the CPU in 2.00 s, 7700000 calls found nothing` was"
                    " printed"
                ),
                "the price is still unknown",
                'getrusage(2), "ru_utime"',
            )
        most = counted + time.monotonic() - asked  # it went on spinning until it saw the signal
        if not 0.98 * counted - 0.02 <= float(told[1]) <= most + 0.02 or int(told[3]) < 1000:
            server.fail(
                (
                    f"the program says {told[1]} s on the CPU and"
                    f" {count(int(told[3]), 'call')} that found nothing; the kernel had counted"
                    f" {counted:.2f} s when SIGTERM was sent"
                ),
                "user and system time are both part of the price, and every EAGAIN is a call",
                'getrusage(2), "ru_utime", "ru_stime"',
            )
