"""asynclab.Ring: operations, completions, errors, and an end in good order whatever is in flight."""
import errno
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
from autograder.machine import KIT
from clients import PATIENCE, connect


@pytest.fixture
def ring(asynclab):
    try:
        made = asynclab.Ring()
    except OSError as error:
        pytest.skip(f"no io_uring here: {error}")
    with made:
        yield made


@pytest.fixture
def pair():
    ends = socket.socketpair()
    yield ends
    for end in ends:
        end.close()


def only(ring):
    (completion,) = ring.wait(PATIENCE)
    return completion


def test_nothing_is_submitted_before_wait(ring, pair):
    ring.send(pair[0], b"now")
    pair[1].setblocking(False)
    with pytest.raises(BlockingIOError):
        pair[1].recv(10)
    assert ring.in_flight == 1
    assert ring.submit() == 1
    assert pair[1].recv(10) == b"now"


def test_a_completion_tells_what_became_of_its_operation(ring, pair):
    token = ring.send(pair[0], memoryview(b"hello"))
    done = only(ring)
    assert (done.token, done.operation, done.result) == (token, "send", 5)
    assert (done.data, done.error, done.check()) == (None, None, 5)
    ring.recv(pair[1], 100)
    assert only(ring).data == b"hello"
    pair[0].close()
    ring.recv(pair[1], 100)
    assert only(ring).data == b""


def test_files_are_read_and_written_at_an_offset(ring, tmp_path):
    with open(tmp_path / "file", "w+b") as file:
        ring.write(file, bytearray(b"hello world"))
        assert only(ring).result == 11
        ring.read(file, 100, offset=6)
        assert only(ring).data == b"world"
        ring.read(file, 100)
        assert only(ring).data == b""


def test_accept_gives_a_descriptor(ring):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ring.accept(listener)
        ring.submit()
        with connect(listener.getsockname()[1]) as client:
            with socket.socket(fileno=only(ring).check()) as accepted:
                assert accepted.getpeername() == client.getsockname()
                assert not accepted.get_inheritable()


def test_a_failure_is_an_oserror_that_check_raises(ring, pair):
    pair[1].close()
    ring.send(pair[0], b"nobody is there")
    done = only(ring)
    assert done.result == -errno.EPIPE
    assert isinstance(done.error, BrokenPipeError)
    with pytest.raises(BrokenPipeError, match="send: Broken pipe"):
        done.check()


def test_a_timeout_that_has_passed_is_no_error(ring):
    ring.timeout(0)
    done = only(ring)
    assert (done.operation, done.result, done.error) == ("timeout", 0, None)


def test_cancel_ends_an_operation(ring, pair):
    waiting = ring.recv(pair[0], 10)
    canceller = ring.cancel(waiting)
    done = {}
    while ring.in_flight:
        done |= {one.token: one for one in ring.wait(PATIENCE)}
    assert done[canceller].check() == 0
    assert done[waiting].error.errno == errno.ECANCELED
    ring.cancel(waiting)
    assert only(ring).error.errno == errno.ENOENT


def test_wait_ends_when_time_is_up_and_when_nothing_is_under_way(ring, pair):
    assert ring.wait() == []
    ring.recv(pair[0], 1)
    start = time.monotonic()
    assert ring.wait(0) == [] and ring.wait(0.02) == []
    assert time.monotonic() - start >= 0.02
    assert ring.in_flight == 1


def test_more_operations_than_the_queue_has_places(ring, pair):
    tokens = [ring.nop() for _ in range(40_000)] + [ring.recv(pair[0], 1) for _ in range(3_000)]
    pair[1].close()
    done = []
    while ring.in_flight:
        done += ring.wait(PATIENCE)
    assert sorted(one.token for one in done) == tokens
    assert all(one.error is None for one in done)


def test_other_threads_run_while_it_waits(ring, pair):
    ring.recv(pair[0], 10)
    threading.Timer(0.01, pair[1].send, [b"from a thread"[:10]]).start()
    assert only(ring).data == b"from a thr"


