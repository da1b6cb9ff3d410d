"""Lab 04: select_echo and poll_echo. One thread asks about everybody in one call, and sleeps in it."""
from .. import proc
from ..check import check
from ..failure import Failed
from . import echoing, leaving, limits, resting

SELECT, POLL = "select_echo", "poll_echo"
CALLS = {SELECT: {"select", "pselect6", "_newselect"}, POLL: {"poll", "ppoll"}}
LEVEL = 'poll(2), "POLLOUT"; select(2)'
FD_SETSIZE = 1024


def sleeps_in(server, program):
    """A thread sleeps in the call that the program is named after."""
    calls = CALLS[program]
    if not any(
        proc.blocked_in(pid, task)[0] in calls
        for pid in server.processes()
        for task in proc.threads(pid)
    ):
        name = min(calls, key=len)
        server.fail(
            f"no thread sleeps in {name}() while clients are silent",
            "something else does the waiting",
            f"{name}(2)",
        )


UNHEARD = {
    SELECT: (
        "select() does not tell of it: the listener and every client belong into the sets, anew"
        " before each call, and its first argument is the highest descriptor plus one"
    ),
    POLL: (
        "poll() does not tell of it: the listener and every client belong into its list, and it is"
        " told how many they are"
    ),
}


def serves_many(bench, program):
    with bench.server() as server:
        first = server.connect()
        echoing.echoes(server, first, (1,), UNHEARD[program], f"{program.split('_')[0]}(2)")
        echoing.echoes(server, first)
        echoing.answers_every_fragment(server, first, 50)
        echoing.interleaved(server, 50)


def survives_who_leaves(bench):
    with bench.server() as server:
        echoing.says_goodbye(server, server.connect())
        leaving.descriptors_come_back(server, lambda s: echoing.says_goodbye(s, s.connect(), 24))
        other = echoing.greets(server)
        leaving.descriptors_come_back(
            server,
            lambda s: leaving.survives_resets(
                s, lambda s: echoing.echoes(s, other, (24,)), sending=False
            ),
            times=3,
        )


def survives_a_signal(bench, program):
    """The call that waits is interrupted once, as a signal's handler would do it, signal(7)."""
    name = min(CALLS[program], key=len)
    calls = ",".join(f"?{call}" for call in sorted(CALLS[program]))
    inject = ["-e", f"trace={calls}", "-e", f"inject={calls}:error=EINTR:when=2"]
    with bench.server(trace=inject) as server:
        server.note(f"the second {name}() of the server will be interrupted: EINTR")
        for client in (server.connect(), server.connect()):
            for _ in range(2):
                echoing.echoes(
                    server,
                    client,
                    (24,),
                    f"{name}() returned -1 with EINTR, because a signal came: ask again",
                    f'{name}(2), "ERRORS", EINTR',
                )


