"""The command line: what is wrong is told in one line, with exit status 2."""
import resource

import pytest


@pytest.mark.parametrize(
    "arguments, words",
    [
        ("", "--port is missing"),
        ("--port 1", "either --seconds or --messages"),
        ("--port 1 --seconds 1 --messages 1", "either --seconds or --messages"),
        ("--port 0 --seconds 1", "--port wants a whole number from 1 to 65535, not '0'"),
        ("--port 1 --seconds -1", "--seconds wants a number above 0, not '-1'"),
        ("--port 1 --seconds nan", "--seconds wants a number above 0, not 'nan'"),
        ("--port 1 --seconds 1 --connections 0", "--connections wants"),
        ("--port 1 --seconds 1 --size 1x", "--size wants"),
        ("--port 1 --seconds", "--seconds: its value is missing"),
        ("--port 1 --second 1", "no option '--second'"),
        ("12345", "no option '12345'"),
        ("--port 1 --seconds 1 --engine kqueue", "--engine wants epoll or uring, not 'kqueue'"),
        ("--port 1 --seconds 1 --address ::1", "--address wants an IPv4 address, not '::1'"),
        ("--merge", "--merge wants files"),
    ],
)
def test_wrong_usage(load, arguments, words):
    ran = load(*arguments.split())
    assert ran.status == 2 and ran.output == ""
    assert ran.complaint.startswith("error: ") and ran.complaint.count("\n") == 1
    assert words in ran.complaint


def test_help(load):
    ran = load("--help")
    assert ran.status == 0 and ran.output.startswith("usage: load --port P")


def test_too_few_descriptors_are_told_before_anything_else(load, serve):
    """The hard limit holds for root as well, if it may not raise limits."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard >= 1_000_000:
        pytest.skip(f"this machine allows {hard:,} descriptors")
    ran = load("--port", serve().port, "--messages", 1, "--connections", 1_000_000)
    if ran.status == 0:
        pytest.skip("this user may raise the limit that far")
    assert ran.status == 1 and ran.output == ""
    assert f"need 1000032 descriptors, and RLIMIT_NOFILE allows {hard}" in ran.complaint
