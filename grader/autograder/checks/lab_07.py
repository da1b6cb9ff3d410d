"""Lab 07: readiness, file_server and aio_demo. Regular files are always ready, and never fast."""
import contextlib
import os
import re
import signal
import time

from .. import machine
from ..check import CannotJudge, check
from . import downloads, leaving, linux_aio, readiness, resting, slow_files

READINESS, SERVER, AIO = "readiness", "file_server", "aio_demo"
HUGE = 64 << 20  # bytes
MOST_THREADS = 64  # that a pool may have, whoever made it: far below two hundred


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
        raise CannotJudge(reason)
    readiness.tells(bench, "io_uring", "io_uring_prep_poll_add(3)")
    with bench.run(trace=["-e", "trace=io_uring_setup,io_uring_enter"]) as run:
        if not re.search(r"io_uring_(setup|enter)\(", run.traced()):
            run.fail(
                "no ring was set up while the column io_uring was printed",
                "the words are no answers of a ring",
                "io_uring_setup(2)",
            )


# -- 07.2: the file server -----------------------------------------------------------------------
SIZES = {"empty": 0, "one": 1, "small": 5000, "deep/er/file.txt": 70_000, "large": 3_000_001}


@contextlib.contextmanager
def serving(bench, sizes=SIZES, **options):
    with downloads.site() as site:
        for name, size in sizes.items():
            site.add(name, slow_files.bench_bytes(bench, name, size))
        with bench.server(arguments=site.arguments, **options) as server:
            yield server, site


@check("07.2", 7, SERVER)
def sends_files_byte_for_byte(bench):
    """Files of every size arrive whole, over one connection or many, in however small buffers."""
    with serving(bench) as (server, site):
        client = server.connect()
        for name in SIZES:
            downloads.gets(client, site, name)
        others = [server.connect() for _ in range(10)]
        for other in others:
            downloads.ask(other, "/large")
        for other in others:
            downloads.gets(other, site, "large", asked=True)
    with serving(bench, {"small": 5000, "large": 300_001}, tiny=True) as (server, site):
        client = server.connect()
        with server.quietly(f"{client.name} sends its request byte by byte"):
            for byte in downloads.request("/large"):
                client.send(bytes([byte]))
        downloads.gets(client, site, "large", asked=True)
        downloads.gets(client, site, "small")


needs_files = (sends_files_byte_for_byte.id,)


@check("07.2", 5, SERVER, needs=needs_files)
def answers_in_order(bench):
    """Requests that come at once are answered in their order, also after the client has finished;
    HEAD has the length and no body."""
    with serving(bench) as (server, site):
        client = server.connect()
        names = ["large", "small", "empty", "one", "deep/er/file.txt"] * 2
        server.note(f"{client.name} sends {len(names)} requests and a HEAD at once, and finishes")
        asked = b"".join(downloads.request("/" + name) for name in names)
        with server.quietly("they are sent"):
            client.send(asked + downloads.request("/large", "HEAD"))
        client.half_close()
        for name in names:
            downloads.gets(client, site, name, asked=True)
        head = downloads.response(client, bodiless=True)
        length = head.fields.get("content-length")
        if head.status != 200 or length != str(len(site.contents["large"])):
            server.fail(
                f"the response to HEAD has status {head.status} and Content-Length {length}",
                "HEAD is answered as GET is, but for the body",
                "RFC 9110, section 9.3.2",
            )
        client.expect_end()
        last = server.connect()
        downloads.ask(last, "/small", fields="Connection: close\r\n")
        downloads.gets(last, site, "small", asked=True)
        last.expect_end("the client asked for it: Connection: close", "RFC 9112, section 9.6")


@check("07.2", 4, SERVER, needs=needs_files)
def refuses_what_is_no_file(bench):
    """What is missing, no regular file, or outside the root is refused, and the connection goes
    on; other methods are refused too."""
    with serving(bench) as (server, site):
        (site.root / "way_out").symlink_to(site.outside)
        (site.root / "way_up").symlink_to("..")
        os.mkfifo(site.root / "fifo")
        client = server.connect()
        outside = ["/../secret", "/%2e%2e/secret", "/deep/../../secret", "/way_out", "/way_up/secret"]
        for target in ["/missing", "/deep", "/small/below", "/fifo", *outside]:
            downloads.ask(client, target)
            got = downloads.response(client)
            if got.status < 400 or site.outside.read_bytes() in got.body:
                server.fail(
                    f"{target} was answered with {got.status} and {len(got.body):,} bytes",
                    (
                        "it leads out of the root"
                        if target in outside
                        else "there is no regular file of that name"
                    ),
                    "openat2(2), RESOLVE_BENEATH" if target in outside else 'inode(7), "S_ISREG"',
                )
            if client.ended or got.fields.get("connection", "").lower() == "close":
                client = server.connect()
        other = server.connect()
        downloads.ask(other, "/small", "DELETE")
        got = downloads.response(other)
        if got.status not in (405, 501):
            server.fail(f"DELETE was answered with {got.status}", "405: only GET and HEAD are known")
        downloads.greets(server, site)


