"""The box: what a program sees of the machine, how it ends, and that nothing of it is left."""
import os
import sys

import pytest
from autograder import isolation, proc
from autograder.box import Box, BoxError
from autograder.isolation import LEVELS
from autograder.stream import OUTPUT_LIMIT

available = [
    level
    for level in LEVELS
    if level.bubblewrap <= isolation.level().bubblewrap
    and level.network <= isolation.level().network
]
every_level = pytest.mark.parametrize(
    "level", available, ids=lambda level: level.title.split(" ")[0]
)


def python(code, level, **options):
    return Box([sys.executable, "-I", "-c", code], chosen=level, **options)


@every_level
@pytest.mark.parametrize(
    "code, status",
    [("", 0), ("raise SystemExit(7)", 7), ("import os; os.kill(os.getpid(), 9)", 137)],
)
def test_exit_status(level, code, status):
    with python(code, level) as inside:
        assert inside.wait_for_exit(20)
        assert inside.exit_status() == status


@every_level
def test_orphans_that_ignore_signals_are_gone(level):
    code = """if 1:
        import os, signal, time
        for _ in range(2):
            if os.fork() == 0: os.setsid()
        for number in (1, 2, 15): signal.signal(number, signal.SIG_IGN)
        print(os.getpid(), flush=True)
        time.sleep(600)"""
    with python(code, level) as inside:
        with inside.stdout.changed:
            assert inside.stdout.changed.wait_for(lambda: inside.stdout.text.count(b"\n") == 4, 20)
        pids = inside.processes()
        assert len(pids) == 4
    assert not [pid for pid in pids if os.path.exists(f"/proc/{pid}")]


@every_level
def test_ctrl_c_ignored_by_the_warden_is_not_ignored_by_the_program(level):
    with python(
        "import signal; print([signal.getsignal(n) == signal.SIG_IGN for n in (2, 15, 1)])", level
    ) as inside:
        inside.wait_for_exit(20)
        inside.stdout.join(1)
        assert str(inside.stdout).strip() == "[False, False, False]"


@pytest.mark.skipif(not isolation.level().bubblewrap, reason="no bubblewrap here")
def test_files_are_read_only_and_processes_hidden():
    code = """if 1:
        import os
        try: open('/tmp/asynclab-test', 'w'); print('wrote')
        except OSError: pass
        print(len([n for n in os.listdir('/proc') if n.isdigit()]))"""
    with python(code, LEVELS[0]) as inside:
        inside.wait_for_exit(20)
        inside.stdout.join(1)
        assert str(inside.stdout).strip() == "2"  # bubblewrap's init and the program


@pytest.mark.skipif(not isolation.level().network, reason="no network namespace here")
def test_buffers_are_tiny_in_the_box_only():
    before = proc.read("/proc/sys/net/ipv4/tcp_wmem")
    with python(
        "print(open('/proc/sys/net/ipv4/tcp_wmem').read())", LEVELS[1], buffers=(4096, 4096)
    ) as inside:
        inside.wait_for_exit(20)
        inside.stdout.join(1)
        assert str(inside.stdout).split() == ["4096"] * 3
    assert proc.read("/proc/sys/net/ipv4/tcp_wmem") == before


def test_a_flood_of_output_is_counted_and_capped():
    with python("import os\nwhile True: os.write(1, bytes(65536))", isolation.level()) as inside:
        with inside.stdout.changed:
            assert inside.stdout.changed.wait_for(
                lambda: inside.stdout.total > 4 * OUTPUT_LIMIT, 20
            )
        assert len(inside.stdout.text) == OUTPUT_LIMIT


def test_a_program_that_does_not_exist_is_said():
    with Box(["/no/such/program"]) as inside:
        assert inside.wait_for_exit(20)
        assert inside.exit_status() != 0
        inside.stderr.join(1)
        assert "No such file" in str(inside.stderr)
    with pytest.raises(BoxError, match="No such file"):
        with Box(["true"], cwd="/no/such/directory"):
            pass
