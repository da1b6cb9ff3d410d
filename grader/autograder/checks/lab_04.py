"""Lab 04: select_echo and poll_echo. One thread asks about everybody in one call, and sleeps in it.

(The class Connection of steps 04.4 and 04.5 is judged by GoogleTest too: grader/whitebox/04-poll.)
"""
from ..check import check
from . import asking, echoing, limits, resting

SELECT, POLL = "select_echo", "poll_echo"
CALLS = {SELECT: {"select", "pselect6", "_newselect"}, POLL: {"poll", "ppoll"}}
FD_SETSIZE = 1024
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


@check("04.1", 8, SELECT)
def select_echoes_what_was_sent(bench):
    """Many clients at once, in any order and in fragments: each gets back what it sends."""
    echoing.serves_many(bench, UNHEARD[SELECT], "select(2)")


needs_select = (select_echoes_what_was_sent.id,)


@check("04.1", 7, SELECT, needs=needs_select)
def select_survives_who_leaves(bench):
    """A client that has finished gets all its bytes, then the end; a reset harms nobody else; no
    descriptor stays."""
    asking.survives_who_leaves(bench)


@check("04.1", 2, SELECT, needs=needs_select)
def select_survives_a_signal(bench):
    """select() that a signal interrupts (EINTR) is called again."""
    asking.survives_a_signal(bench, CALLS[SELECT])


@check("04.1", 8, SELECT, needs=needs_select)
def select_does_the_waiting(bench):
    """One thread sleeps in select(), with no client and with 500 silent ones."""
    asking.waits_in(bench, CALLS[SELECT], 500)


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
    echoing.serves_many(bench, UNHEARD[POLL], "poll(2)")


needs_poll = (poll_echoes_what_was_sent.id,)


@check("04.3", 7, POLL, needs=needs_poll)
def a_reset_harms_nobody(bench):
    """A client that has finished gets all its bytes, then the end; a reset harms nobody else; no
    descriptor stays."""
    asking.survives_who_leaves(bench)


@check("04.3", 2, POLL, needs=needs_poll)
def poll_survives_a_signal(bench):
    """poll() that a signal interrupts (EINTR) is called again."""
    asking.survives_a_signal(bench, CALLS[POLL])


@check("04.3", 8, POLL, needs=needs_poll)
def poll_does_the_waiting(bench):
    """One thread sleeps in poll(), with no client and with 1,200 silent ones."""
    asking.waits_in(bench, CALLS[POLL], 1200)


def memory_stays_bounded(bench):
    with bench.server(tiny=True, release=True) as server:
        limits.memory_is_bounded(server)


@check("04.4", 6, POLL, needs=needs_poll)
def keeps_what_send_did_not_take(bench):
    """poll_echo: a burst larger than all buffers comes back whole, while others are served."""
    asking.keeps_what_did_not_fit(bench)


@check("04.4", 6, SELECT, needs=needs_select)
def select_keeps_what_send_did_not_take(bench):
    """select_echo: a burst larger than all buffers comes back whole, while others are served."""
    asking.keeps_what_did_not_fit(bench)


@check("04.5", 4, POLL, needs=needs_poll)
def asleep_with_a_client_that_never_reads(bench):
    """poll_echo: a client that never reads, half-closed or not, wakes nobody; then it gets all its
    bytes and the end."""
    asking.asleep_beside_stuck_clients(bench)


@check("04.5", 4, SELECT, needs=needs_select)
def select_asleep_with_a_client_that_never_reads(bench):
    """select_echo: a client that never reads, half-closed or not, wakes nobody; then it gets all its
    bytes and the end."""
    asking.asleep_beside_stuck_clients(bench)


@check("04.5", 4, POLL, needs=needs_poll)
def a_client_that_never_reads_costs_bounded_memory(bench):
    """poll_echo: what a client sends but does not read back is not hoarded."""
    memory_stays_bounded(bench)


@check("04.5", 4, SELECT, needs=needs_select)
def select_bounds_the_memory_of_a_client_that_never_reads(bench):
    """select_echo: what a client sends but does not read back is not hoarded."""
    memory_stays_bounded(bench)
