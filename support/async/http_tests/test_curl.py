"""curl: downloads, uploads, versions, connections that are kept, paths that lead out of the root."""
import hashlib
import os
import subprocess

import pytest

SHOW = "%{http_code} %{size_download} %{num_connects} %{http_version}\n"


@pytest.fixture
def curl(run):
    return lambda *words, **options: run("curl", "-sS", "-m", "30", *words, **options)


@pytest.mark.parametrize("version", ["--http1.0", "--http1.1"])
@pytest.mark.parametrize("name", ["empty.bin", "small.bin", "huge.bin"])
def test_a_file_comes_as_it_is(server, curl, root, version, name):
    got = curl(version, server.url(f"/{name}"), text=False)
    assert got.stdout == (root / name).read_bytes() and got.returncode == 0


def test_head_tells_the_length_and_sends_nothing(server, curl):
    got = curl("-I", server.url("/large.bin"))
    head = got.stdout.lower()
    assert (
        got.returncode == 0 and head.startswith("http/1.1 200") and "content-length: 102400" in head
    )


def test_one_connection_for_several_files(server, curl):
    urls = [server.url(f"/{name}.bin") for name in ("small", "empty", "large", "small", "missing")]
    outputs = [word for url in urls for word in ("-o", "/dev/null", url)]
    lines = curl("-w", SHOW, *outputs).stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["200"] * 4 + ["404"]
    assert [line.split()[2] for line in lines] == ["1", "0", "0", "0", "0"], lines


def test_an_old_client_may_keep_its_connection(server, curl):
    url = server.url("/small.bin")
    two = ("-o", "/dev/null", url, "-o", "/dev/null", url)
    got = curl("--http1.0", "-H", "Connection: keep-alive", "-w", SHOW, *two)
    assert [line.split()[2] for line in got.stdout.splitlines()] == ["1", "0"], got.stdout
    got = curl("--http1.0", "-w", SHOW, *two)
    assert [line.split()[2] for line in got.stdout.splitlines()] == ["1", "1"], got.stdout


@pytest.mark.parametrize("size", [0, 1, 2_000_000])
def test_an_upload_is_stored(server, curl, root, tmp_path, size):
    (tmp_path / "data").write_bytes(data := os.urandom(size))
    url = server.url(f"/upload/curl-{size}")
    assert curl("-w", "%{http_code}", "-T", tmp_path / "data", url).stdout[-3:] == "201"
    assert curl("-w", "%{http_code}", "-T", tmp_path / "data", url).stdout[-3:] == "204"
    assert (root / f"upload/curl-{size}").read_bytes() == data == server.get(f"/upload/curl-{size}")
    assert not [path.name for path in (root / "upload").iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("expect", ["Expect: 100-continue", "Expect:"])
def test_an_upload_of_unknown_length_is_refused(server, curl, root, expect):
    """curl sends its input in chunks. The refusal must reach it, also if it sends all the same."""
    words = ("-H", expect, "-w", "%{http_code}", "-T", "-", server.url("/upload/chunks"))
    got = curl(*words, input=os.urandom(300_000), text=False)
    assert got.stdout.endswith(b"411"), (got.stdout, got.stderr)
    assert not (root / "upload/chunks").exists() and server.get("/empty.bin") == b""


def test_a_range_is_answered_by_the_whole(server, curl, root):
    got = curl("-r", "100-200", server.url("/small.bin"), text=False)
    assert got.stdout == (root / "small.bin").read_bytes()
    assert "206" not in curl("-r", "100-", "-I", server.url("/small.bin")).stdout.splitlines()[0]


@pytest.mark.parametrize("path", [
    "/../secret", "/upload/../../secret", "/%2e%2e/secret", "/..%2fsecret", "/upload/link", "//../secret",
    "/%2e%2e%2fsecret", "/.hidden",
])  # fmt: skip
def test_nothing_outside_the_root(server, curl, root, path):
    (root.parent / "secret").write_text("not for you")
    (root / ".hidden").write_text("not for you")
    if not (root / "upload/link").is_symlink():
        (root / "upload/link").symlink_to(root.parent / "secret")
    got = curl("--path-as-is", "-w", "%{http_code}", server.url(path)).stdout
    assert "not for you" not in got and got[-3:] in ("400", "403", "404"), got


def test_a_directory_leads_to_its_page(server, curl, root):
    (root / "upload/page").mkdir(exist_ok=True)
    (root / "upload/page/index.html").write_text("page")
    got = curl("-L", "-w", " %{url_effective} %{num_redirects}", server.url("/upload/page"))
    assert got.stdout == f"page {server.url('/upload/page/')} 1"


def test_a_slow_download_delays_nobody(server, curl, root):
    words = ["curl", "-sS", "--limit-rate", "3M", "-m", "30", server.url("/huge.bin")]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as slow:
        reply = hashlib.sha256(slow.stdout.read(4096))
        for _ in range(100):
            assert server.get("/small.bin") == (root / "small.bin").read_bytes()
        assert slow.poll() is None
        while chunk := slow.stdout.read(65536):
            reply.update(chunk)
    assert reply.digest() == hashlib.sha256((root / "huge.bin").read_bytes()).digest()