@check("07.2", 4, SERVER, needs=needs_files)
def a_client_that_never_reads_costs_bounded_memory(bench):
    """A large file is not read into memory ahead of a client that does not take it."""
    with serving(bench, tiny_send=True, release=True) as (server, site):
        site.add_huge("huge", HUGE)
        other = downloads.greets(server, site)
        server.rest()
        before = server.resident()
        greedy = [server.connect(receive_buffer=4096) for _ in range(2)]
        for client in greedy:
            downloads.ask(client, "/huge")
        server.rest()
        grown = server.resident() - before
        server.measure("memory_of_stalled_downloads", grown)
        if grown > HUGE // 4:
            server.fail(
                (
                    f"the server grew by {grown / 2**20:.1f} MiB while two clients that read nothing"
                    f" wait for {HUGE / 2**20:.0f} MiB each"
                ),
                "the file is read faster than it is sent: read the next piece when one has gone",
                "pread(2); tcp(7)",
            )
        downloads.gets(other, site, "small")
        resting.is_asleep(
            server,
            "two clients did not read",
            "EPOLLOUT is watched for although nothing is to be sent, or the file is read on",
            "epoll_ctl(2)",
        )


@check("07.2", 3, SERVER, needs=needs_files)
def asleep_when_idle_and_leaves_nothing_open(bench):
    """Idle clients cost no CPU, and no descriptor stays open when they have gone."""
    with serving(bench, release=True) as (server, site):
        leaving.descriptors_come_back(server, lambda s: visit(s, site))
        for _ in range(5):
            downloads.greets(server, site)
        resting.is_asleep(server, "five clients were silent", name="idle_demand")


def visit(server, site):
    client = downloads.greets(server, site)
    client.close()
    hasty = server.connect()
    downloads.ask(hasty, "/large")
    leaving.resets(server, hasty)


@check("07.2", 2, SERVER, needs=needs_files)
def finishes_what_is_under_way(bench):
    """After SIGTERM a download under way is completed, and the server ends with status 0."""
    with serving(bench, {"small": 5000, "large": 60_001}, tiny_send=True) as (server, site):
        downloads.greets(server, site)
        late = server.connect(receive_buffer=4096)
        downloads.ask(late, "/large")
        server.rest()
        server.signal(signal.SIGTERM)
        downloads.gets(
            late, site, "large", means="SIGTERM came while it was being sent", asked=True
        )
        server.expect_exit(
            0, "SIGTERM: accept nobody, finish, exit with status 0", "signal(7); signalfd(2)"
        )


# -- 07.4: reads in the pool, and back -----------------------------------------------------------
@check("07.4", 7, SERVER, needs=needs_files)
def others_are_served_while_a_file_is_slow(bench):
    """While reads of three files are under way, others come, ask and get their files."""
    names = ("slow", "slower", "slowest")
    with slow_files.serving(bench, names) as (server, site):
        known = downloads.greets(server, site)
        for number, name in enumerate(names, start=1):
            slow_files.begins(server, server.connect(), number, name)
            for client in (known, server.connect()):
                downloads.gets(
                    client, site, "small", wait=slow_files.patience(server), means=slow_files.MEANS
                )
        if len(slow_files.held(server)) < len(names):
            raise CannotJudge("a slow read ended before the others were served")
        server.note("all this while the slow reads were still under way")


@check("07.4", 3, SERVER, needs=needs_files)
def a_slow_file_arrives_whole_and_in_order(bench):
    """Behind a slow file come the replies to what was asked behind it, in order."""
    with slow_files.serving(bench, microseconds=50_000) as (server, site):
        client = server.connect()
        names = ["small", "slow", "small", "slow", "small"]
        with server.quietly(f"{client.name} sends {len(names)} requests at once"):
            client.send(b"".join(downloads.request("/" + name) for name in names))
        for name in names:
            downloads.gets(client, site, name, asked=True)


