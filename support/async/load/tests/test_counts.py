"""What is counted adds up: messages, bytes and connections of the generator and of the server."""


def test_each_message_is_counted_by_both(load, serve, engine):
    server = serve()
    ran = load("--port", server.port, "--messages", 1000, "--size", 100, "--engine", engine)
    assert ran.status == 0 and ran.complaint == ""
    assert ran.result["messages"] == ran.result["messages_in_all"] == 1000
    assert ran.result["bytes"] == server.received == 100_000
    assert ran.result["connections"] == ran.result["established"] == server.accepted == 50
    assert ran.result["errors"] == {} and ran.result["wrong_bytes"] == 0


def test_messages_before_and_after_the_window_are_counted_too(load, serve, engine):
    server = serve()
    ran = load("--port", server.port, "--seconds", 0.3, "--warm-up", 0.2, "--engine", engine)
    assert ran.status == 0
    assert ran.result["messages_in_all"] * 64 == server.received
    assert 0 < ran.result["messages"] < ran.result["messages_in_all"]


def test_events_come_in_order(load, serve):
    ran = load("--port", serve().port, "--messages", 10, "--idle", 7, "--connections", 3)
    assert list(ran.events) == ["connected", "begin", "end", "result"]
    assert ran.events["connected"]["connections"] == 3 and ran.events["connected"]["idle"] == 7


def test_a_connection_for_every_message(load, serve, engine):
    server = serve()
    arguments = "--messages", 200, "--per-connection", 1, "--connections", 5
    ran = load("--port", server.port, *arguments, "--engine", engine)
    assert ran.status == 0 and ran.result["messages"] == 200 and server.received == 200 * 64
    assert ran.result["established"] == server.accepted and 200 <= server.accepted <= 205


def test_messages_larger_than_every_buffer(load, serve, engine):
    server = serve()
    arguments = "--messages", 6, "--size", 1 << 20, "--connections", 2
    ran = load("--port", server.port, *arguments, "--engine", engine)
    assert ran.status == 0 and ran.result["bytes"] == server.received == 6 << 20


def test_an_echo_in_pieces_is_one_message(load, serve, engine):
    server = serve(at_once=1000)
    ran = load("--port", server.port, "--messages", 20, "--size", 100_000, "--engine", engine)
    assert ran.status == 0 and ran.result["messages"] == 20 and server.received == 2_000_000


def test_open_loop_sends_each_message_once(load, serve, engine):
    server = serve()
    ran = load("--port", server.port, "--rate", 2000, "--messages", 300, "--engine", engine)
    assert ran.status == 0 and ran.result["messages"] == 300 and server.received == 300 * 64
    assert ran.result["loop"] == "open"


def test_more_connections_than_one_address_has_ports_for_come_from_several(load, serve):
    """Few connections here, but the same way: each address in turn."""
    sources = set()

    def note(piece, connection):
        sources.add(connection.socket.getpeername()[0])
        return piece

    ran = load("--port", serve(note).port, "--messages", 40, "--connections", 8, "--sources", 4)
    assert ran.status == 0
    assert sources == {"127.1.0.1", "127.1.0.2", "127.1.0.3", "127.1.0.4"}
