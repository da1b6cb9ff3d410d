"""A browser: one page, twenty images, several connections. Its script counts what has come."""
import html
import json
import re
import shutil
import struct
import zlib

import pytest

COUNT = 20
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
WORDS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         "--disable-background-networking", "--disable-component-update", "--no-first-run",
         "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
         "--virtual-time-budget=20000", "--dump-dom")  # fmt: skip
PAGE = """<!doctype html><title>images</title><link rel=stylesheet href=style.css><p id=seen>nothing
<script>
addEventListener("load", () => {
  const seen = [...document.images].filter(i => i.complete).map(i => i.naturalWidth);
  document.getElementById("seen").textContent = JSON.stringify(
    [seen, getComputedStyle(document.body).color, document.contentType]);
});
</script>
"""


def png(width: int) -> bytes:
    """A picture of `width` x 40, random enough not to shrink."""

    def chunk(name, data):
        sum_ = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", sum_)

    line = bytes((i * i * width) % 251 for i in range(width * 3))
    rows = zlib.compress(b"".join(b"\0" + line for _ in range(40)), 0)
    header = struct.pack(">IIBBBBB", width, 40, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


def test_a_page_with_twenty_images(server, run, root, tmp_path):
    browser = next((name for name in BROWSERS if shutil.which(name)), None)
    if browser is None:
        pytest.skip("no Chromium is installed (grader/setup.sh tests, where Debian has it)")
    page = root / "page"
    page.mkdir()
    for i in range(COUNT):
        (page / f"{i} a.png").write_bytes(png(100 + i))
    images = "".join(f'<img src="{i}%20a.png?{i}">' for i in range(COUNT))
    (page / "index.html").write_text(PAGE + images)
    (page / "style.css").write_text("body { color: rgb(1, 2, 3) }")
    said = run(browser, *WORDS, f"--user-data-dir={tmp_path}/profile", server.url("/page/"))
    seen = html.unescape(re.search(r'<p id="seen">(.*?)\n?<', said.stdout + "<", re.S).group(1))
    widths = [100 + i for i in range(COUNT)]
    assert json.loads(seen) == [widths, "rgb(1, 2, 3)", "text/html"], said.stderr[-2000:]
