"""One point of a web server: wrk asks for one file over connections that stay."""
import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from comparison.process import StartError, die_with_parent

from .measure import Failed
from .point import Point
from .server import Server

NUMBER = r"([\d.]+)(us|ms|s|m|h)"
MICROSECONDS = {"us": 1, "ms": 1e3, "s": 1e6, "m": 6e7, "h": 3.6e9}


@contextlib.contextmanager
def site(sizes):
    """A directory with a file of random bytes for each size, named after it: `1024.bin`."""
    with tempfile.TemporaryDirectory(prefix="asynclab-bench-") as root:
        os.chmod(root, 0o755)  # nginx serves as another user
        for size in sizes:
            (pathlib.Path(root) / f"{size}.bin").write_bytes(os.urandom(size))
        yield root


def measure(contender, point: Point, arena, window, root) -> dict:
    """As measure.measure() does for echo; `cpu_us` is that of a request. wrk takes whole seconds."""
    if reason := contender.missing or arena.refuses(point.connections):
        raise Failed(reason)
    if not shutil.which("wrk"):
        raise Failed("wrk is missing: `make setup` installs it")
    try:
        with Server(contender, arena, root) as server:
            before = server.cpu(), server.switches()
            told = parsed(asked(server.port, point, arena, max(1, round(window.seconds))))
            used = server.cpu() - before[0], server.switches() - before[1]
            start_up = server.start_up * 1e3
    except StartError as problem:
        raise Failed(str(problem)) from None
    found = {**told["numbers"], "start_up_ms": start_up}
    if requests := found["messages"]:
        found |= {"cpu_us": used[0] / requests * 1e6, "switches": used[1] / requests}
    if told["reason"]:
        raise Failed(told["reason"], found)
    return found


def asked(port: int, point: Point, arena, seconds: int) -> str:
    command = [
        *("wrk", "-t1", f"-c{point.connections}", f"-d{seconds}s", "--latency", "--timeout", "5s"),
        f"http://127.0.0.1:{port}/{point.size}.bin",
    ]
    wrk = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: (die_with_parent(), arena.settle(arena.load_cpu)),
    )
    try:
        return wrk.communicate(timeout=seconds + 30)[0]
    except subprocess.TimeoutExpired:
        raise Failed("wrk did not end in time") from None
    finally:
        wrk.kill()
        wrk.communicate()


def parsed(text: str) -> dict:
    """`numbers` as a row has them, and `reason` if anything went wrong."""
    done = re.search(rf"(\d+) requests in {NUMBER}", text)
    if not done:
        raise Failed((text.strip().splitlines() or ["wrk said nothing"])[-1])
    requests, seconds = int(done[1]), float(done[2]) * MICROSECONDS[done[3]] / 1e6
    numbers = {"messages": requests, "seconds": seconds, "per_second": requests / seconds}
    for percent, name in (("50", "p50"), ("99", "p99")):
        if found := re.search(rf"^ +{percent}% +{NUMBER}", text, re.MULTILINE):
            numbers[name] = float(found[1]) * MICROSECONDS[found[2]]
    wrong = re.findall(r"(Non-2xx or 3xx responses: [1-9]\d*|Socket errors: .*)", text)
    reason = "; ".join(wrong) or ("" if requests else "no request was answered")
    return {"numbers": numbers, "reason": reason}
