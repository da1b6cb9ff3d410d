"""Lab 07, readiness: what each call says of each kind of descriptor."""
import re

from .. import machine
from ..check import Lacking, check
from ..verdict import MECHANISM
from . import readiness

READINESS = "readiness"


@check("07.1", 5, READINESS)
def tells_what_select_says(bench):
    """The column select: ready or waits, as the kernel answers for each kind, or the error."""
    readiness.tells(bench, "select", "select(2)")
    readiness.has_asked(bench, "select", 'select(2), "RETURN VALUE"')


@check("07.1", 5, READINESS)
def tells_what_poll_says(bench):
    """The column poll: ready or waits, as the kernel answers for each kind, or the error."""
    readiness.tells(bench, "poll", "poll(2)")
    readiness.has_asked(bench, "poll", 'poll(2), "RETURN VALUE"')


@check("07.1", 5, READINESS)
def tells_what_epoll_says(bench):
    """The column epoll: ready or waits, or the error where epoll refuses the descriptor."""
    readiness.tells(bench, "epoll", 'epoll_ctl(2), "ERRORS", EPERM')
    readiness.has_asked(bench, "epoll", 'epoll_ctl(2), "ERRORS"')


@check("07.1", 5, READINESS)
def tells_what_io_uring_says(bench):
    """The column io_uring: what POLL_ADD completes with at once, or waits if it does not."""
    if reason := machine.io_uring():
        raise Lacking(reason)
    readiness.tells(bench, "io_uring", "io_uring_prep_poll_add(3)")
    with bench.run(trace=["-e", "trace=io_uring_setup,io_uring_enter"]) as run:
        submitted = sum(map(int, re.findall(r"io_uring_enter\(.*= (\d+)", run.traced())))
        if submitted < len(readiness.facts()) and "IORING_SETUP_SQPOLL" not in run.traced():
            run.fail(
                (
                    f"{submitted} operations were submitted to rings for"
                    f" {len(readiness.facts())} kinds"
                ),
                "the words are no answers of a ring: each is the result of an operation",
                "io_uring_enter(2)",
                verdict=MECHANISM,
            )
