"""Lab 07, file_server: reads of slow files in a few threads, which come back to the loop."""
import time

from ..check import CannotJudge, check
from ..verdict import MECHANISM
from . import downloads, leaving, resting, slow_files
from .lab_07_files import SERVER, needs_files

NEWCOMER = "what was read for a client who has left was given to another with its descriptor"
MOST_THREADS = 64  # that a pool may have, whoever made it: far below two hundred


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
    others_are_served_in_the_middle(bench)


def others_are_served_in_the_middle(bench):
    """A thread's first read is quick, all that follow are held: those of a file's later pieces."""
    with slow_files.serving(bench, when="2+") as (server, site):
        known, client = downloads.greets(server, site), server.connect()
        site.add("slow", slow_files.bench_bytes(bench, "slow", 4 << 20))
        downloads.ask(client, "/slow")

        def is_held_or_whole(seconds):
            client._receive_some(seconds / 10)
            return slow_files.held(server) or len(client.received) > len(site.contents["slow"])

        server.wait(is_held_or_whole, limit=10)
        if slow_files.held(server):  # not if each read was by another thread, or the only one
            server.note(f"the read of a later piece for {client.name} is under way")
            wait = slow_files.patience(server)
            downloads.gets(known, site, "small", wait=wait, means=slow_files.MEANS)


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
            server.fail(
                f"DELETE was answered with {got.status}", "405: only GET and HEAD are known"
            )
        threads = server.threads()
        server.measure("threads_with_200_slow_reads", threads)
        if threads > before + MOST_THREADS:
            server.fail(
                f"{threads} threads while 200 slow reads are wanted; {before} before any client",
                "a pool has a fixed number of threads; further reads wait in its queue",
                "pthreads(7)",
                verdict=MECHANISM,
            )


@check("07.4", 4, SERVER, needs=needs_files)
def a_client_that_leaves_harms_nobody(bench):
    """Clients that go while their file is being read take nobody with them, and leave nothing
    open."""
    with slow_files.serving(bench, microseconds=100_000, release=False) as (server, site):
        other = downloads.greets(server, site)
        gone, newcomers = [server.connect() for _ in range(8)], []
        for client in gone:
            slow_files.begins(server, client)
            leaving.resets(server, client)
            newcomers.append(downloads.greets(server, site))  # with the descriptor of the client
        server.wait(lambda seconds: not slow_files.held(server) or time.sleep(seconds), limit=10)
        for newcomer in (other, *newcomers):
            downloads.gets(newcomer, site, "small", means=NEWCOMER)
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
        client = server.connect()
        slow_files.begins(server, client)
        downloads.ask(client, "/small")
        resting.is_asleep(
            server,
            "a slow read was under way",
            (
                "the loop asks again and again whether the piece is there, where an eventfd would"
                " tell it; or it is told again and again of the request that waits"
            ),
            "eventfd(2); epoll_ctl(2)",
        )
