"""asynclab.Server: its life as a Python object, and handlers in Python. What the servers answer to
all kinds of requests is tested elsewhere."""
import gc
import os
import socket
import sys
import threading
import weakref

import pytest
from clients import PATIENCE, ask, connect

MODELS = ["sync", "processes", "threads", "async", "io_uring"]
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(params=MODELS)
def model(request, asynclab):
    if request.param == "io_uring":
        try:
            asynclab.Ring()
        except OSError as error:
            pytest.skip(f"no io_uring here: {error}")
    return request.param


def test_computes_without_a_handler(asynclab, model):
    with asynclab.Server(model, limit=20) as server:
        assert [ask(server.port, text) for text in (b"7", b"20", b"21", b"x")] == [
            b"21",
            b"10946",
            b"out of range",
            b"error",
        ]
    assert server.statistics == asynclab.Statistics(connections=4, requests=4, failures=0)


def test_a_handler_answers_with_bytes_or_ascii(asynclab, model):
    answers = {b"bytes": b"\0\xff", b"text": "text", b"empty": ""}
    with asynclab.Server(model, answers.__getitem__) as server:
        assert ask(server.port, b"bytes") == b"\0\xff"
        assert ask(server.port, b"text") == b"text"
        assert ask(server.port, b"empty") == b""
        assert server.statistics.failures == 0


def test_a_failing_handler_answers_error_and_is_reported(asynclab, model, monkeypatch):
    told = []
    monkeypatch.setattr(sys, "unraisablehook", lambda it: told.append((it.exc_type, it.object)))
    answers = {b"number": 5, b"umlaut": "ü", b"none": None}
    handler = answers.__getitem__
    with asynclab.Server(model, handler) as server:
        for request in (b"number", b"umlaut", b"none", b"raise KeyError"):
            assert ask(server.port, request) == b"error"
    assert server.statistics == (4, 4, 4)
    if model != "processes":  # there the child has been told
        assert told == [
            (kind, handler) for kind in (TypeError, UnicodeEncodeError, TypeError, KeyError)
        ]


def test_processes_report_and_print_like_threads(run):
    ended = run(
        """if 1:
        import asynclab, socket
        def failing(request):
            print("in the child")
            raise ValueError("on purpose")
        print("in the parent")
        with asynclab.Server("processes", failing) as server:
            with socket.create_connection(("127.0.0.1", server.port)) as client:
                client.sendall(b"1")
                print(client.makefile().read())
        """
    )
    assert ended.returncode == 0, ended.stderr
    assert sorted(ended.stdout.split("\n")) == ["", "error", "in the child", "in the parent"]
    assert "function failing" in ended.stderr and "ValueError: on purpose" in ended.stderr


def test_processes_are_processes_and_threads_are_not(asynclab, model):
    with asynclab.Server(model, lambda request: str(os.getpid())) as server:
        own = ask(server.port, b"?") == str(os.getpid()).encode()
    assert own == (model != "processes")


def test_200_clients(asynclab, model):
    with asynclab.Server(model, lambda request: request * 2) as server:
        clients = [connect(server.port) for _ in range(200)]
        for number, client in enumerate(clients):
            client.sendall(b"%d." % number)
        for number, client in enumerate(clients):
            assert b"".join(iter(lambda: client.recv(99), b"")) == b"%d.%d." % (number, number)
            client.close()
    assert server.statistics == (200, 200, 0)


@pytest.mark.parametrize("model", ["threads", "processes", "async", "io_uring"])
def test_wait_is_in_seconds_and_does_not_add_up(asynclab, model):
    with asynclab.Server(model, wait=0.05) as server:
        clients = [connect(server.port) for _ in range(20)]
        for client in clients:
            client.sendall(b"1")
        for client in clients:
            assert client.recv(9) == b"1"
            client.close()


def test_stop_waits_for_a_handler_that_runs(asynclab, model):
    begun, go_on = os.pipe(), os.pipe()  # pipes: a child shares them

    def handler(request):
        os.write(begun[1], b"x")
        os.read(go_on[0], 1)
        return "done"

    server = asynclab.Server(model, handler).start()
    with connect(server.port) as client:
        client.sendall(b"1")
        os.read(begun[0], 1)
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        os.write(go_on[1], b"x")
        assert client.recv(9) == b"done"
    stopping.join(PATIENCE)
    assert not stopping.is_alive() and "stopped" in repr(server)
    for end in begun + go_on:
        os.close(end)


def test_a_handler_cannot_stop_its_own_server(asynclab, model):
    def handler(request):
        with pytest.raises(RuntimeError, match="its own server"):
            server.stop()
        return "refused"

    with asynclab.Server(model, handler) as server:
        assert ask(server.port, b"1") == b"refused"


