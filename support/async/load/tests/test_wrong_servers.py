"""A wrong server is caught: the name of the fault, exit status 1, and the result all the same."""
import os
import socket

import pytest


def drops_one(piece, connection):
    return piece[:20] + piece[21:]


def cuts_the_end(piece, connection):
    return piece[:-1]


def changes_one(piece, connection):
    return piece[:20] + bytes([piece[20] ^ 1]) + piece[21:]


def swaps_two(piece, connection):
    at = next(at for at in range(len(piece) - 1) if piece[at] != piece[at + 1])
    return piece[:at] + piece[at + 1 : at + 2] + piece[at : at + 1] + piece[at + 2 :]


def swaps_halves(piece, connection):
    return piece[32:] + piece[:32]


def repeats(piece, connection):
    return piece[:40] + piece[:24]


def says_it_twice(piece, connection):
    return piece + piece


def adds_its_own(piece, connection):
    return piece + os.urandom(24)


def mixes_clients_up(piece, connection):
    other, connection.server.last = connection.server.last, piece
    return other or piece


def says_nothing(piece, connection):
    return b""


def leaves(piece, connection):
    return None if connection.received >= 128 else piece


def resets(piece, connection):
    if connection.received < 128:
        return piece
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    return None


@pytest.mark.parametrize(
    "fault, name",
    [
        (drops_one, "bytes lost"),
        (cuts_the_end, "reply incomplete"),
        (changes_one, "bytes changed"),
        (swaps_two, "bytes in another order"),
        (swaps_halves, "bytes in another order"),
        (repeats, "bytes repeated"),
        (says_it_twice, "bytes repeated"),
        (adds_its_own, "more bytes than were sent"),
        (mixes_clients_up, "bytes of another connection"),
        (says_nothing, "no reply"),
        (leaves, "closed by the server"),
        (resets, "ECONNRESET"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_fault_has_its_name(load, serve, engine, fault, name):
    arguments = "--messages", 100, "--connections", 5, "--give-up", 0.5
    ran = load("--port", serve(fault).port, *arguments, "--engine", engine)
    assert ran.status == 1
    assert list(ran.result["errors"]) == [name]
    assert (ran.result["wrong_bytes"] > 0) == bool(ran.result["first_wrong"])


def test_one_wrong_byte_among_many(load, serve, engine):
    """Byte 500,000 of the first connection, and it is told where."""

    def change(piece, connection):
        at = 500_000 - connection.received
        if connection.number > 0 or not 0 <= at < len(piece):
            return piece
        return piece[:at] + bytes([piece[at] ^ 1]) + piece[at + 1 :]

    arguments = "--messages", 10, "--size", 200_000, "--connections", 2
    ran = load("--port", serve(change).port, *arguments, "--engine", engine)
    assert ran.status == 1 and ran.result["wrong_bytes"] == 1
    assert ran.result["first_wrong"].startswith("bytes changed: byte 500000 of connection ")
    assert ran.result["messages"] == 10  # by the other connection


def test_nobody_listens(load):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    ran = load("--port", port, "--messages", 10)
    assert ran.status == 1
    assert (
        ran.complaint
        == f"error: nobody listens on 127.0.0.1:{port} (connect: Connection refused)\n"
    )
    assert ran.result["refused"] == ran.result["errors"]["connect: ECONNREFUSED"] > 0
    assert ran.result["failed_connections"] == 50 and ran.result["messages"] == 0


def test_a_server_that_accepts_nobody_does_not_hang_it(load):
    """Its queue takes some of the connections; they starve, and the others never come about."""
    with socket.create_server(("127.0.0.1", 0), backlog=3) as listener:
        port = listener.getsockname()[1]
        limits = "--connect-timeout", 0.5, "--give-up", 0.5
        ran = load("--port", port, "--messages", 100, "--connections", 20, *limits)
    assert ran.status == 1 and ran.result["gave_up"]
    failed, starved = ran.result["failed_connections"], ran.result["starved"]
    assert failed + starved == 20 and failed > 0 and starved > 0
    assert ran.result["errors"] == {"connect: no answer in time": failed, "no reply": starved}


def test_a_full_queue_is_not_waited_for_until_the_time_is_up(load):
    with socket.create_server(("127.0.0.1", 0), backlog=3) as listener:
        limits = "--connections", 20, "--connect-timeout", 10_000, "--give-up", 0.5
        ran = load("--port", listener.getsockname()[1], "--messages", 100, *limits)
    assert ran.status == 1 and ran.result["errors"]["connect: no answer in time"] > 0


def test_an_iterative_server_starves_all_but_one(load, serve):
    """One client at a time: the others wait, which is told, and no run hangs for it."""
    first = []

    def iterative(piece, connection):
        first.append(connection.number)
        return piece if connection.number == first[0] else b""

    ran = load("--port", serve(iterative).port, "--seconds", 0.3, "--give-up", 0.3)
    assert ran.status == 1 and ran.result["messages"] > 0
    assert ran.result["starved"] == ran.result["errors"]["no reply"] == 49
