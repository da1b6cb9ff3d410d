"""Lab 06: http_server and its files. (Connections, time-outs, uploads and the gateway: the modules
lab_06_*; the class RequestParser of step 06.1: grader/whitebox/06-state-machine.)
"""
import signal
import urllib.parse

from ..check import check
from ..failure import count
from ..verdict import MECHANISM
from . import http, leaving, resting
from .site import SECRET, site

PROGRAM = "http_server"
TYPES = {
    "index.html": ("text/html",),
    "style.css": ("text/css",),
    "script.js": ("text/javascript", "application/javascript", "application/x-javascript"),
    "data.json": ("application/json",),
    "notes.txt": ("text/plain",),
    "picture.png": ("image/png",),
    "picture.jpg": ("image/jpeg",),
}


def served(server, tree):
    """A client that has got the page of the root."""
    client = server.connect()
    page(server, client, tree)
    return client


def page(server, client, tree, means=""):
    reply = http.ask(server, client, means=means)
    http.expect(server, reply, 200, "GET /")
    http.expect_body(server, reply, tree.files["index.html"], "GET /")


@check("06.2", 5, PROGRAM)
def serves_files_as_they_are(bench):
    """GET and HEAD: each file with its type and its length, byte for byte."""
    with site(bench) as (server, tree):
        wanted = {"/" + urllib.parse.quote(name): data for name, data in tree.files.items()}
        wanted |= {"/": tree.files["index.html"], "/notes.txt?a=b/../c": tree.files["notes.txt"]}
        wanted |= {"/sub/": tree.files["sub/index.html"], "/%6eotes.txt": tree.files["notes.txt"]}
        for target, data in wanted.items():
            reply = http.ask(server, server.connect(), target=target)
            asked = f"GET {target}"
            http.expect(server, reply, 200, asked)
            http.expect_body(server, reply, data, asked)
            head = http.ask(server, server.connect(), "HEAD", target)
            http.expect(server, head, 200, f"HEAD {target}")
            told = head.fields.get("content-length", str(len(data)))
            if told != str(len(data)):
                server.fail(
                    f"HEAD {target}: Content-Length is {told}, the file has {len(data):,} bytes",
                    "HEAD gets the head that GET would get",
                    "RFC 9110 9.3.2",
                )
        for name, types in TYPES.items():
            reply = http.ask(server, server.connect(), target=f"/{name}")
            told = reply.fields.get("content-type", "none")
            if told.split(";")[0].strip().lower() not in types:
                server.fail(
                    f"/{name}: Content-Type is {told}, not {types[0]}",
                    "a browser goes by the type, not by the name",
                    "RFC 9110 8.3",
                )


needs_files = (serves_files_as_they_are.id,)
WRONG = (  # bytes, statuses, what it is
    (http.request(target="/nothing"), (404,), "a file that is not there"),
    (http.request(target="/notes.txt/"), (404,), "a file with a slash behind it"),
    (b"NONSENSE\r\n\r\n", (400,), "a line that is no request"),
    (b"GET / HTTP/1.1\r\n\r\n", (400,), "HTTP/1.1 without Host"),
    (b"GET / HTTP/1.1\r\nHost : h\r\n\r\n", (400,), "a space before the colon"),
    (b"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n", (400,), "a length that is none"),
    (
        b"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        (400,),
        "two lengths that differ",
    ),
    (http.request("DELETE", "/notes.txt"), (405,), "DELETE, which is known, but not for files"),
    (http.request("BREW"), (501,), "a method that nobody knows"),
    (b"GET / HTTP/3.0\r\nHost: h\r\n\r\n", (505,), "version 3.0"),
    (http.request(target="/" + "x" * 9000), (414,), "a target of 9,000 characters"),
    (http.request(fields=["X: " + "x" * 18000]), (431,), "a field of 18,000 characters"),
)


