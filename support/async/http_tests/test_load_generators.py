"""wrk and ApacheBench: many connections at once, and not one request that fails."""
import re

import pytest


@pytest.mark.parametrize("name", ["small.bin", "large.bin"])
@pytest.mark.parametrize("connections", [1, 50, 200])
def test_wrk_sees_no_failure(server, run, name, connections):
    words = ("-d", "1s", "-t", "1", "-c", connections, "--timeout", "20s", "--latency")
    said = run("wrk", *words, server.url(f"/{name}")).stdout
    assert int(re.search(r"(\d+) requests in", said).group(1)) >= connections, said
    assert "Non-2xx" not in said and "Socket errors" not in said, said


@pytest.mark.parametrize("keep_alive", [True, False])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_ab_sees_no_failure(server, run, keep_alive, method):
    words = [*(["-k"] if keep_alive else []), *(["-i"] if method == "HEAD" else [])]
    said = run("ab", "-q", "-n", "2000", "-c", "40", *words, server.url("/large.bin")).stdout
    count = {key: int(value) for key, value in re.findall(r"^([\w -]+): +(\d+)\b", said, re.M)}
    assert (count["Complete requests"], count["Failed requests"]) == (2000, 0), said
    assert "Non-2xx responses" not in count, said
    assert count.get("Keep-Alive requests", 0) == (2000 if keep_alive else 0), said


def test_ab_uploads(server, run, root, tmp_path):
    (tmp_path / "data").write_bytes(b"x" * 50_000)
    words = ("-k", "-l", "-u", tmp_path / "data", server.url("/upload/ab"))
    said = run("ab", "-q", "-n", "300", "-c", "10", *words).stdout
    assert re.search(r"Complete requests: +300\b", said), said
    assert "Non-2xx" not in said and re.search(r"Failed requests: +0\b", said), said
    assert (root / "upload/ab").read_bytes() == b"x" * 50_000
