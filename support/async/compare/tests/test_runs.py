"""Against stand-in servers: wrong replies are caught, what is used is counted, nothing is left."""
import os
import sys

import pytest
from comparison import load, measure, runner
from comparison.cells import Sizes
from comparison.configurations import Configuration
from comparison.fibonacci import fibonacci
from comparison.process import Server, StartError, become_subreaper, tree
from comparison.usage import used_by, used_in_all
from made_up import cell, results

STAND_IN = """\
import os, socket, sys, threading, time
listener = socket.create_server(("127.0.0.1", 0))
print("stand-in: Starting server on port", listener.getsockname()[1], file=sys.stderr, flush=True)
while True:
    client, _ = listener.accept()
    request = client.recv(256)
    {serve}
    client.close()
"""
CHILD_BURNS = """if os.fork() == 0:
        while time.process_time() < 0.3: pass
        client.sendall(b"1"); os._exit(0)
    client.close(); os.wait()"""


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """A function that makes every configuration start a server which does `serve` with a client."""

    def use(serve):
        program = tmp_path / "stand_in.py"
        program.write_text(STAND_IN.format(serve=serve))
        command = lambda *_: [sys.executable, str(program)]
        monkeypatch.setattr(Configuration, "command", command)
        return Server([sys.executable, str(program)], dict(os.environ))

    become_subreaper()
    return use


def test_latencies_of_right_replies(stand_in):
    server = stand_in("client.sendall(b'1346269')")
    latencies = load.run(server.port, 8, 30, fibonacci(30), 5)
    server.end()
    assert len(latencies) == 8
    assert all(0 < each < 5 for each in latencies)


@pytest.mark.parametrize(
    "reply", ["client.sendall(b'1346270')", "pass", "client.sendall(b'error')"]
)
def test_a_wrong_reply_is_caught(stand_in, reply):
    server = stand_in(reply)
    with pytest.raises(load.LoadError, match="to 30 instead of '1346269'"):
        load.run(server.port, 2, 30, fibonacci(30), 5)
    server.end()


def test_a_reply_that_does_not_come_is_caught(stand_in):
    server = stand_in("time.sleep(60)")
    with pytest.raises(load.LoadError, match="2 clients got no reply in 0 s"):
        load.run(server.port, 2, 30, fibonacci(30), 0.2)
    server.end()


def test_a_wrong_server_is_in_the_results_with_its_reason(stand_in):
    stand_in("client.sendall(b'42')").end()
    made, wrong = results({}), cell("python/sync/io/8")
    runner.run_cell(wrong, made, 0.1, sys.executable)
    assert made.failures == {wrong: "answered '42' to 1 instead of '1'"}


def test_a_server_that_does_not_start_tells_its_last_words():
    words = "import sys; sys.exit('error: io_uring_setup: Operation not permitted')"
    with pytest.raises(StartError, match="error: io_uring_setup: Operation not permitted"):
        Server([sys.executable, "-c", words], dict(os.environ))
    with pytest.raises(StartError, match="no_such_server: No such file"):
        Server(["/tmp/no_such_server"], dict(os.environ))


def test_a_run_has_all_its_numbers(stand_in):
    stand_in("client.sendall(b'1')").end()
    run = measure.measure(cell("python/sync/io/8"), Sizes({}, 50), 5)
    assert 0 < run["p50"] <= run["p99"] <= run["wall"] < 5
    assert {"cpu", "voluntary", "involuntary"} <= run.keys()


def test_what_a_child_has_used_counts_though_it_has_ended(stand_in):
    server = stand_in(CHILD_BURNS)
    before = used_by(tree(server.pid))
    load.run(server.port, 1, 1, "1", 10)
    used = used_in_all(server.end()) - before
    assert 0.28 < used.cpu < 0.4


def test_children_that_the_server_leaves_behind_are_ended_and_counted(stand_in):
    server = stand_in("client.sendall(b'1'); client.close(); os.fork() or time.sleep(60)")
    load.run(server.port, 1, 1, "1", 5)
    while len(tree(server.pid)) < 2:
        pass
    below = tree(server.pid)[1:]
    assert len(server.end()) == 1 + len(below)
    assert not any(os.path.exists(f"/proc/{pid}") for pid in below)


@pytest.mark.parametrize("n, value", [(0, "1"), (1, "1"), (30, "1346269"), (34, "9227465")])
def test_fibonacci_counts_as_the_servers_do(n, value):
    assert fibonacci(n) == value
