"""Every web server that ours are measured against sends whole files, and keeps its connections."""
import http.client
import os

import pytest
from peers_running import PATIENCE, of_kind, running

SIZES = {"1k.bin": 1024, "100k.bin": 102_400}


@pytest.fixture(scope="module")
def files():
    return {name: os.urandom(size) for name, size in SIZES.items()}


@pytest.fixture(scope="module", params=of_kind("http"))
def peer(request, files, tmp_path_factory):
    root = tmp_path_factory.mktemp("a root & more|")
    for name, content in files.items():
        (root / name).write_bytes(content)
    with running(request.param, root) as started:
        yield started


def test_files_come_whole_and_the_connection_stays(peer, files):
    client = http.client.HTTPConnection("127.0.0.1", peer.port, timeout=PATIENCE)
    client.connect()
    first = client.sock
    for _ in range(600):  # more than any default limit of requests a connection
        for name, content in files.items():
            client.request("GET", f"/{name}")
            answer = client.getresponse()
            assert (answer.status, answer.version) == (200, 11)
            assert answer.getheader("Content-Length") == str(len(content))
            assert answer.read() == content
            assert client.sock is first, "it closed the connection"
    client.close()


def test_what_is_not_there_is_not_found(peer):
    client = http.client.HTTPConnection("127.0.0.1", peer.port, timeout=PATIENCE)
    client.request("GET", "/nothing")
    assert client.getresponse().status == 404
    client.close()
