"""Python's http.client: connections that are kept, uploads, what is refused and how."""
import http.client
import os
import signal

import pytest


def ask(client, *request, **more) -> tuple[int, bytes]:
    client.request(*request, **more)
    response = client.getresponse()
    return response.status, response.read()


def test_one_connection_for_everything(server, root):
    client = server.client()
    client.connect()
    first = client.sock
    small, data = (root / "small.bin").read_bytes(), os.urandom(70_000)
    assert ask(client, "GET", "/small.bin") == (200, small)
    assert ask(client, "HEAD", "/small.bin") == (200, b"")
    assert ask(client, "GET", "/missing")[0] == 404
    assert ask(client, "PUT", "/upload/client", body=data)[0] in (201, 204)
    assert ask(client, "GET", "/upload/client") == (200, data)
    assert ask(client, "DELETE", "/upload/client")[0] == 405
    assert ask(client, "BREW", "/")[0] == 501
    assert ask(client, "GET", "/small.bin?query=1") == (200, small)
    assert client.sock is first, "it was closed in between"


def test_hidden_files_that_were_left_over_are_in_nobodys_way(server, root):
    """A server with the same process id was killed in the middle of three uploads."""
    left = [root / "upload" / f".upload-{server.box.root}-{number}" for number in (1, 2, 3)]
    for file in left:
        file.touch()
    client = server.client()
    assert [ask(client, "PUT", "/upload/twice", body=b"x")[0] for _ in range(2)] == [201, 204]
    assert all(file.exists() for file in left)


@pytest.mark.parametrize("target", ["/x", "/small.bin", "/upload/x"])
def test_every_405_allows_the_same(server, target):
    client, told = server.client(), set()
    for method in ("PUT", "DELETE", "POST"):
        client.request(method, target, headers={"Content-Length": "0"})
        response = client.getresponse()
        response.read()
        if response.status == 405:
            told.add(response.headers["Allow"])
    assert len(told) == 1


def test_a_chunked_upload_is_refused_cleanly(server):
    client = server.client()
    pieces = (b"x" * 1000 for _ in range(1000))
    status, _ = ask(client, "PUT", "/upload/pieces", body=pieces, encode_chunked=True)
    assert status == 411 and client.sock is None, "a refused body has no end: close behind it"


@pytest.mark.parametrize("size, wanted", [(1000, b"100"), (1 << 40, b"413")])
def test_who_expects_to_be_told_is_told(server, size, wanted):
    with server.connect() as client:
        head = (
            "PUT /upload/expect HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length:"
            f" {size}"
        )
        client.sendall(f"{head}\r\n\r\n".encode())
        assert client.recv(65536).split()[1] == wanted
        if wanted == b"100":
            client.sendall(os.urandom(size))
            assert client.recv(65536).split()[1] in (b"201", b"204")


@pytest.mark.parametrize("target", ["/a%", "/a%zz", "/%00", "*", "/" + "x" * 8000, "/a/" * 900])
def test_odd_targets_leave_the_server_in_order(server, target):
    client = server.client()
    client.putrequest("GET", target, skip_host=False)
    client.endheaders()
    assert client.getresponse().status in (400, 404, 414)
    assert server.get("/empty.bin") == b""


def test_the_last_reply_says_so(server):
    """SIGTERM: who has a connection gets one more reply, and is told that it is the last."""
    client = server.client()
    assert ask(client, "GET", "/empty.bin") == (200, b"")
    client.putrequest("GET", "/empty.bin")
    client.endheaders()
    server.tell(signal.SIGTERM)
    response = client.getresponse()
    assert response.status == 200 and response.read() == b""


def test_a_missing_length_ends_with_the_connection(server):
    client = server.client()
    client.putrequest("PUT", "/upload/none")
    client.endheaders()
    response = client.getresponse()
    assert response.status == 411 and b"411" in response.read()
    with pytest.raises((http.client.RemoteDisconnected, http.client.NotConnected, ConnectionError)):
        client.auto_open = 0
        ask(client, "GET", "/")
