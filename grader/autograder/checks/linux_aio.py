"""What `aio_demo` prints, against what its own system calls returned and what the grader sees."""
import contextlib
import errno
import functools
import os
import pathlib
import random
import re
import tempfile

from .. import machine
from ..failure import Lacking
from ..verdict import MECHANISM

CALLS = "trace=io_submit,io_getevents,?open,openat,?openat2,fcntl"
EXPERIMENTS = ("buffered", "direct", "socket", "socket_nonblocking")
COLLECTED = re.compile(r"\bres=(-?\d+)")
READ = "io_submit(2); io_getevents(2)"


@contextlib.contextmanager
def demonstrates(bench, *inject):
    """(run, its lines by name, the size of the file that it read), under strace."""
    if reason := machine.linux_aio():
        raise Lacking(reason)
    with tempfile.TemporaryDirectory(prefix="asynclab-") as place:
        os.chmod(place, 0o755)
        path = pathlib.Path(place) / "file"
        path.write_bytes(some_bytes(bench))
        trace = ["-e", CALLS, *(word for one in inject for word in ("-e", f"inject={one}"))]
        with bench.run(arguments=[path], trace=trace) as run:
            for one in inject:
                run.note(f"by strace: {one}")
            lines = {
                name: dict(word.partition("=")[::2] for word in words) for name, *words in run.lines
            }
            yield run, lines, path


def some_bytes(bench):
    """A file of a size that nobody can guess, 1 to 2 MiB."""
    chosen = random.Random(bench.seed)
    return chosen.randbytes((1 << 20) + chosen.randrange(1 << 20))


def line(run, lines, name) -> dict:
    if name not in lines:
        run.fail(f"no line of the output begins with `{name}`", "each experiment prints one", READ)
    return lines[name]


def microseconds(run, lines, name, field) -> int:
    value = line(run, lines, name).get(field, "")
    if not value.isdigit():
        run.fail(f"the line {name} has no {field} in microseconds", f"{field}=N is its field", READ)
    return int(value)


def done(run, lines) -> list[str]:
    """The experiments that were made: a file system may refuse O_DIRECT."""
    return [name for name in EXPERIMENTS if "submit_us" in line(run, lines, name)]


def results_are_the_kernels(run, lines, path):
    """As many submissions as experiments, and each printed result is the one of its event."""
    made = done(run, lines)
    submitted = len(re.findall(r"io_submit\(", run.traced()))
    if submitted != len(made):
        run.fail(
            f"{len(made)} reads are told of, but io_submit() was called {submitted} times",
            "each line tells of one read, submitted by one io_submit() of one iocb",
            READ,
            MECHANISM,
        )
    results = [int(found) for found in COLLECTED.findall(run.traced())]
    if len(results) != len(made):
        run.fail(
            f"io_getevents() brought {len(results)} events for {len(made)} reads",
            "each read that was submitted has one event, and it has to be collected",
            READ,
        )
    for name, result in zip(made, results):
        wanted = f"bytes={result}" if result >= 0 else f"error={error_name(-result)}"
        field, _, value = wanted.partition("=")
        if lines[name].get(field) != value:
            run.fail(
                (
                    f"{name}: the event says {wanted}, the line"
                    f" {' '.join(map('='.join, lines[name].items()))}"
                ),
                "the field res of an io_event is the result, bytes or -errno",
                READ,
            )
    if results[0] != path.stat().st_size:
        run.fail(
            f"{results[0]:,} bytes of the file were read; it has {path.stat().st_size:,}",
            "aio_offset is where to begin, and aio_nbytes the size of the buffer",
            READ,
        )
    direct_as_here(run, lines, path, made)


@functools.cache
def refuses_direct() -> bool:
    """Does the file system of temporary files know no O_DIRECT (tmpfs before Linux 6.6)?"""
    with tempfile.NamedTemporaryFile(prefix="asynclab-") as file:
        try:
            os.close(os.open(file.name, os.O_RDONLY | os.O_DIRECT))
        except OSError:
            return True
    return False


def direct_as_here(run, lines, path, made):
    """O_DIRECT is refused where the grader is refused it too, and nowhere else."""
    refused = refuses_direct()
    if ("direct" in made) == refused:
        run.fail(
            f"the line direct says {lines['direct']}",
            "the file system refuses O_DIRECT here" if refused else "O_DIRECT works here: use it",
            'open(2), "O_DIRECT"',
        )
    if not refused and not re.search(r"\bO_DIRECT\b.*\) = \d", run.traced()):
        run.fail(
            "a line says direct, but no file was opened with O_DIRECT",
            "without that flag the read goes through the page cache",
            'open(2), "O_DIRECT"',
            MECHANISM,
        )


def first_look(run) -> str:
    """What the first io_getevents() found, which must not wait: yes, an event, or no."""
    found = re.search(r"io_getevents\(\w+, (\d+), \d+, .*, (\S+)\) = (\d+)", run.traced())
    if found and found[1] != "0" and found[2] == "NULL":
        run.fail(
            f"the first io_getevents() was told to wait for {found[1]} event",
            "it finds the event whether the read was done by then or not: look without waiting",
            "io_getevents(2), min_nr",
        )
    return "yes" if found and found[3] == "1" else "no"


def error_name(number) -> str:
    return errno.errorcode.get(number, str(number))
