"""How every request-reply server begins and ends: command line, log, signals."""
import re
import signal
import subprocess
import time

import pytest

from catalogue import ALL, COMMANDS, every
from effort import computing
from running import wait_until

PROGRAMS = [program for program in COMMANDS if not program.options]  # every file once
GRACE = 2  # seconds that a computation has after a stop signal
MODULE = [program for program in ALL if program.language == "module"]


def run(program, *arguments):
    return subprocess.run(
        program.argv(*arguments), capture_output=True, text=True, timeout=60, cwd="/"
    )


@every(PROGRAMS)
@pytest.mark.parametrize(
    "words", [(), ("0", "0"), ("0", "--nonsense"), ("0", "--wait")], ids=" ".join
)
def test_wrong_usage(program, words):
    ran = run(program, *words)
    shown = ran.stderr.strip().splitlines()
    usage = f"Usage: {program.name} port [--wait MS] [--limit N] [--quiet]"
    assert (ran.returncode, ran.stdout) == (1, "") and len(shown) == 1, ran
    assert shown[0].startswith(usage), ran


@every(PROGRAMS)
@pytest.mark.parametrize("port", ["", "80x", "65536", "-1"])
def test_invalid_port(program, port):
    ran = run(program, port)
    assert (ran.returncode, ran.stderr) == (1, f"Invalid port {port}\n"), ran


@every()
def test_a_port_in_use(program, server):
    ran = run(program, server.port)
    assert ran.returncode == 1 and "Traceback" not in ran.stderr, ran
    if program.language == "module":
        assert "Address already in use" in ran.stderr
    else:
        said = f"error: bind: Address already in use (port {server.port})"
        assert ran.stderr.splitlines()[-1] == said and "Starting" not in ran.stderr


@every(COMMANDS)
def test_the_log_names_client_and_message(server):
    name = re.escape(server.program.log_name)
    with server.connect() as client:
        assert client.ask(b"9") == b"55"
        said = rf"^{name}: Received connection from \('127\.0\.0\.1', {client.port}\)$"
    assert server.await_line(said) and server.await_line(rf"^{name}: Message: 9$")
    assert re.match(rf"(?m)(.*Using selector.*\n)?^{name}: Starting server on port", server.stderr)


@every()
def test_options_may_stand_anywhere(fresh):
    """--limit is kept to, --quiet leaves only the line that tells the port; and a client that is
    connected and silent does not delay the end."""
    server = fresh("--limit", "5", "--wait", "0", before=("--quiet",))
    assert [server.ask(n) for n in (b"5", b"6", b"-1")] == [b"8", b"out of range", b"out of range"]
    with server.connect() as silent:
        assert wait_until(lambda: server.has_read(silent))
        server.end(calm=1)
    assert server.stderr == f"{server.program.log_name}: Starting server on port {server.port}\n"


@every()
def test_sigterm_lets_the_computation_under_way_finish(program, started):
    """The client that waits for its reply gets it; the one that never sends delays nobody. Where the
    machine stood still for the whole grace, the server was right to give up: again."""
    for _ in range(4):
        server = started(program, "--limit", "92", "--quiet")
        with computing(server) as busy, server.connect() as silent:
            told = time.monotonic()
            server.tell(signal.SIGTERM)
            reply = busy.read_to_end(reset_is_end=True)
            in_time = time.monotonic() < told + GRACE
            server.expect_clean_end()  # within the sleep that a wait for the silent one would take
            assert silent.readable(5), "the silent client's connection is still open"
        if in_time or reply:
            break
    assert reply.isdigit() and not busy.was_reset, "the computation under way was thrown away"


@every()
def test_ctrl_c_ends_it_and_it_can_start_again_at_once(program, started):
    """The terminal sends SIGINT to the server and to all its children. SO_REUSEADDR: no wait."""
    server = started(program)
    assert server.ask(b"7") == b"21"  # the server closes first: TIME_WAIT is on its side
    assert server.rest()
    server.end(number=signal.SIGINT, group=True, calm=1)
    assert "KeyboardInterrupt" not in server.stderr
    assert started(program, port=server.port).ask(b"7") == b"21"


@every(MODULE)
def test_the_module_counts(fresh):
    """Connections, requests that were answered, handlers that threw; processes count too."""
    server = fresh()
    throws = server.program.handler == "python"
    replies = [server.ask(request) for request in (b"7", b"x", b"raise")]
    assert replies == [b"21", b"error", b"error"]
    server.end()
    assert str(server.box.stdout) == f"statistics: 3 3 {int(throws)}\n"
    assert ("handler: RuntimeError('a handler that fails')" in server.stderr) == throws