def test_it_may_stop_another_one(asynclab, model):
    other = asynclab.Server(model).start()

    def handler(request):
        other.stop()
        return "stopped"

    with asynclab.Server("threads", handler) as server:
        assert ask(server.port, b"1") == b"stopped"
    refused(other.port)


def refused(port):
    with pytest.raises(ConnectionRefusedError):
        connect(port)


def test_stops_from_several_threads_and_again(asynclab, model):
    server = asynclab.Server(model)
    server.stop()
    server.start()
    threads = [threading.Thread(target=server.stop) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    server.stop()
    refused(server.port)
    with pytest.raises(RuntimeError, match="once"):
        server.start()


def test_garbage_stops(asynclab, model):
    """Also as part of a cycle: a server whose handler is a method of the object that has it."""

    class Application:
        def __init__(self):
            self.server = asynclab.Server(model, self.answer).start()

        def answer(self, request):
            return request

    application = Application()
    port, gone = application.server.port, weakref.ref(application)
    assert ask(port, b"alive") == b"alive"
    del application
    gc.collect()
    assert gone() is None
    refused(port)


def test_the_last_reference_may_be_dropped_by_its_handler(asynclab, model):
    servers = []

    def handler(request):
        servers.clear()
        return "dropped"

    servers.append(asynclab.Server(model, handler).start())
    port = servers[0].port
    assert ask(port, b"1") == b"dropped"
    servers.clear()  # in the model "processes" only the child has dropped it
    with pytest.raises(ConnectionError):
        while True:  # its end is not waited for: it comes
            ask(port, b"2")


def test_a_program_that_never_stops_it_ends_cleanly(run, model):
    ended = run(
        """if 1:
        import asynclab, sys, socket, time
        def handler(request):
            time.sleep(0.05)
            return request
        class Cycle: pass
        cycle = Cycle()
        cycle.me = cycle
        cycle.server = asynclab.Server(sys.argv[1], handler).start()
        server = asynclab.Server(sys.argv[1], handler).start()
        clients = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(20)]
        for client in clients:
            client.sendall(b"1")
        clients[0].recv(1)
        """,
        model,
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_child_leaves_its_parents_server_alone(run, model):
    ended = run(
        """if 1:
        import asynclab, os, socket, sys
        server = asynclab.Server(sys.argv[1], lambda request: request).start()
        ended = asynclab.Server(sys.argv[1]).start()
        ended.stop()
        if os.fork() == 0:
            server.stop()
            sys.exit()
        assert os.wait()[1] == 0
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(b"still here")
            print(client.recv(99))
        """,
        model,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "b'still here'\n", "")


def test_ctrl_c_ends_a_stop_that_waits(run):
    ended = run(
        """if 1:
        import asynclab, os, signal, socket, threading
        running, over = threading.Event(), threading.Event()
        def handler(request):
            running.set()
            over.wait()
            return "over"
        server = asynclab.Server("threads", handler).start()
        client = socket.create_connection(("127.0.0.1", server.port))
        client.sendall(b"1")
        running.wait()
        threading.Timer(0.05, os.kill, [os.getpid(), signal.SIGINT]).start()
        try:
            server.stop()
        except KeyboardInterrupt:
            print("interrupted")
        over.set()
        server.stop()
        print(client.recv(9))
        """
    )
    assert (ended.returncode, ended.stdout) == (0, "interrupted\nb'over'\n"), ended.stderr


def test_a_port_in_use_is_an_oserror(asynclab):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = asynclab.Server("sync", port=listener.getsockname()[1])
        with pytest.raises(OSError, match="bind: Address already in use") as caught:
            server.start()
        assert caught.value.errno == 98
    with server.start():  # it is free now
        assert ask(server.port, b"1") == b"1"


def test_wrong_arguments_are_named(asynclab):
    with pytest.raises(ValueError, match="sync, processes, threads, async, io_uring"):
        asynclab.Server("fast")
    for wrong in (
        {"port": -1},
        {"port": 65536},
        {"port": 10**30},
        {"wait": -0.1},
        {"wait": float("nan")},
        {"limit": -1},
        {"limit": 93},
        {"workers": -1},
    ):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            asynclab.Server("sync", **wrong)
    with pytest.raises(TypeError, match="must be callable, not int"):
        asynclab.Server("sync", 5)
    for wrong in ({"port": "80"}, {"wait": "long"}, {"colour": 1}):
        with pytest.raises(TypeError):
            asynclab.Server("sync", **wrong)


def test_it_tells_what_it_is(asynclab):
    server = asynclab.Server("threads")
    assert (server.model, server.port, server.statistics) == ("threads", 0, (0, 0, 0))
    assert repr(server) == "<asynclab.Server 'threads' on 127.0.0.1:0, not started>"
    with server:
        assert repr(server) == f"<asynclab.Server 'threads' on 127.0.0.1:{server.port}, serving>"
    assert repr(server) == f"<asynclab.Server 'threads' on 127.0.0.1:{server.port}, stopped>"
