"""Shared by the tests of the request-reply servers: each server is started once and then kept."""
import pathlib
import signal
import sys

import pytest

KIT = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(KIT / "grader"), str(pathlib.Path(__file__).parent)]

from autograder.machine import raise_descriptor_limit  # noqa: E402
from building import ready  # noqa: E402
from catalogue import ALL, Program  # noqa: E402
from running import Running  # noqa: E402

raise_descriptor_limit()


def pytest_collection_modifyitems(items):
    """Tests of one server follow each other, so that most servers are started by one worker only."""
    places = {program: place for place, program in enumerate(ALL)}

    def place(item):
        program = item.callspec.params.get("program") if hasattr(item, "callspec") else None
        return places[program] if isinstance(program, Program) else -1

    items.sort(key=place)


@pytest.fixture
def program(request):
    """One way to run one server, built."""
    return ready(request.param)


@pytest.fixture(scope="session")
def started():
    """Gives the one running server of a program with these arguments; a new one if it has ended. All
    are ended, and must end cleanly, at last."""
    running = {}

    def start(program, *arguments, port=0) -> Running:
        what = program, arguments
        if what in running and running[what].box.exited():
            running.pop(what).__exit__()
        if what not in running:
            running[what] = Running(program, *arguments, port=port).__enter__()
        return running[what]

    yield start
    alive = [server for server in running.values() if not server.box.exited()]
    failures = []
    for server in alive:
        server.tell(signal.SIGTERM)
    for server in alive:
        try:
            server.expect_clean_end(calm=4)
        except AssertionError as error:
            failures.append(str(error))
    for server in running.values():
        server.__exit__()
    assert not failures, "\n".join(failures)


@pytest.fixture
def server(program, started):
    """The running server of `program`, shared with other tests; it must live after each of them."""
    running = started(program)
    yield running
    assert running.ask(b"7") == b"21", "the server does not answer any more"


@pytest.fixture
def diligent(program, started):
    """A server that accepts large numbers, so that it can be kept computing; shared as well."""
    return started(program, "--limit", "92", "--quiet")


@pytest.fixture
def fresh(program):
    """Starts a server of `program` for this test alone, with options; ends it with the test."""
    running = []

    def start(*arguments, **options) -> Running:
        running.append(Running(program, *arguments, **options).__enter__())
        return running[-1]

    yield start
    for server in running:
        server.__exit__()
