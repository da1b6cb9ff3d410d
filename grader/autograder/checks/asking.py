"""What labs promise of one thread that asks about everybody in one call, and sleeps in it."""
from ..failure import Failed
from . import echoing, leaving, resting

LEVEL = 'poll(2), "POLLOUT"; select(2)'
OUTPUT_ARMED = (
    "a socket that takes bytes is ready all the time: ask for output only while bytes wait to be"
    " sent"
)


def survives_who_leaves(bench):
    """Clients that have finished and clients that reset leave no descriptor, and harm nobody."""
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


def survives_a_signal(bench, calls):
    """The call that waits is interrupted once, as a signal's handler would do it, signal(7)."""
    name = min(calls, key=len)
    traced = ",".join(f"?{call}" for call in sorted(calls))
    inject = ["-e", f"trace={traced}", "-e", f"inject={traced}:error=EINTR:when=2"]
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


def waits_in(bench, calls, number):
    """Asleep with nobody and with `number` silent clients, in one thread, in the call itself."""
    bench.side_by_side(
        lambda: resting.asleep_with_nobody(bench), lambda: waits_beside(bench, calls, number)
    )


def waits_beside(bench, calls, number):
    with bench.server(release=True) as server:
        echoing.interleaved(server, 5)
        resting.has_one_thread(server)  # before there are hundreds to look at
        clients = echoing.interleaved(server, number)
        resting.is_asleep(server, f"{number:,} clients were silent", OUTPUT_ARMED, LEVEL)
        resting.sleeps_in(server, calls)
        resting.has_one_thread(server)
        resting.survives_stop_and_continue(server, clients[number // 2])
        echoing.welcomes_all_at_once(server)


def keeps_what_did_not_fit(bench):
    """As leaving's; but what waits may also be kept, and never asked for."""
    try:
        leaving.keeps_what_did_not_fit(bench)
    except Failed as failed:
        if failed.means == echoing.DROPPED:
            failed.means = (
                "what send() did not take was dropped; or it is kept, and output is not asked"
                " for while it waits, or input not again when there is room"
            )
        raise


def asleep_beside_stuck_clients(bench):
    """Beside clients that do not read, and beside one whose end has been received as well."""
    resting.asleep_beside_stuck_clients(
        bench,
        (
            "a descriptor is always ready: ask for input only while there is room, for output"
            " only while bytes wait"
        ),
        "the end of input stays readable for ever: do not ask for input once it has come",
        LEVEL,
    )
