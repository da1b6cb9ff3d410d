"""Lab 07, file_server: files over HTTP, whole and in order, from bounded memory."""
import contextlib
import os

from ..check import check
from ..verdict import BACKPRESSURE
from . import downloads, leaving, resting, slow_files

SERVER = "file_server"
HUGE = 64 << 20  # bytes
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
        others = [server.connect() for _ in range(4)]
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
        outside = [
            "/../secret",
            "/%2e%2e/secret",
            "/deep/../../secret",
            "/way_out",
            "/way_up/secret",
        ]
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
            server.fail(
                f"DELETE was answered with {got.status}", "405: only GET and HEAD are known"
            )
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
                    f"the server grew by {grown / 2**20:.1f} MiB while two clients that read"
                    f" nothing wait for {HUGE / 2**20:.0f} MiB each"
                ),
                "the file is read faster than it is sent: read the next piece when one has gone",
                "pread(2); tcp(7)",
                verdict=BACKPRESSURE,
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
    with serving(bench, {"small": 5000, "large": 24_001}, tiny_send=True) as (server, site):
        downloads.greets(server, site)
        late = server.connect(receive_buffer=4096)
        downloads.ask(late, "/large")
        server.rest()
        leaving.hears_sigterm(server)
        downloads.gets(
            late, site, "large", means="SIGTERM came while it was being sent", asked=True
        )
        server.expect_exit(
            0, "SIGTERM: accept nobody, finish, exit with status 0", "signal(7); signalfd(2)"
        )
