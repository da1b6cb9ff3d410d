"""Lab 03: receive_two and busy_echo. One thread that never waits, and what that costs."""
import contextlib
import re
import signal
import time

from ..check import check
from ..failure import Failed, count
from ..verdict import MECHANISM, TIMEOUT, WRONG
from . import echoing, leaving, limits, resting

TWO, BUSY = "receive_two", "busy_echo"
NONBLOCKING = 'fcntl(2), O_NONBLOCK; recv(2), "ERRORS", EAGAIN'


# -- receive_two ---------------------------------------------------------------------------------
@contextlib.contextmanager
def no_call_waits():
    """Where a client is not served because the program waits in a call on somebody else, says
    so."""
    try:
        yield
    except Failed as failed:
        if any(
            re.search(r"sleeps in (accept|recv|read|send|write)", line) for line in failed.where
        ):
            failed.means, failed.read = (
                (
                    "a call waits for one while another has something: every socket that is asked"
                    " in turn needs O_NONBLOCK, and who is accepted does not inherit it"
                ),
                NONBLOCKING,
            )
        raise


PRINT = (
    "print each line, behind `CLIENT ` and its number, as it arrives, and flush: into a pipe stdio"
    " holds it back"
)
TOO_EARLY = (
    "the program ended while clients were still connected: ask again and again until recv() has"
    " told of each that it has gone; -1 with EAGAIN means `nothing yet`"
)


def expect_printed(server, number, text, means=PRINT, read="fflush(3); stdio(3)"):
    """`CLIENT number: text` appears on the program's standard output."""
    wanted, stream = f"CLIENT {number}: {text}", server.box.stdout

    def printed(seconds):
        with stream.changed:
            return stream.changed.wait_for(lambda: wanted in str(stream).splitlines(), seconds)

    if not server.wait(printed, calm=0.6):
        verdict = WRONG if text in str(stream) else TIMEOUT
        last = [line for line in str(stream).splitlines() if line.startswith("CLIENT")][-2:]
        try:
            told = " and ".join(f"`{line}`" for line in last) or "none"
            saw = f"`{wanted}` was not printed; the last lines of clients were {told}"
            server.fail(saw, means, read, verdict)
        except Failed as failed:
            if (
                "ended with status 0" in failed.saw
            ):  # it thinks that both have gone, for the reason told here
                early = means == PRINT
                failed.means, failed.read = (TOO_EARLY, NONBLOCKING) if early else (means, read)
            raise
    server.note(f"the program prints `{wanted}`, as it should")


def say(server, client, number, text, **expectation):
    client.send(text.encode() + b"\n")
    expect_printed(server, number, text, **expectation)


def word(server):
    return server.payload(6).hex()


@check("03.1", 8, TWO)
def prints_what_each_client_sends(bench):
    """Every line of either client is printed as it arrives, with the client's number."""
    with bench.server() as server:
        clients = [server.connect(), server.connect()]
        for number, client in enumerate(clients, start=1):
            say(server, client, number, word(server))
        first, second = word(server), word(server)
        server.note("client 1 sends two lines at once, the second without its newline")
        clients[0].send(f"{first}\n{second}".encode())
        expect_printed(server, 1, first, means="lines that arrive together are as many lines")
        expect_printed(
            server,
            1,
            second,
            means="what comes without a newline counts as a line, and is not kept back",
        )


needs_lines = (prints_what_each_client_sends.id,)


@check("03.1", 8, TWO)
def a_silent_client_holds_up_nobody(bench):
    """While one client says nothing, what the other says is printed at once, whichever is
    silent."""
    with bench.server() as server:
        clients = [server.connect(), server.connect()]
        for number in (2, 2, 1, 1, 2):
            with no_call_waits():
                say(
                    server,
                    clients[number - 1],
                    number,
                    word(server),
                    read=NONBLOCKING,
                    means=(
                        "no call waits, and yet this client is not heard: ask both in turn; -1 with"
                        " EAGAIN means `nothing yet`, not that a client has gone"
                    ),
                )


@check("03.1", 7, TWO, needs=needs_lines)
def goes_on_when_one_has_gone(bench):
    """When one client has gone, by its end or by a reset, the other is still heard."""
    for leave in ("close", "reset"):
        with bench.server() as server:
            first, second = server.connect(), server.connect()
            say(server, first, 1, word(server))
            say(server, second, 2, word(server))
            first.close() if leave == "close" else leaving.resets(server, first)
            for _ in range(3):
                say(
                    server,
                    second,
                    2,
                    word(server),
                    means="one client's end is not the other's",
                    read='recv(2), "RETURN VALUE"',
                )


@check("03.1", 7, TWO, needs=needs_lines)
def ends_when_both_have_gone(bench):
    """When both clients have gone the program ends, with status 0."""
    with bench.server() as server:
        first, second = server.connect(), server.connect()
        say(server, first, 1, word(server))
        say(server, second, 2, word(server))
        second.close()
        say(server, first, 1, word(server))
        first.close()
        server.expect_exit(
            0,
            "recv() returned 0 for both: there is nobody left to listen to",
            'recv(2), "RETURN VALUE"',
        )


# -- busy_echo -----------------------------------------------------------------------------------
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