@check("07.4", 4, SERVER, needs=needs_files)
def more_slow_files_than_threads(bench):
    """With two hundred slow reads wanted at once, threads stay few, and who needs no file is
    answered."""
    with slow_files.serving(bench) as (server, site):
        before, _ = server.baseline
        slow_files.begins(server, server.connect())
        with server.quietly("200 clients ask for the slow file"):
            for client in server.connect_many(200):
                client.send(downloads.request("/slow"))
        polite = server.connect()
        downloads.ask(polite, "/small", "DELETE")
        got = downloads.response(
            polite,
            wait=slow_files.patience(server),
            means="every thread of the pool reads; the loop itself must not wait for one of them",
        )
        if got.status not in (405, 501):
            server.fail(f"DELETE was answered with {got.status}", "405: only GET and HEAD are known")
        threads = server.threads()
        server.measure("threads_with_200_slow_reads", threads)
        if threads > before + MOST_THREADS:
            server.fail(
                f"{threads} threads while 200 slow reads are wanted; {before} before any client",
                "a pool has a fixed number of threads; further reads wait in its queue",
                "pthreads(7)",
            )


@check("07.4", 4, SERVER, needs=needs_files)
def a_client_that_leaves_harms_nobody(bench):
    """Clients that go while their file is being read take nobody with them, and leave nothing
    open."""
    with slow_files.serving(bench, microseconds=100_000, release=False) as (server, site):
        other = downloads.greets(server, site)
        gone = [server.connect() for _ in range(8)]
        for client in gone:
            slow_files.begins(server, client)
            leaving.resets(server, client)
            downloads.gets(other, site, "small")
        server.wait(lambda seconds: not slow_files.held(server) or time.sleep(seconds), limit=10)
        downloads.gets(other, site, "small")
        downloads.gets(server.connect(), site, "slow")
        leaving.descriptors_come_back(server, lambda s: leave_early(s, site), times=3)


def leave_early(server, site):
    client = server.connect()
    slow_files.begins(server, client)
    leaving.resets(server, client)
    server.wait(lambda seconds: not slow_files.held(server) or time.sleep(seconds), limit=10)
    downloads.greets(server, site).close()


@check("07.4", 3, SERVER, needs=needs_files)
def asleep_while_a_read_is_under_way(bench):
    """While a slow read is under way the loop sleeps: it is told when the piece is there."""
    with slow_files.serving(bench) as (server, site):
        slow_files.begins(server, server.connect())
        resting.is_asleep(
            server,
            "a slow read was under way",
            "the loop asks again and again whether the piece is there: let an eventfd tell it",
            "eventfd(2)",
        )


# -- 07.5: Linux aio -----------------------------------------------------------------------------
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
HELD = 150_000  # microseconds by which strace makes each io_submit() longer


@check("07.5", 4, AIO, needs=needs_reads)
def tells_how_long_io_submit_took(bench):
    """`submit_us` is the time of io_submit() alone: longer when strace makes the call longer, not
    when it makes io_getevents() longer."""
    name = "socket_nonblocking"
    with linux_aio.demonstrates(bench, f"io_submit:delay_exit={HELD}") as (run, lines, _):
        for made in linux_aio.done(run, lines):
            took = linux_aio.microseconds(run, lines, made, "submit_us")
            total = linux_aio.microseconds(run, lines, made, "total_us")
            if took < HELD or total < took:
                run.fail(
                    f"{made}: submit_us={took}, total_us={total}; io_submit() took {HELD} and more",
                    "the clock is read right before and right behind io_submit(), then at the event",
                    "clock_gettime(2)",
                )
        slow = linux_aio.microseconds(run, lines, name, "submit_us")
    with linux_aio.demonstrates(bench, f"io_getevents:delay_enter={2 * HELD}:when=4+") as (
        run,
        lines,
        _,
    ):
        quick = linux_aio.microseconds(run, lines, name, "submit_us")
        if quick >= slow:
            run.fail(
                f"{name}: submit_us={quick} although only io_getevents() was made longer",
                "the time of io_getevents() is not that of io_submit(): read the clock in between",
                "clock_gettime(2)",
            )


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
                        else "the first io_getevents() found no event: it is `no`, and then waited for"
                    ),
                    "io_getevents(2), min_nr",
                )
