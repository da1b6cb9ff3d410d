"""The gateway before Python's http.server: what comes through, and who waits for whom."""
import pytest

from second_server import Second, second_server


@pytest.fixture
def gateway(start, root):
    with second_server(root) as second:
        yield start("--upstream", f"127.0.0.1:{second.server_port}")


@pytest.fixture
def curl(run):
    return lambda *words, **options: run("curl", "-sS", "-m", "20", *words, **options)


@pytest.mark.parametrize("version", ["--http1.0", "--http1.1"])
def test_what_the_second_server_has(gateway, curl, root, version):
    for name in ("empty.bin", "small.bin", "huge.bin"):
        got = curl(version, gateway.url(f"/upstream/{name}"), text=False)
        assert got.stdout == (root / name).read_bytes() and got.returncode == 0
    assert len(curl(version, gateway.url("/upstream/chunks")).stdout) == 70_004
    assert curl(version, "-w", "%{http_code}", gateway.url("/upstream/no")).stdout[-3:] == "404"


def test_one_connection_for_both_servers(gateway, curl):
    paths = ("small.bin", "upstream/small.bin", "upstream/chunks", "upstream/no", "small.bin")
    words = [word for path in paths for word in ("-o", "/dev/null", gateway.url(f"/{path}"))]
    said = curl("-w", "%{http_code} %{num_connects}\n", *words).stdout.split()
    assert said == ["200", "1", "200", "0", "200", "0", "404", "0", "200", "0"]


def test_a_head_request_passes_as_one(gateway, curl):
    got = curl("-I", gateway.url("/upstream/large.bin"))
    assert got.returncode == 0 and "content-length: 102400" in got.stdout.lower()


def test_the_fields_that_pass(gateway, curl):
    fields = (
        "-H",
        "X-Kept: 1",
        "-H",
        "Connection: X-Dropped",
        "-H",
        "X-Dropped: 1",
        "-H",
        "TE: trailers",
    )
    sent = curl(*fields, gateway.url("/upstream/sent?query")).stdout
    assert "X-Kept: 1" in sent and "X-Dropped" not in sent and "TE:" not in sent and "Via: " in sent
    assert sent.count("Host:") == 1


def test_half_an_answer_does_not_look_whole(gateway, curl):
    got = curl(gateway.url("/upstream/broken"))
    assert got.stdout == "half" and got.returncode == 18  # CURLE_PARTIAL_FILE


def test_a_slow_second_server_delays_nobody(gateway, root):
    slow = gateway.client()
    slow.request("GET", "/upstream/slow")
    for _ in range(50):
        assert gateway.get("/small.bin") == gateway.get("/upstream/small.bin")
    Second.go_on.set()
    assert slow.getresponse().read() == b"slow"


def test_no_second_server(start, curl):
    with second_server("/") as second:
        port = second.server_port
    server = start("--upstream", f"127.0.0.1:{port}")
    assert curl("-w", "%{http_code}", server.url("/upstream/x")).stdout[-3:] == "502"


def test_wrk_through_the_gateway(start, run):
    """The second server is another http_server: it must keep up."""
    server = start("--upstream", f"127.0.0.1:{start().port}")
    words = ("-d", "1s", "-t", "1", "-c", "20", "--timeout", "20s")
    said = run("wrk", *words, server.url("/upstream/large.bin")).stdout
    assert "Non-2xx" not in said and "Socket errors" not in said and " 0 requests" not in said, said
