"""Closed loop and open loop; and when the generator itself was the bottleneck."""
import time


def slow(piece, connection):
    time.sleep(0.002)  # the time that this server needs for a message: it has one thread
    return piece


def test_a_slow_server_shows_in_the_open_loop_only(load, serve):
    """200 messages that are due at once: the last waits for 199 others, and its latency says so. A
    closed loop of one connection asks only when it has its reply, and each message is as fast as the
    first: coordinated omission. The median waits for 100 others: on an idle machine the ratio is 100.
    """
    port = serve(slow).port
    closed = load("--port", port, "--messages", 200, "--connections", 1)
    opened = load("--port", port, "--messages", 200, "--connections", 1, "--rate", 1_000_000)
    assert closed.status == opened.status == 0
    assert opened.result["latency_us"]["p50"] > 10 * closed.result["latency_us"]["p50"]


def test_an_unattainable_rate_is_told(load, serve):
    ran = load("--port", serve().port, "--seconds", 0.3, "--rate", 1_000_000_000)
    assert ran.status == 0  # every reply was right
    assert ran.result["bottleneck"] and "messages were not sent in time" in ran.result["why"]
    assert ran.result["fell_behind"] > ran.result["messages"]


def test_an_unattainable_rate_is_told_when_messages_are_counted(load, serve):
    ran = load("--port", serve().port, "--messages", 500, "--rate", 1_000_000_000)
    assert ran.status == 0 and ran.result["messages"] == 500 and ran.result["bottleneck"]


def test_a_generator_that_sleeps_is_no_bottleneck(load, serve):
    ran = load("--port", serve(slow).port, "--messages", 100, "--connections", 1)
    assert ran.status == 0 and not ran.result["bottleneck"] and ran.result["why"] == ""


def test_an_attainable_rate_is_kept(load, serve):
    """Ten messages a second: all were sent, and none too early."""
    ran = load("--port", serve().port, "--messages", 5, "--rate", 10)
    assert ran.status == 0 and ran.result["messages"] == 5
    assert ran.result["seconds"] >= 0.4  # the fifth is due after four tenths