def waits_for(bench, program, number):
    """Asleep with nobody and with `number` silent clients, in one thread, in the call itself."""
    with bench.server(release=True) as server:
        echoing.says_goodbye(server, server.connect())
        resting.is_asleep(server, "no client was there", name="idle_demand")
        echoing.interleaved(server, 5)
        resting.has_one_thread(server)  # before there are hundreds to look at
        clients = echoing.interleaved(server, number)
        resting.is_asleep(server, f"{number:,} clients were silent", OUTPUT_ARMED, LEVEL)
        sleeps_in(server, program)
        resting.has_one_thread(server)
        resting.survives_stop_and_continue(server, clients[number // 2])
        echoing.welcomes_all_at_once(server)


OUTPUT_ARMED = (
    "a socket that takes bytes is ready all the time: ask for output only while bytes wait to be"
    " sent"
)


@check("04.1", 8, SELECT)
def select_echoes_what_was_sent(bench):
    """Many clients at once, in any order and in fragments: each gets back what it sends."""
    serves_many(bench, SELECT)


needs_select = (select_echoes_what_was_sent.id,)


@check("04.1", 7, SELECT, needs=needs_select)
def select_survives_who_leaves(bench):
    """A client that has finished gets all its bytes, then the end; a reset harms nobody else; no
    descriptor stays."""
    survives_who_leaves(bench)


@check("04.1", 2, SELECT, needs=needs_select)
def select_survives_a_signal(bench):
    """select() that a signal interrupts (EINTR) is called again."""
    survives_a_signal(bench, SELECT)


@check("04.1", 8, SELECT, needs=needs_select)
def select_does_the_waiting(bench):
    """One thread sleeps in select(), with no client and with 500 silent ones."""
    waits_for(bench, SELECT, 500)


def refuses_the_last(server, last):
    """Waits until `last` is refused, as long as others are still accepted: each makes select()
    dearer."""
    most = 0

    def refused(seconds):
        nonlocal most
        held = len(server.descriptors())
        server.progress += held > most
        most = max(most, held)
        return last.ended or (last._receive_some(seconds) and last.ended)

    server.wait(refused, calm=0.5, limit=90)


def is_refused_or_served(server, beyond):
    """The last of those `beyond` an fd_set of 1,024 bits is refused; or, by larger sets, all of them
    are served, and the server sleeps afterwards: bits behind a set make others look ready."""
    if beyond[-1].ended:
        return beyond[-1].expect_end()
    with server.quietly(f"none of the last {len(beyond)} is refused; each sends 24 bytes"):
        for client in beyond:
            message = server.payload(24)
            client.send(message)
            client.expect(
                message,
                "who cannot be put into an fd_set cannot be waited for: close that client",
                'select(2), "BUGS"',
            )
    resting.is_asleep(
        server,
        f"{len(server.clients):,} clients were silent",
        "a bit behind an fd_set stands in what lies there: somebody is ready all the time",
        'select(2), "BUGS"',
    )


@check("04.2", 10, SELECT, needs=needs_select)
def refuses_whom_select_cannot_hold(bench):
    """A client whose descriptor does not fit into an fd_set, 1,024 or above, is closed at once (or
    served, by a program that makes larger sets); all others are served on."""
    with bench.server() as server:
        first = echoing.greets(server)
        clients = server.connect_many(FD_SETSIZE + 20)
        refuses_the_last(server, clients[-1])
        for client in (first, clients[10], clients[900]):
            echoing.echoes(
                server,
                client,
                (24,),
                "a descriptor beyond FD_SETSIZE was put into an fd_set, over what lies behind it",
                'select(2), "BUGS"',
            )
        is_refused_or_served(server, clients[FD_SETSIZE:])
        for client in clients:
            client.socket.close()
        server.note("these clients close")
        server.rest()
        echoing.greets(server)


@check("04.3", 8, POLL)
def poll_echoes_what_was_sent(bench):
    """Many clients at once, in any order and in fragments: each gets back what it sends."""
    serves_many(bench, POLL)


needs_poll = (poll_echoes_what_was_sent.id,)


@check("04.3", 7, POLL, needs=needs_poll)
def a_reset_harms_nobody(bench):
    """A client that has finished gets all its bytes, then the end; a reset harms nobody else; no
    descriptor stays."""
    survives_who_leaves(bench)


@check("04.3", 2, POLL, needs=needs_poll)
def poll_survives_a_signal(bench):
    """poll() that a signal interrupts (EINTR) is called again."""
    survives_a_signal(bench, POLL)


@check("04.3", 8, POLL, needs=needs_poll)
def poll_does_the_waiting(bench):
    """One thread sleeps in poll(), with no client and with 1,200 silent ones."""
    waits_for(bench, POLL, 1200)


def keeps(bench):
    with bench.server(tiny=True) as server:
        try:
            echoing.keeps_what_did_not_fit(server)
        except Failed as failed:
            if failed.means == echoing.DROPPED:
                failed.means = (
                    "what send() did not take was dropped; or it is kept, and output is not asked"
                    " for while it waits, or input not again when there is room"
                )
            raise
        leaving.survives_resets(server, echoing.greets)
    leaving.survives_a_broken_pipe(bench, echoing.greets)


def asleep_beside_stuck_clients(bench):
    with bench.server(tiny=True, release=True) as server:
        other = echoing.greets(server)
        silent, _ = echoing.stalls(server)
        ending, data = echoing.stalls(server)
        ending.half_close()
        resting.is_asleep(
            server,
            f"{silent.name} and {ending.name} did not read what was sent to them",
            (
                "a descriptor is always ready: ask for input only while there is room, for output"
                " only while bytes wait"
            ),
            LEVEL,
        )
        echoing.echoes(server, other, (24,))
        ending.expect(
            data, "the rest was dropped when the client closed its sending side", "shutdown(2)"
        )
        ending.expect_end()
    resting.asleep_with_a_stuck_answer(
        bench,
        "the end of input stays readable for ever: do not ask for input once it has come",
        LEVEL,
    )


def memory_stays_bounded(bench):
    with bench.server(tiny=True, release=True) as server:
        limits.memory_is_bounded(server)


@check("04.4", 10, POLL, needs=needs_poll)
def keeps_what_send_did_not_take(bench):
    """poll_echo: a burst larger than all buffers comes back whole, while others are served."""
    keeps(bench)


@check("04.4", 10, SELECT, needs=needs_select)
def select_keeps_what_send_did_not_take(bench):
    """select_echo: a burst larger than all buffers comes back whole, while others are served."""
    keeps(bench)


@check("04.5", 5, POLL, needs=needs_poll)
def asleep_with_a_client_that_never_reads(bench):
    """poll_echo: a client that never reads, half-closed or not, wakes nobody; then it gets all its
    bytes and the end."""
    asleep_beside_stuck_clients(bench)


@check("04.5", 5, SELECT, needs=needs_select)
def select_asleep_with_a_client_that_never_reads(bench):
    """select_echo: a client that never reads, half-closed or not, wakes nobody; then it gets all its
    bytes and the end."""
    asleep_beside_stuck_clients(bench)


@check("04.5", 5, POLL, needs=needs_poll)
def a_client_that_never_reads_costs_bounded_memory(bench):
    """poll_echo: what a client sends but does not read back is not hoarded."""
    memory_stays_bounded(bench)


@check("04.5", 5, SELECT, needs=needs_select)
def select_bounds_the_memory_of_a_client_that_never_reads(bench):
    """select_echo: what a client sends but does not read back is not hoarded."""
    memory_stays_bounded(bench)
