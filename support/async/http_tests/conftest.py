"""Lab 06's reference `http_server`, asked by real clients: curl, wrk, ab, a browser, http.client; and
what lab 07's `file_server` shares with it.

ASYNCLAB_SANITIZED=1 in the environment takes the build with AddressSanitizer and UBSan instead.
"""
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

KIT = pathlib.Path(__file__).resolve().parents[3]
TESTS = pathlib.Path(__file__).parent
sys.path[:0] = [str(KIT / "grader"), str(TESTS.parent / "tests"), str(TESTS)]

from building import make  # noqa: E402
from serving import HttpServer  # noqa: E402

SIZES = {"empty.bin": 0, "small.bin": 1024, "large.bin": 102_400, "huge.bin": 12_000_000}


@pytest.fixture(scope="session")
def root(tmp_path_factory):
    """The directory that is served: files of random bytes by size, index.html, upload/."""
    path = tmp_path_factory.mktemp("root")
    (path / "index.html").write_text("<title>asynclab</title>\n")
    (path / "upload").mkdir()
    for name, size in SIZES.items():
        (path / name).write_bytes(os.urandom(size))
    return path


@pytest.fixture(scope="session")
def built():
    for lab in ("06", "07"):
        if failure := make("build", "FROM=solutions", f"LAB={lab}"):
            pytest.fail(failure, pytrace=False)


@pytest.fixture
def start(built, root):
    """Starts a server for this test, with further options; it must have nothing to complain of."""
    running = []

    def begin(*options, **program) -> HttpServer:
        running.append(HttpServer(root, *options, **program).start())
        return running[-1]

    yield begin
    for server in running:
        server.end()


@pytest.fixture
def server(start):
    return start()


@pytest.fixture
def run():
    """Runs a client to its end and returns what it said; skips the test if it is not installed."""

    def client(*words, limit=50, **options):
        if not shutil.which(words[0]):
            pytest.skip(f"{words[0]} is not installed (grader/setup.sh tests)")
        options = {"capture_output": True, "text": True, **options}
        return subprocess.run([str(word) for word in words], timeout=limit, **options)

    return client
