"""The directory that the server under test serves, and a server of it."""
import contextlib
import os
import pathlib
import tempfile
import time

from ..failure import CannotJudge, Failed

SOME = 32 * 1024  # bytes: no tiny buffers hold that much
BIG = 256 * 1024  # bytes: more than is read, or sent, at once
HUGE = 256 << 20  # bytes: no buffers at all hold that much
SECRET = b"this file is outside of the root"


class Tree:
    """A directory to be served, `root`, and a secret beside it."""

    def __init__(self, home, payload):
        self.home, self.root = home, home / "root"
        self.outside = home / "secret.txt"
        self.outside.write_bytes(SECRET)
        (self.root / "upload").mkdir(parents=True)
        (self.root / "sub").mkdir()
        self.files = {
            "index.html": b"<!doctype html><title>t</title><p>the page of the root\n",
            "sub/index.html": b"<!doctype html><title>t</title><p>the page of a directory\n",
            "style.css": b"p { color: #060 }\n",
            "script.js": b"document.title = 'changed'\n",
            "data.json": b'{"lab": 6}\n',
            "notes.txt": b"plain text\n",
            "a b+c.txt": b"a space and a plus\n",
            "100%25.txt": b"its name holds a percent sign, and what looks like a code\n",
            "picture.png": b"\x89PNG\r\n\x1a\n" + payload(2000),
            "picture.jpg": b"\xff\xd8\xff" + payload(300),
            "empty.txt": b"",
            "some.bin": payload(SOME),
            "big.bin": payload(BIG),
        }
        for name, data in self.files.items():
            (self.root / name).write_bytes(data)
        with open(self.root / "huge.bin", "wb") as file:
            file.truncate(HUGE)  # all zero, and no block of the disk
        (self.root / "link.txt").symlink_to(self.outside)
        (self.root / "relative.txt").symlink_to("../secret.txt")
        (self.root / "door").symlink_to("..")

    def uploads(self) -> dict:
        """What lies in the upload directory, hidden files too: name to bytes."""
        found = {}
        for path in (self.root / "upload").iterdir():
            with contextlib.suppress(FileNotFoundError):  # renamed or removed at this moment
                found[path.name] = path.read_bytes()
        return found


@contextlib.contextmanager
def site(bench, upstream=None, **options):
    """A server of a fresh tree: yields (server, tree). `upstream`: a port for --upstream."""
    with tempfile.TemporaryDirectory(prefix="asynclab-", ignore_cleanup_errors=True) as home:
        home = pathlib.Path(os.path.realpath(home))
        tree = Tree(home, os.urandom)
        arguments = ["--root", tree.root]
        if upstream:
            arguments += ["--upstream", f"127.0.0.1:{upstream}"]
            options["connects"] = [upstream]
        with bench.server(arguments=arguments, writable=[tree.root], **options) as server:
            yield server, tree


@contextlib.contextmanager
def within(seconds):
    """A failure counts only if it was seen in so much time: then the server may have lost patience with
    clients that a busy machine had made slow."""
    began = time.monotonic()
    try:
        yield
    except Failed:
        if time.monotonic() - began < seconds:
            raise
        raise CannotJudge(
            f"the grader's clients needed more than {seconds} s here: run it again when less is"
            " running"
        ) from None
