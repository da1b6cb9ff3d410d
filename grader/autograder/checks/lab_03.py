"""Lab 03, step 1: receive_two. One thread, two clients, and no call that waits for one of them."""
import contextlib
import re

from ..check import check
from ..failure import Failed
from ..verdict import TIMEOUT, WRONG
from . import leaving

TWO = "receive_two"
NONBLOCKING = 'fcntl(2), O_NONBLOCK; recv(2), "ERRORS", EAGAIN'


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