def test_a_signal_handler_runs_and_the_wait_goes_on(ring, pair):
    seen = []
    before = signal.signal(signal.SIGALRM, lambda number, frame: seen.append(ring.nop()))
    try:
        ring.recv(pair[0], 1)
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        assert [one.token for one in ring.wait(PATIENCE)] == seen  # the handler has used the ring
    finally:
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("timeout", [None, PATIENCE])
def test_ctrl_c_raises_keyboard_interrupt(ring, pair, timeout):
    ring.recv(pair[0], 1)
    threading.Timer(0.01, os.kill, [os.getpid(), signal.SIGINT]).start()
    with pytest.raises(KeyboardInterrupt):
        ring.wait(timeout)
    assert ring.in_flight == 1


def test_wrong_arguments_are_named(ring, pair):
    for wrong in (
        lambda: ring.recv(pair[0], -1),
        lambda: ring.recv(pair[0], 10**30),
        lambda: ring.recv(-1, 1),
        lambda: ring.read(0, 1, offset=-2),
        lambda: ring.timeout(-1),
        lambda: ring.wait(-1),
        lambda: ring.wait(float("nan")),
        lambda: ring.cancel(0),
    ):
        with pytest.raises(ValueError):
            wrong()
    for wrong in (
        lambda: ring.send(pair[0], "text"),
        lambda: ring.recv("no descriptor", 1),
        lambda: ring.recv(pair[0], 1.5),
        lambda: ring.wait("long"),
    ):
        with pytest.raises(TypeError):
            wrong()
    assert ring.in_flight == 0


def test_it_belongs_to_its_thread(ring):
    caught = []

    def elsewhere():
        for use in (ring.nop, ring.wait, ring.close):
            with pytest.raises(RuntimeError, match="thread"):
                use()
            caught.append(use)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert len(caught) == 3


def test_nothing_works_after_close(ring):
    ring.nop()
    ring.close()
    ring.close()
    assert ring.closed and "closed" in repr(ring)
    for use in (ring.nop, ring.submit, ring.wait):
        with pytest.raises(ValueError, match="closed"):
            use()


def test_close_cancels_what_is_in_flight(asynclab, ring, pair):
    for _ in range(2_000):
        ring.recv(pair[0], 64)
    ring.submit()
    ring.send(pair[0], b"never submitted")
    ring.close()
    pair[1].send(b"for the next one")
    assert pair[0].recv(100) == b"for the next one"
    pair[1].setblocking(False)
    with pytest.raises(BlockingIOError):
        pair[1].recv(100)


def test_close_closes_descriptors_that_nobody_took(ring):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with connect(listener.getsockname()[1]) as client:
            ring.accept(listener)
            ring.submit()  # completes at once: the client is there
            ring.close()
            assert client.recv(1) == b""


@pytest.mark.parametrize("where", ["here", "in another thread", "in a child"])
def test_dropped_with_operations_in_flight(asynclab, ring, pair, where):
    rings = [asynclab.Ring()]
    rings[0].recv(pair[0], 100_000)
    rings[0].submit()
    if where == "here":
        rings.clear()
    elif where == "in another thread":
        thread = threading.Thread(target=rings.clear)
        thread.start()
        thread.join()
    else:
        if (child := os.fork()) == 0:
            rings.clear()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        pair[1].send(b"still there")
        assert only(rings[0]).data == b"still there"
        return
    pair[1].send(b"for nobody")
    assert pair[0].recv(100) == b"for nobody"


def test_the_example_serves_several_clients(ring, pythonpath):
    command = [sys.executable, "-u", KIT / "support/async/bindings/examples/ring_echo.py", "0"]
    environment = os.environ | {"PYTHONPATH": pythonpath}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            port = int(server.stdout.readline().rpartition(":")[2])
            clients = [connect(port) for _ in range(20)]
            for number, client in enumerate(clients):
                client.sendall(b"%d " % number * 1000)
                client.shutdown(socket.SHUT_WR)
            for number, client in reversed(list(enumerate(clients))):
                got = b"".join(iter(lambda: client.recv(4096), b""))
                assert got == b"%d " % number * 1000
                client.close()
            server.send_signal(signal.SIGINT)
            assert server.wait(PATIENCE) == 0
        finally:
            server.kill()
