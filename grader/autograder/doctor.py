"""What this machine can judge, and what is missing: every line is tried, none is guessed."""
import shutil
import socket
import subprocess
import sys

from rich.markup import escape

from . import canary, demand, isolation, levels, machine
from .box import Box
from .controls import Controls
from .report_terminal import console

FOR_CLASSES = "closed box"  # nobody's own lab needs it


def examine() -> int:
    """Prints a line per ability; returns 0 when every lab can be judged, else 3."""
    lines = [
        tools(),
        compiler(),
        pkg("gtest", "the white-box checks in C++"),
        ("extensions", machine.extensions(), "pybind11 and Python's headers are there"),
        ring_library(),
        ("tracing", machine.tracing(), "strace follows programs"),
        ("io_uring", machine.io_uring(), "works"),
        open_box(),
        *controls(),
        closed_box(),
        descriptors(),
        readings(),
    ]
    for name, trouble, fine in lines:
        sign = "[yellow]?[/]" if trouble else "[green]✔[/]"
        console.print(f"  {sign} {name:<20} {trouble or fine}")
    troubled = [name for name, trouble, _ in lines if trouble and name != FOR_CLASSES]
    console.print(
        "\nevery lab can be judged here"
        if not troubled
        else (
            f"\nwithout {', '.join(troubled)}: the checks that need it are left out, neither for"
            " nor against you"
        )
    )
    return 3 if troubled else 0


def tools():
    missing = [name for name in ("make", "git", "prlimit", "bwrap") if not shutil.which(name)]
    return (
        "tools",
        f"missing: {', '.join(missing)}; `make setup` installs them" if missing else "",
        "all there",
    )


def compiler():
    found = machine.compiler()
    return "compiler", "g++ is missing: `make setup` installs it" if found == "none" else "", found


def pkg(name, use):
    there = subprocess.run(["pkg-config", "--exists", name], capture_output=True).returncode == 0
    return name, "" if there else f"missing, for {use}: `make setup` installs it", "installed"


def ring_library():
    version = machine.liburing()
    return (
        "liburing",
        "" if version >= (2, 3) else f"2.3 or later is needed for lab 08; found {version}",
        ".".join(map(str, version)),
    )


def open_box():
    level = isolation.level()
    trouble = (
        ""
        if level.bubblewrap
        else (
            f"{level.title}: user namespaces are forbidden here or bubblewrap is "
            "missing; grading works, with larger payloads"
        )
    )
    return "box", trouble, level.title


def controls():
    """Pairs: what a program in the box must not do, and what it must."""
    with socket.socket() as outside:
        outside.bind(("127.0.0.1", 0))
        outside.listen()
        port = outside.getsockname()[1]
        for name, code, allowed in (
            ("write the kit", f"open({str(machine.KIT / 'Makefile')!r}, 'a')", False),
            (
                "reach outside",
                f"import socket; socket.create_connection(('127.0.0.1', {port}))",
                False,
            ),
            (
                "listen, make threads",
                (
                    "import socket, threading; socket.create_server(('127.0.0.1', 12345)); "
                    "threading.Thread(target=print).start()"
                ),
                True,
            ),
        ):
            with Box([sys.executable, "-I", "-c", code]) as inside:
                inside.wait_for_exit(10)
                worked = inside.exit_status() == 0
            as_wanted = worked == allowed or not inside.level.bubblewrap
            verb = "can" if worked else "cannot"
            yield (
                "the box allows" if allowed else "the box keeps in",
                "" if as_wanted else f"a program {verb} {name}",
                f"a program {verb} {name}",
            )


def closed_box():
    """For grading others: every control of canary.py, at the levels that are tried."""
    name, level = FOR_CLASSES, isolation.closed_level()
    told = [
        f"{better.title}: {'; '.join(levels.trouble(better)[:3])}"
        for better in levels.CLOSED[: levels.CLOSED.index(level)]
        if levels.trouble(better)
    ]
    if level.bare and not told:
        told = ["forced by ASYNCLAB_BOX"]
    if told:
        return name, f"[red]{escape('. '.join(told))}[/]; what there is: {level.title}", ""
    kept = len(canary.FORBIDDEN), len(canary.NEEDED)
    return name, "", f"{level.title}: {kept[0]} ways out are shut, {kept[1]} abilities are there"


def descriptors():
    limit = machine.raise_descriptor_limit()
    return (
        "descriptors",
        (
            ""
            if limit >= 1300
            else f"{limit:,}; checks with a thousand clients need 1,300: ulimit -Hn"
        ),
        f"{limit:,}",
    )


def readings():
    """The controls of every CPU verdict: a spinner must read busy, a sleeper idle."""
    with Controls.running() as pids:
        _, trusted = demand.window(lambda: [], 0.5, pids)
    return (
        "CPU readings",
        "" if trusted else "a spinner and a sleeper could not be told apart now",
        "a spinner reads busy, a sleeper idle",
    )