@check("06.2", 5, PROGRAM, needs=needs_files)
def refuses_what_it_cannot_understand(bench):
    """400, 404, 405, 414, 431, 501 and 505 where they belong, and the next client is served."""
    with site(bench) as (server, tree):
        for text, statuses, what in WRONG:
            client = server.connect()
            with server.quietly(f"{client.name} sends {what}"):
                client.send(text)
            reply = http.reply_to(server, client, what=f" to {what}")
            http.expect(server, reply, statuses, what)
            if reply.status == 405 and "GET" not in reply.fields.get("allow", ""):
                server.fail(
                    f"{what}: 405, and the field Allow is {reply.fields.get('allow', 'missing')}",
                    "405 has to say what is allowed instead",
                    "RFC 9110 15.5.6",
                )
        served(server, tree)


@check("06.2", 4, PROGRAM, needs=needs_files)
def refuses_to_leave_the_root(bench):
    """Neither by dots, encoded or not, nor by slashes, a NUL or a symbolic link."""
    with site(bench) as (server, tree):
        outside = str(tree.outside)
        targets = ["/../secret.txt", "/%2e%2e/secret.txt", "/sub/../../secret.txt"]
        targets += ["/..%2fsecret.txt", "/sub/..%2f..%2fsecret.txt", "/%2E%2E%2Fsecret.txt"]
        targets += ["/" + outside, outside.replace("/", "%2f"), "//" + outside, "/.%2e/secret.txt"]
        targets += ["/link.txt", "/relative.txt", "/door/secret.txt", "/%252e%252e/secret.txt"]
        for target in targets:
            reply = http.ask(server, server.connect(), target=target)
            if SECRET in reply.body or reply.status == 200:
                server.fail(
                    (
                        f"GET {target}: {reply.status} with {len(reply.body)} bytes, and that is a"
                        " file outside of the root"
                    ),
                    "a path has to be judged once it is decoded, and links as they are followed",
                    "openat2(2), RESOLVE_BENEATH",
                )
        reply = http.ask(server, server.connect(), target="/notes.txt%00.png")
        http.expect(server, reply, (400, 403, 404), "a NUL in the path", "a C string ends there")
        served(server, tree)


@check("06.2", 3, PROGRAM, needs=needs_files)
def sleeps_in_one_thread(bench):
    """Silent clients cost neither CPU nor threads."""
    with site(bench, release=True) as (server, tree):
        for _ in range(10):
            served(server, tree)
        before = server.threads() + len(server.processes())
        clients = [served(server, tree) for _ in range(30)] + server.connect_many(30)
        grown = server.threads() + len(server.processes()) - before
        if grown > 20:
            server.fail(
                f"{count(grown, 'thread')} or processes more beside 60 clients",
                "a thread or a process a client is another lab's model",
                "epoll(7)",
                MECHANISM,
            )
        resting.wakes_nobody(
            server,
            clients[-1],
            f"{len(clients)} clients were silent",
            "watch a client for what you wait for: a socket takes output nearly all the time",
            'epoll_ctl(2), "EPOLLOUT"',
        )
        for client in server.clients:
            client.close()
        resting.is_asleep(server, "nobody was connected any more", name="idle_demand")


@check("06.2", 3, PROGRAM, needs=needs_files)
def a_reset_harms_nobody(bench):
    """Clients that go in the middle harm nobody, and no descriptor stays."""
    with site(bench, tiny=True) as (server, tree):

        def visit(server):
            quiet, hasty, stuck = server.connect(), server.connect(), server.connect()
            hasty.send(b"GET /big.b")
            stuck.send(http.request(target="/big.bin"))
            for client in (quiet, hasty, stuck):
                leaving.resets(server, client)
            gone = served(server, tree)
            gone.close()

        leaving.descriptors_come_back(server, visit, 5)
    with site(bench) as (server, tree):
        served(server, tree)
        resting.stop(server)  # so that all of it comes at once
        hasty = server.connect()
        hasty.send(http.request(target="/huge.bin"))
        hasty.close()
        server.signal(signal.SIGCONT)
        served(server, tree)
