"""Files stay open for a moment, and are shared: who changes one, or reads it slowly, sees no difference."""
import os

import pytest

from running import wait_until
from serving import FILE_SERVER, PROGRAM, read_to_end

LAST = b"GET /%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@pytest.fixture(params=[(PROGRAM,), (FILE_SERVER, "--trust", "5")], ids=lambda words: words[0].name)
def server(start, request):
    program, *options = request.param
    return start(*options, program=program)


def replaced(path):
    other = path.with_name("other")
    other.write_bytes(b"new")
    other.rename(path)


@pytest.mark.parametrize(
    "change, status, body",
    [
        (replaced, 200, b"new"),
        (lambda path: path.write_bytes(b"longer than before"), 200, b"longer than before"),
        (lambda path: path.write_bytes(b"OLD"), 200, b"OLD"),
        (lambda path: path.unlink(), 404, b"Not Found\n"),
    ],
    ids=["replaced", "resized", "overwritten", "removed"],
)
def test_a_change_is_seen_at_once(server, root, change, status, body):
    (root / "changing").write_bytes(b"old")
    client = server.client()

    def get():
        client.request("GET", "/changing")
        reply = client.getresponse()
        return reply.status, reply.read()

    for _ in range(20):
        (root / "changing").write_bytes(b"old")
        assert get() == get() == (200, b"old")
        change(root / "changing")
        told, got = get()
        assert told == status and got.removeprefix(b"404 ") == body


def test_an_upload_over_a_link_is_seen_at_once(start, root):
    server = start()
    (root / "target").write_bytes(b"what the link led to")
    link = root / "upload/linked"
    client = server.client()
    for _ in range(20):
        link.unlink(missing_ok=True)
        link.symlink_to("../target")
        for method, body, wanted in [
            ("GET", None, b"what the link led to"),
            ("PUT", b"an upload", None),
            ("GET", None, b"an upload"),
        ]:
            client.request(method, "/upload/linked", body)
            got = client.getresponse().read()
            assert wanted in (None, got)
    assert (root / "target").read_bytes() == b"what the link led to"


def test_a_file_is_open_once_and_not_for_long(server, root):
    def open_now():
        descriptors = os.scandir(f"/proc/{server.box.root}/fd")
        return [each.name for each in descriptors if os.readlink(each) == str(root / "small.bin")]

    client = server.client()
    for _ in range(50):
        client.request("GET", "/small.bin")
        client.getresponse().read()
        assert len(open_now()) <= 1
    assert wait_until(lambda: not open_now())  # although the client is still there
    client.request("GET", "/small.bin")
    assert client.getresponse().read() == (root / "small.bin").read_bytes()


def test_readers_of_one_file_do_not_share_their_place_in_it(server, root):
    """Each takes a little in its turn, more slowly than sockets fill; all get the whole file."""
    assert server.get("/huge.bin") == (root / "huge.bin").read_bytes()
    clients = [server.connect(receive_buffer=1 << 16) for _ in range(3)]
    for client in clients:
        client.sendall(LAST % b"huge.bin")
    got = [bytearray() for _ in clients]
    for turn in range(30):
        for client, received in zip(clients, got):
            received += client.recv(10_000 * (1 + turn % 3))
    for client, received in zip(clients, got):
        received += read_to_end(client)
        client.close()
        assert received.partition(b"\r\n\r\n")[2] == (root / "huge.bin").read_bytes()
