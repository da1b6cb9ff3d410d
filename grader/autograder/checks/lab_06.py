"""Lab 06: http_server, its files and its connections. (Time-outs, uploads and the gateway: the modules
lab_06_*; the class RequestParser of step 06.1: grader/whitebox/06-state-machine.)
"""
from .. import demand
from ..check import check
from ..failure import count
from . import http, leaving, limits, resting

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
    with http.site(bench) as (server, tree):
        wanted = {"/" + name.replace(" ", "%20"): data for name, data in tree.files.items()}
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
    with http.site(bench) as (server, tree):
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
    with http.site(bench) as (server, tree):
        outside = str(tree.outside)
        targets = ["/../secret.txt", "/%2e%2e/secret.txt", "/sub/../../secret.txt"]
        targets += ["/..%2fsecret.txt", "/sub/..%2f..%2fsecret.txt", "/%2E%2E%2Fsecret.txt"]
        targets += ["/" + outside, outside.replace("/", "%2f"), "//" + outside, "/.%2e/secret.txt"]
        targets += ["/link.txt", "/relative.txt", "/door/secret.txt", "/%252e%252e/secret.txt"]
        for target in targets:
            reply = http.ask(server, server.connect(), target=target)
            if http.SECRET in reply.body or reply.status == 200:
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
    with http.site(bench, release=True) as (server, tree):
        for _ in range(10):
            served(server, tree)
        before = server.threads() + len(server.processes())
        clients = server.connect_many(60)
        for client in clients[:30]:
            page(server, client, tree)
        grown = server.threads() + len(server.processes()) - before
        if grown > 20:
            server.fail(
                f"{count(grown, 'thread')} or processes more beside 60 clients",
                "a thread or a process a client is another lab's model",
                "epoll(7)",
            )
        for client in clients:
            client.close()
        server.rest()
        served(server, tree), server.connect()  # two: each may be timed out meanwhile, one wake-up
        resting.is_asleep(server, "two clients were silent", name="idle_demand")


@check("06.2", 3, PROGRAM, needs=needs_files)
def a_reset_harms_nobody(bench):
    """Clients that go in the middle harm nobody, and no descriptor stays."""
    with http.site(bench, tiny=True) as (server, tree):

        def visit(server):
            quiet, hasty, stuck = server.connect(), server.connect(), server.connect()
            hasty.send(b"GET /big.b")
            stuck.send(http.request(target="/big.bin"))
            for client in (quiet, hasty, stuck):
                leaving.resets(server, client)
            gone = served(server, tree)
            gone.close()

        leaving.descriptors_come_back(server, visit, 5)


@check("06.3", 4, PROGRAM, needs=needs_files)
def keeps_the_connection_if_the_client_wants(bench):
    """HTTP/1.1 goes on until somebody says close; HTTP/1.0 ends unless both say keep-alive."""
    means = "HTTP/1.1 connections are kept, so that the next request need not connect"
    with http.site(bench) as (server, tree):
        client = server.connect()
        for target in ("/", "/nothing", "/notes.txt", "/empty.txt"):
            reply = http.ask(server, client, target=target, means=means, read="RFC 9112 9.3")
        head = http.ask(server, client, "HEAD", "/big.bin", means=means)
        http.expect(server, head, 200, "HEAD on a kept connection")
        page(server, client, tree, means)
        reply = http.ask(server, client, fields=["Connection: close"])
        client.expect_end("the client asked to close the connection", "RFC 9112 9.6")
        old = server.connect()
        http.ask(server, old, version="1.0")
        old.expect_end("HTTP/1.0 ends a connection unless both say keep-alive", "RFC 9112 9.3")
        old = server.connect()
        reply = http.ask(server, old, fields=["Connection: keep-alive"], version="1.0")
        if "keep-alive" in reply.fields.get("connection", "").lower():
            http.ask(server, old, version="1.0", means="the reply said keep-alive")
        last = server.connect()
        last.send(http.request())
        last.half_close()
        http.reply_to(server, last, means="a client that has finished still gets its reply")
        last.expect_end()


@check("06.3", 4, PROGRAM, needs=needs_files)
def answers_pipelined_requests_in_order(bench):
    """Requests that come together, the last one in two parts, are answered in their order."""
    names = ["notes.txt", "style.css", "empty.txt", "script.js", "data.json"] * 6
    names[1] = names[20] = "big.bin"
    with http.site(bench, tiny=True) as (server, tree):
        client = server.connect()
        text = b"".join(http.request(target=f"/{name}") for name in names)
        with server.quietly(f"{client.name} sends {len(names)} requests at once"):
            client.send(text[:-9])
            for number, name in enumerate(names, start=1):
                if number == len(names):
                    client.send(text[-9:])
                reply = http.reply_to(server, client, what=f" to request {number}")
                http.expect_body(
                    server,
                    reply,
                    tree.files[name],
                    f"request {number} of {len(names)} in one piece, /{name}",
                    "what lies behind one request is the next: answer it next",
                    "RFC 9112 9.3.2",
                )
        page(server, client, tree)


@check("06.3", 4, PROGRAM, needs=needs_files)
def a_slow_reader_gets_all_and_delays_nobody(bench):
    """A client that reads late gets every byte; others are served meanwhile."""
    with http.site(bench, tiny=True) as (server, tree):
        late = server.connect()
        late.send(http.request(target="/big.bin"))
        server.rest(calm=0.1)
        for _ in range(3):
            served(server, tree)
        reply = http.reply_to(server, late, means="the rest was dropped: send() may fall short")
        http.expect_body(server, reply, tree.files["big.bin"], "GET /big.bin, read late")


@check("06.3", 3, PROGRAM, needs=needs_files)
def a_client_that_never_reads_costs_little(bench):
    """Neither a large file nor a flood of requests piles up for it, and nobody is woken."""
    with http.site(bench, tiny=True, release=True) as (server, tree):
        with open(tree.root / "huge.bin", "wb") as file:
            file.truncate(256 << 20)
        served(server, tree)
        before = server.resident()
        stuck = server.connect()
        stuck.send(http.request(target="/huge.bin"))
        server.rest(calm=0.1)
        stuck.send(http.request(target="/notes.txt"))
        server.rest(calm=0.1)
        wakes_nobody(server, stuck)
        flood = server.connect()
        enough = limits.hoard(server)
        taken = flood.stall(http.request(target="/notes.txt") * (enough // 60))
        grown = server.resident() - before
        server.measure("memory_of_a_stalled_reader", grown)
        if grown > 16 << 20 or (taken >= enough and server.box.level.network):
            server.fail(
                (
                    f"the server grew by {grown / 2**20:.0f} MiB and took {taken / 2**20:.0f} MiB"
                    " of requests from clients that read nothing"
                ),
                "read the next request when the last reply has gone, and a file as it goes",
                "sendfile(2); tcp(7)",
            )
        served(server, tree)


def wakes_nobody(server, stuck):
    """Half a second, because a server may close who takes nothing: is_asleep() would wait for that."""
    reading, _ = demand.window(server.processes, 0.5)
    if server.descriptors_of(stuck) and (reading.demand > 0.5 or reading.wakeups > 50):
        server.fail(
            (
                f"{stuck.name} did not read its file and had asked for another; meanwhile the"
                f" server used {reading.demand:.0%} of a CPU and woke up"
                f" {reading.wakeups:,.0f} times a second"
            ),
            "what it asked for next stays readable: watch for EPOLLIN only when you want to read",
            'epoll(7), "Level-triggered and edge-triggered"',
        )
