"""The Python programs beside the servers: clients, the old Python's server, and what all files share."""
import ast
import os
import socket
import subprocess
import threading

import pytest

from catalogue import COMMANDS, PYTHON, SANITIZED, SCRIPTS, every
from peer import LIMIT

pytestmark = pytest.mark.skipif(SANITIZED, reason="no native code of the kit is in them")
UPSTREAM = ("server.py", "mp_server.py", "mt_server.py", "async_server.py", "async_server_3.6.py")
ASYNC = [p for p in COMMANDS if p.language == "python" and p.model == "async" and not p.options]
NEWER = {  # names that Python 3.6 does not have, or that a later release has taken away
    *("asyncio.run", "create_task", "get_running_loop", "to_thread", "Runner", "TaskGroup"),
    *("wait_closed", "serve_forever", "start_serving", "is_serving", "all_tasks", "current_task"),
    *("nullcontext", "capture_output", "removeprefix", "removesuffix", "cached_property"),
    *("asyncio.coroutine", "asyncio.async", "asyncio.timeout", "functools.cache"),
}


def sources():
    return sorted(path for path in SCRIPTS.iterdir() if path.suffix in (".py", ".sh"))


def needed_by(name: str) -> set:
    """A script and all modules beside it that it imports, and that those import."""
    found, todo = set(), [SCRIPTS / name]
    while todo:
        path = todo.pop()
        found.add(path)
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            beside = [SCRIPTS / f"{module}.py" for module in names]
            todo += [module for module in beside if module.exists() and module not in found]
    return found


def test_programs_can_be_executed_and_modules_cannot():
    assert {path.name for path in sources()} >= {*UPSTREAM, "client.py", "client_bench.sh"}
    for path in sources():
        words = path.read_text().splitlines()[0]
        program = os.access(path, os.X_OK)
        assert program == words.startswith("#!/usr/bin/env "), path
        assert program == ("__main__" in path.read_text() or path.suffix == ".sh"), path
    assert all(os.access(SCRIPTS / name, os.X_OK) for name in UPSTREAM)


@pytest.mark.parametrize("path", sorted(needed_by("async_server_3.6.py")), ids=lambda p: p.name)
def test_the_server_for_old_pythons_is_written_in_python_3_6(path):
    tree = ast.parse(path.read_text(), feature_version=(3, 6))
    nodes = list(ast.walk(tree))
    used = {node.arg for node in nodes if isinstance(node, ast.keyword)}
    for node in nodes:
        if isinstance(node, ast.Attribute):
            used |= {node.attr, f"{getattr(node.value, 'id', '')}.{node.attr}"}
    assert used & NEWER == set()


@every(ASYNC)
def test_asyncio_tells_its_selector(server):
    assert server.await_line(r"^asyncio: Using selector: EpollSelector$")


class OneReply:
    """A server for one client of a test: answers with `pieces`, and keeps what it was sent."""

    def __init__(self, *pieces):
        self.pieces, self.request = pieces, None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(LIMIT)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def serve(self):
        with self.listener.accept()[0] as client:
            client.settimeout(LIMIT)
            self.request = client.recv(256)
            for piece in self.pieces:
                client.sendall(piece)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.thread.join(LIMIT)
        self.listener.close()


def client(*arguments):
    return subprocess.run(
        [PYTHON, str(SCRIPTS / "client.py"), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd="/",
    )


def test_the_client_sends_the_number_bare_and_prints_the_whole_reply():
    with OneReply(b"13", b"46", b"269") as server:
        ran = client("localhost", server.port, "30")
    assert server.request == b"30"
    assert (ran.returncode, ran.stdout) == (0, "function(30): 1346269\n")
    assert ran.stderr == f"root: Connected to localhost:{server.port}\nroot: Sending 30\n"


def test_the_client_chooses_a_number_if_none_is_told():
    chosen = []
    for _ in range(5):
        with OneReply(b"r") as server:
            ran = client("127.0.0.1", server.port)
        chosen.append(int(server.request))
        assert ran.stdout == f"function({chosen[-1]}): r\n"
    assert all(0 <= number <= 34 for number in chosen) and len(set(chosen)) > 1


@pytest.mark.parametrize("words", [(), ("localhost",), ("localhost", "1", "2", "3")], ids=len)
def test_the_client_tells_its_usage(words):
    ran = client(*words)
    usage = "Usage: client.py server_name server_port [num]\n0 <= num <= 34\n"
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, "", usage)


def test_the_client_says_what_went_wrong():
    with OneReply() as silent:
        ran = client("localhost", silent.port, "1")
    assert ran.returncode == 1 and ran.stdout == "" and "Traceback" not in ran.stderr
    ran = client("localhost", silent.port, "1")  # nobody listens there any more
    assert ran.returncode == 1 and "Connection refused" in ran.stderr
    assert "Traceback" not in ran.stderr
    ran = client("no.such.host.invalid", "1", "1")
    assert ran.returncode == 1 and "Traceback" not in ran.stderr


def bench(*arguments):
    return subprocess.run(
        [str(SCRIPTS / "client_bench.sh"), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        cwd="/",
    )


@every([COMMANDS[1]])
def test_the_bench_runs_eight_clients_from_any_directory(server):
    ran = bench(server.port, "5")
    assert (ran.returncode, ran.stdout) == (0, "function(5): 8\n" * 8), ran


def test_the_bench_fails_when_a_client_does():
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    assert bench(port, "5", "2").returncode == 1
    ran = bench("no-port")
    assert ran.returncode == 1 and ran.stderr.startswith("Usage: client_bench.sh")


def test_an_interpreter_that_is_slow_to_end_does_not_die_of_the_alarm():
    """On a machine that swaps, the end of a server that has idled for long takes more than GRACE."""
    script = """
import os, signal, sys, time
import service
class Slow:
    def __del__(self, end=time.monotonic, sleep=time.sleep):
        until = end() + 1.2
        while end() < until:
            sleep(0.1)
slow = Slow()
service.GRACE = 1
service.on_stop(lambda: print("told"))
os.kill(os.getpid(), signal.SIGTERM)
"""
    ran = subprocess.run(
        [PYTHON, "-c", script], capture_output=True, text=True, timeout=60, cwd=SCRIPTS
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "told\n", "")
