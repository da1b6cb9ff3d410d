"""Lab 07, aio_demo: what it tells of Linux aio is what its system calls did."""
from ..check import check
from . import linux_aio

AIO = "aio_demo"


@check("07.5", 3, AIO)
def counts_the_bytes_that_are_copied(bench):
    """An operation copies an iocb, a pointer and an io_event: 104 bytes."""
    with linux_aio.demonstrates(bench) as (run, lines, _):
        wanted = {"iocb": "64", "pointer": "8", "io_event": "32", "together": "104"}
        if linux_aio.line(run, lines, "sizes") != wanted:
            run.fail(
                f"sizes: {' '.join(map('='.join, lines['sizes'].items()))}",
                "64 bytes of iocb, 8 of the pointer to it, 32 of io_event",
                "linux/aio_abi.h",
            )


@check("07.5", 4, AIO)
def submits_and_collects_by_system_calls(bench):
    """Each read is one io_submit() and one event, and its result is what the event says."""
    with linux_aio.demonstrates(bench) as (run, lines, path):
        linux_aio.results_are_the_kernels(run, lines, path)


needs_reads = (submits_and_collects_by_system_calls.id,)
HELD = 100_000  # microseconds by which strace makes each io_submit() longer
LAST = "socket_nonblocking"  # nothing else can make it wait: no disk, no sender


@check("07.5", 4, AIO, needs=needs_reads)
def tells_how_long_io_submit_took(bench):
    """`submit_us` is the time of io_submit() alone: longer when strace makes the call longer, not
    when it makes io_getevents() longer."""
    with linux_aio.demonstrates(bench, f"io_submit:delay_exit={HELD}") as held:
        slow, total = times(*held)
        run, elapsed = held[0], held[0].seconds * 1e6
        if not HELD <= slow <= total <= elapsed:
            run.fail(
                (
                    f"{LAST}: submit_us={slow}, total_us={total}; io_submit() took {HELD} us and"
                    f" more, the whole program {elapsed:.0f}"
                ),
                (
                    "the clock is read right before and right behind io_submit(), then at the"
                    " event; the unit is microseconds"
                ),
                "clock_gettime(2)",
            )
    with linux_aio.demonstrates(bench, f"io_getevents:delay_enter={2 * HELD}") as held:
        quick, total = times(*held)
        if quick >= 2 * HELD:
            held[0].fail(
                f"{LAST}: submit_us={quick} although only io_getevents() was made longer",
                "the time of io_getevents() is not that of io_submit(): read the clock in between",
                "clock_gettime(2)",
            )
        if total < 2 * HELD:
            held[0].fail(
                f"{LAST}: total_us={total}; io_getevents() took {2 * HELD} us and more",
                "`total_us` ends when the event has been collected",
                "clock_gettime(2)",
            )


def times(run, lines, _):
    """(submit_us, total_us) of the last experiment."""
    return [linux_aio.microseconds(run, lines, LAST, f) for f in ("submit_us", "total_us")]


@check("07.5", 4, AIO, needs=needs_reads)
def tells_whether_it_was_complete_on_return(bench):
    """`complete_on_return` is what io_getevents() found at once; what it did not find is waited
    for."""
    for inject in ((), ("io_getevents:retval=0:when=1",)):
        with linux_aio.demonstrates(bench, *inject) as (run, lines, path):
            said = linux_aio.line(run, lines, "buffered")
            found = linux_aio.first_look(run)
            if said.get("complete_on_return") != found or said.get("bytes") != str(
                path.stat().st_size
            ):
                run.fail(
                    f"buffered: {' '.join(map('='.join, said.items()))}",
                    (
                        "a buffered read is done inside io_submit(): its event is there at once"
                        if found == "yes"
                        else (
                            "the first io_getevents() found no event: it is `no`, and then"
                            " waited for"
                        )
                    ),
                    "io_getevents(2), min_nr",
                )
