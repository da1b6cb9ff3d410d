"""What every request-reply server promises to its clients, whatever they send or do."""
import subprocess

import pytest

from building import compiled
from catalogue import ALL, KIT, PROGRAMS, PYTHON, SCRIPTS, every
from running import wait_until

VALUES = {
    b"0": b"1",
    b"1": b"1",
    b"2": b"2",
    b"7": b"21",
    b"20": b"10946",
    b" 7\n": b"21",
    b"7\r\n": b"21",
    b"\t\v\f7 \t": b"21",
    b"+7": b"21",
    b"-0": b"1",
    b"007": b"21",
    b"0" * 255 + b"7": b"21",
}
NOT_NUMBERS = (
    *(b"abc", b"30x", b"x30", b"1_0", b"3 0", b"-", b"+", b"+-5", b"- 5", b"3.0", b"1e1", b"0x7"),
    *(b" ", b"\n", b"7\0", b"\0", b"\xff\xfe", b"%s%n", b"\x1c7", b"7\x85", b"\xc2\xa07"),
    *("٣".encode(), "７".encode(), b"x" * 256, b"1" * 255 + b"x", b"raise"),
    b"",  # half-closes without a byte
)
OUT_OF_RANGE = (
    *(b"-1", b"-5", b"35", b"+35", b"1000", b"100000000000000000000000", b"-100000000000000000000"),
    *(b"9" * 256, b"-" + b"9" * 255, b"\n4294967297 ", b"18446744073709551617", b"4294967296"),
)


def wrong_replies(server, expected: dict) -> dict:
    """The requests that were not answered as expected, and what came instead."""
    seen = {request: server.ask(request) for request in expected}
    return {request: seen[request] for request in seen if seen[request] != expected[request]}


@every()
def test_a_number_gets_its_fibonacci_number(server):
    assert wrong_replies(server, VALUES) == {}


@every([program for program in ALL if program.handler == "cpp" or program.model == "sync"])
def test_30_and_34_get_the_known_values(server):
    """34 is the limit. In Python that takes seconds: there the other models are spared it."""
    known = {b"30": b"1346269"} | ({b"34": b"9227465"} if server.program.handler == "cpp" else {})
    assert wrong_replies(server, known) == {}


@every()
def test_what_is_no_number_gets_error(server):
    assert wrong_replies(server, dict.fromkeys(NOT_NUMBERS, b"error")) == {}


@every()
def test_a_number_outside_the_range_is_refused(server):
    assert wrong_replies(server, dict.fromkeys(OUT_OF_RANGE, b"out of range")) == {}


@every()
@pytest.mark.parametrize("byte, reply", [(b"1", b"out of range"), (b"x", b"error")])
def test_a_huge_request_is_answered_from_its_beginning(server, byte, reply):
    """A client that sends a megabyte before it reads gets its reply. On a machine so busy that it
    pauses while it sends, the server may lose patience and reset it: but not three times."""
    clean = 0
    for _ in range(3):
        with server.connect() as client:
            everything = client.send_what_it_takes(byte * 1_000_000)
            assert client.read_to_end(reset_is_end=True) == reply
            clean += everything and not client.was_reset
    assert clean


@every()
def test_a_split_request_is_answered_once(server):
    """What one recv() brings is the request: the first part, or both, and then the end."""
    with server.connect() as client:
        client.send(b"3")
        assert wait_until(lambda: client.readable() or server.has_read(client))
        client.send_what_it_takes(b"0")
        assert client.read_to_end(reset_is_end=True) in (b"3", b"1346269")


@every()
def test_a_client_that_closes_or_resets_is_forgotten(server):
    for leave in ("__exit__", "reset"):
        for sent in (b"", b"7", b"x" * 1000):
            for _ in range(3):
                client = server.connect()
                client.send(sent)
                getattr(client, leave)()
    assert server.ask(b"7") == b"21"


@every()
def test_a_client_that_only_half_closes_gets_its_reply(server):
    with server.connect() as client:
        client.send(b"7")
        client.half_close()
        assert client.read_to_end() == b"21"


@every()
def test_200_clients_at_once_get_their_own_values(server):
    """All are connected before the first one sends."""
    fibonacci = [1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144]
    clients = [server.connect() for _ in range(200)]
    try:
        for number, client in enumerate(clients):
            client.send(str(number % 12).encode())
        got = [client.read_to_end() for client in clients]
    finally:
        for client in clients:
            client.__exit__()
    assert got == [str(fibonacci[number % 12]).encode() for number in range(200)]


@every()
def test_nothing_is_left_of_50_clients(server):
    """The same processes, threads and descriptors after the second 50 as after the first."""

    def serve_50():
        clients = [server.connect() for _ in range(50)]
        for number, client in enumerate(clients):
            client.send(b"7" if number % 5 else b"abc")
        assert {client.read_to_end() for client in clients} == {b"21", b"error"}
        for client in clients:
            client.__exit__()

    serve_50()  # a pool grows as it is needed
    assert server.rest() and server.zombies() == []
    before = server.holdings()
    serve_50()
    wait_until(lambda: server.holdings() == before, limit=5)
    assert server.holdings() == before
    assert server.zombies() == []


@every()
def test_every_socket_is_held_by_one_process(server):
    """A parent closes its copy of a connection, a child its copy of the listener, or else the end of
    a connection, and the port of a server that was killed, last longer than they should."""
    with server.connect() as one, server.connect() as another:
        seen = [one] if server.program.model == "sync" else [one, another]
        assert wait_until(lambda: server.has_read(*seen))
        wait_until(
            lambda: all(len(pids) == 1 for pids in server.owners_of_sockets().values()), limit=5
        )
        owners = server.owners_of_sockets()
        assert len(owners) == 1 + len(seen)
        assert {port: pids for port, pids in owners.items() if len(pids) != 1} == {}


@every()
@pytest.mark.parametrize("client", ["client.py", "client"])
def test_the_kits_clients_print_the_reply(server, client):
    """Python's client and the C++ one, with servers of either language."""
    if not (in_python := client.endswith(".py")):
        assert not compiled()
    command = [PYTHON, str(SCRIPTS / client)] if in_python else [str(PROGRAMS / client)]
    words = [*command, "localhost", str(server.port), "10"]
    ran = subprocess.run(words, capture_output=True, text=True, timeout=60, cwd=KIT)
    assert (ran.returncode, ran.stdout) == (0, "function(10): 89\n"), ran
