"""The closed box: what a program in it can do and what not, as root and as a plain user, and that
nothing of it is left."""
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from unittest import mock

import pytest
from autograder import canary, groups, levels, proc
from autograder.box import Box
from autograder.isolation import Policy
from autograder.canary import FORBIDDEN
from autograder.closed_box import FIRST_USER
from autograder.limits import MiB, RUN
from autograder.machine import KIT

SLOT, USER = 77, 62901  # nobody else's, in this suite
ROOT = os.geteuid() == 0
pytestmark = pytest.mark.skipif(
    not levels.closed_level().trusted_enough, reason="no closed box on this machine"
)
boxed = pytest.mark.skipif(not levels.closed_level().bubblewrap, reason="no bubblewrap here")
root_only = pytest.mark.skipif(not ROOT, reason="for root")


def closed(code, level=None, **options):
    options.setdefault("limits", RUN)
    argv = [sys.executable, "-I", "-S", "-c", code]
    return Box(argv, chosen=level, policy=Policy(True, SLOT), **options)


def printed(code, **options) -> str:
    with closed(code, **options) as box:
        assert box.wait_for_exit(60)
        box.stdout.join(1), box.stderr.join(1)
        assert not box.ended_by, box.ended_by
        return f"{box.stdout}{box.stderr}"


@pytest.fixture(scope="module")
def as_plain_user():
    """Runs Python code on a copy of the kit that belongs to a user of no rights; returns its output."""
    home = pathlib.Path(tempfile.mkdtemp(prefix="asynclab-user-"))
    home.chmod(0o755)
    ignore = shutil.ignore_patterns("build", ".git", "__pycache__", "slides", "node_modules")
    shutil.copytree(KIT, home / "kit", ignore=ignore)

    def run(code, *, timeout=300, **environment):
        become = []
        if ROOT:
            subprocess.run(["chown", "-R", f"{USER}:{USER}", home], check=True)
            become = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
        begin = f"import sys; sys.path.insert(0, {str(home / 'kit/grader')!r})\n"
        ran = subprocess.run(
            [*become, sys.executable, "-I", "-c", begin + code],
            env={"PATH": os.environ["PATH"], "HOME": str(home), **environment},
            cwd="/",
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    yield run
    shutil.rmtree(home, ignore_errors=True)


# -- controls --------------------------------------------------------------------------------------
@pytest.mark.parametrize("level", levels.CLOSED[:2], ids=["bubblewrap", "landlock"])
def test_every_control_holds(level, as_plain_user):
    which = levels.CLOSED.index(level)
    asked = f"from autograder import levels; print(levels.trouble(levels.CLOSED[{which}]))"
    if not level.bubblewrap and "ABI" in str(levels.trouble(level)):
        pytest.skip("no Landlock here that knows the network")
    assert levels.trouble(level) == ()
    assert as_plain_user(asked).strip() == "()"


def test_without_a_box_the_attempts_succeed():
    """What the controls forbid would work: a control that always fails would prove nothing."""
    needs_root = {"read /etc/shadow", "set core_pattern"}  # and does nothing but open
    harmless = {n: a for n, a in FORBIDDEN.items() if n != "become uninspectable"}
    harmless.pop("trace its parent"), harmless.pop("make a user namespace")
    plain = levels.Level("none", False, False)
    inherited = {"inherit a descriptor", "use keys of the kernel"}
    vsock = {name for name in FORBIDDEN if "AF_VSOCK" in name or "Multipath" in name}
    with mock.patch.dict(os.environ, {"TOKEN": "secret"}):
        worked = canary.attempt(plain, harmless)
    failed = {name for name, worked in worked.items() if not worked}
    assert failed <= inherited | vsock | (set() if ROOT else needs_root)


@pytest.mark.parametrize("forced, title", [("landlock", "Landlock"), ("bare", "limits only")])
def test_lower_levels_can_be_forced(forced, title, as_plain_user):
    said = as_plain_user(
        (
            "from autograder import isolation; level = isolation.closed_level(); print(level.title,"
            " level.trusted_enough)"
        ),
        ASYNCLAB_BOX=forced,
    )
    assert title in said or "Landlock" in title  # a kernel without it offers less
    assert said.split()[-1] == str(title in said and forced == "landlock")


@pytest.mark.parametrize("home", ["/", "/tmp", "/usr/local", "/dev/shm", "/proc/self", "/nowhere"])
def test_a_home_that_a_box_has_too_is_no_way_out(home, monkeypatch):
    monkeypatch.setenv("HOME", home)
    level = levels.closed_level()
    assert not [c.trouble for c in canary.controls(level) if c.name == "see the home directory"][0]


def test_a_control_that_does_not_hold_withdraws_the_level(monkeypatch):
    monkeypatch.setitem(canary.FORBIDDEN, "print", "print(end='')")
    monkeypatch.delenv("ASYNCLAB_BOX", raising=False)
    levels.trouble.cache_clear()
    try:
        assert levels.closed_level.__wrapped__() is levels.BARE
        assert "can print" in levels.trouble(levels.BOX)[0]
    finally:
        levels.trouble.cache_clear()


@boxed
def test_no_path_of_the_grader_is_to_be_seen(tmp_path):
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\ncat /proc/1/cmdline /proc/1/environ /proc/self/mountinfo")
    told = printed(
        "import subprocess; print(subprocess.run(['sh', '/sub/program'], stdout=-1).stdout)",
        files={"/sub/program": program},
    )
    assert "mountinfo" in told or "tmpfs" in told
    assert str(KIT) not in told and str(tmp_path) not in told


# -- limits ----------------------------------------------------------------------------------------
HOG = "kept = []\nwhile True: kept.append(bytearray(b'x' * (1 << 20)))"


@pytest.mark.parametrize("group", [True, False], ids=["group", "guard"])
def test_memory_is_limited(group, monkeypatch):
    if not group:
        monkeypatch.setattr(groups.Group, "__init__", no_group)
    with closed(HOG, limits=RUN.but(memory=200 * MiB)) as box:
        assert box.wait_for_exit(60)
        assert box.ended_by == "memory"


def no_group(self, limits):
    self._made, self.entrances, self._events, self.nice = [], [], None, groups.NICE


FILL = """if 1:
    import contextlib, mmap, os, socket
    kept, piece = [], bytes(60000)
    def fill(one, piece=piece):
        one.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True: one.send(piece)
    def pair(kind): return socket.socketpair(socket.AF_UNIX, kind)
    def both_live():
        for one, other in (pair(socket.SOCK_STREAM) for _ in range(900)):
            fill(one), fill(other), kept.extend((one, other))
    def sender_gone():
        for one, other in (pair(socket.SOCK_STREAM) for _ in range(1800)):
            fill(one, b'x'), one.close(), kept.append(other)
    def datagrams_of_nobody():
        for one, other in (pair(socket.SOCK_DGRAM) for _ in range(1800)):
            fill(one), one.close(), kept.append(other)
    def over_the_network():
        listener = socket.create_server(('127.0.0.1', 0), backlog=1000)
        for _ in range(500):
            kept.append(socket.create_connection(listener.getsockname()))
            kept.append(listener.accept()[0])
            fill(kept[-1]), fill(kept[-2])
    def page_tables():
        large = mmap.mmap(-1, 1 << 38, mmap.MAP_PRIVATE | 0x4000, mmap.PROT_READ)  # MAP_NORESERVE
        kept.append(large)
        for at in range(0, len(large), 1 << 21): large[at]
    {}()
    print('has it all', flush=True)
    import time; time.sleep(60)"""
HOARDS = "both_live sender_gone datagrams_of_nobody over_the_network page_tables".split()


@boxed
@pytest.mark.parametrize("hoard", HOARDS)
def test_memory_that_no_process_is_charged_for_is_counted(hoard, monkeypatch):
    """As a plain user has it: no control group."""
    monkeypatch.setattr(groups.Group, "__init__", no_group)
    with closed(FILL.format(hoard), limits=RUN.but(memory=150 * MiB)) as box:
        assert box.wait_for_exit(50), f"{box.stdout}{box.stderr}"
        assert box.ended_by == "memory", f"{box.stdout}{box.stderr}"


@boxed
def test_a_hundred_sockets_are_nothing_to_speak_of(monkeypatch):
    monkeypatch.setattr(groups.Group, "__init__", no_group)
    code = FILL.format("list").replace(
        "time.sleep(60)",
        """
    for _ in range(50): kept.extend(pair(socket.SOCK_STREAM)); kept.extend(pair(socket.SOCK_DGRAM))
    for one in kept: fill(one, b'x')
    time.sleep(1)""",
    )
    assert printed(code, limits=RUN.but(memory=150 * MiB)) == "has it all\n"


def test_memory_that_processes_share_is_counted_once(monkeypatch):
    monkeypatch.setattr(groups.Group, "__init__", no_group)
    code = """if 1:
        import os, time
        kept = b'x' * (60 << 20)
        children = [os.fork() or (time.sleep(1), os._exit(0)) for _ in range(8)]
        for pid in children: os.waitpid(pid, 0)
        print('done')"""
    assert printed(code, limits=RUN.but(memory=200 * MiB)) == "done\n"


def test_a_flood_of_output_ends_the_box():
    with closed("import os\nwhile True: os.write(1, bytes(65536))") as box:
        assert box.wait_for_exit(60)
        assert box.ended_by == "output"


@boxed
def test_boxes_side_by_side_do_not_share_limits():
    code = """if 1:
        import os, sys, time
        made = 0
        try:
            while True:
                if os.fork() == 0: time.sleep(60); os._exit(0)
                made += 1
        except OSError: print(made, flush=True); time.sleep(60)"""
    limit = RUN.but(processes=50)
    with closed(code, limits=limit) as one, closed(code, limits=limit) as other:
        for box in (one, other):
            with box.stdout.changed:
                assert box.stdout.changed.wait_for(lambda: box.stdout.text.endswith(b"\n"), 30)
            assert 40 <= int(str(box.stdout)) < 50
        assert not one.ended_by and not other.ended_by


@boxed
def test_disks_are_small_and_all_else_is_read_only():
    code = """if 1:
        import errno
        def fill(path):
            try:
                with open(path, 'wb', buffering=0) as file:
                    for n in range(1000):
                        if file.write(bytes(1 << 20)) < 1 << 20: break
                return n
            except OSError as error: return errno.errorcode[error.errno]
        import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        print(*map(fill, ('/tmp/a', '/dev/shm/b', '/c', '/dev/d', '/usr/e', '/sub/f', '/etc/g')))"""
    words = printed(code, limits=RUN.but(file=200 * MiB)).split()
    assert words[0] in ("64", "63", "ENOSPC") and words[1] in ("16", "15", "ENOSPC")
    assert set(words[2:]) <= {"EROFS", "ENOENT"}


def test_an_address_space_and_files_are_limited():
    code = "import mmap; mmap.mmap(-1, 1 << 33)"
    assert "Cannot allocate" in printed(code, limits=RUN.but(address_space=1 << 32))
    code = "import resource as r; print(r.getrlimit(r.RLIMIT_CORE), r.getrlimit(r.RLIMIT_NOFILE))"
    assert printed(code, limits=RUN.but(descriptors=99)) == "(0, 0) (99, 99)\n"


# -- shares ----------------------------------------------------------------------------------------
BURN = """if 1:
    import os
    for _ in range({}): os.fork() or exec({!r})
    print('burns', flush=True)
    while True: pass"""
IN_A_SESSION = "os.setsid()\nwhile True: pass"  # each has its share by sched_autogroup, sched(7)


def run_seconds(box) -> float:
    """What the processes of a box have run, schedstat of proc(5)."""
    pids = [pid for pid in box.processes() if proc.read(f"/proc/{pid}/schedstat")]
    return sum(int(proc.read(f"/proc/{pid}/schedstat").split()[0]) for pid in pids) / 1e9


@pytest.mark.parametrize("group", [True, False], ids=["group", "none"])
def test_a_box_of_many_processes_leaves_others_their_share(group, monkeypatch):
    """On one core: the ratio does not depend on what else runs there."""
    child = IN_A_SESSION if group else "while True: pass"
    if not group:
        monkeypatch.setattr(groups.Group, "__init__", no_group)
    if group and not ROOT:
        pytest.skip("for root")
    if not group and proc.read("/proc/sys/kernel/sched_autogroup_enabled") != "1\n":
        pytest.skip("neither control groups nor sched_autogroup: the kernel counts threads")
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        with closed(BURN.format(40, child)) as many, closed(BURN.format(0, "")) as one:
            for box in (many, one):
                with box.stdout.changed:
                    assert box.stdout.changed.wait_for(lambda: box.stdout.text, 60)
            before = run_seconds(many), run_seconds(one)
            assert eventually(lambda: run_seconds(one) - before[1] > 1, 120)
            assert run_seconds(many) - before[0] < 4 * (run_seconds(one) - before[1])
    finally:
        os.sched_setaffinity(0, allowed)


@root_only
def test_where_no_group_weighs_a_box_it_steps_back(monkeypatch):
    asked = "import os; print(os.nice(0))"
    with closed(asked) as box:
        weighed = bool(box._start.group.nice == 0)
        box.wait_for_exit(60), box.stdout.join(1)
        assert str(box.stdout) == ("0\n" if weighed else f"{groups.NICE}\n")
    monkeypatch.setattr(groups.Group, "__init__", no_group)
    assert printed(asked) == f"{groups.NICE}\n"


@root_only
def test_groups_of_graders_that_are_gone_are_swept(monkeypatch):
    if not (groups.ROOT / "memory/cgroup.procs").exists():
        pytest.skip("no control groups of version 1 here")
    gone = subprocess.Popen(["true"])
    gone.wait()
    left, ours = (groups.ROOT / f"memory/asynclab-{p}-999999" for p in (gone.pid, os.getpid()))
    left.mkdir(), ours.mkdir()
    try:
        groups.sweep.__wrapped__()
        assert not left.exists() and ours.exists()
    finally:
        ours.rmdir()


# -- the end ---------------------------------------------------------------------------------------
STUBBORN = """if 1:
    import os, signal, time
    for _ in range(3):
        if os.fork() == 0: os.setsid()
    for number in (1, 2, 15): signal.signal(number, signal.SIG_IGN)
    print(os.getpid(), flush=True)
    time.sleep(600)"""


def left_behind() -> list[str]:
    """Processes of the slot's user, control groups, mounts."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if os.stat(f"/proc/{name}").st_uid == FIRST_USER + SLOT:
                found.append(f"process {name}")
    found += map(str, groups.ROOT.glob(f"*/asynclab-{os.getpid()}-*"))
    found += map(str, groups.ROOT.glob(f"asynclab-{os.getpid()}-*"))
    return found + [line for line in open("/proc/self/mounts") if "asynclab" in line]


def eventually(condition, seconds=20):
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.01)
    return condition()


@pytest.mark.parametrize("level", levels.CLOSED, ids=["bubblewrap", "landlock", "bare"])
def test_no_signal_is_ignored_beforehand(level):
    """A server that forgets MSG_NOSIGNAL has to die of SIGPIPE."""
    if level is not levels.BARE and levels.trouble(level):
        pytest.skip(f"not here: {level.title}")
    argv = ["grep", "SigIgn", "/proc/self/status"]
    with Box(argv, chosen=level, policy=Policy(True, SLOT), limits=RUN) as box:
        assert box.wait_for_exit(30)
        box.stdout.join(5)
        ignored = int(str(box.stdout).split()[1], 16)
    assert not any(ignored >> number - 1 & 1 for number in (signal.SIGPIPE, signal.SIGXFSZ))


@pytest.mark.parametrize("level", levels.CLOSED, ids=["bubblewrap", "landlock", "bare"])
def test_nothing_is_left(level):
    if level is levels.BOX and levels.trouble(level):
        pytest.skip("no bubblewrap here")
    if level is levels.LANDLOCK and levels.trouble(level):
        pytest.skip("no Landlock here")
    with closed(STUBBORN, level) as box:
        with box.stdout.changed:
            assert box.stdout.changed.wait_for(lambda: box.stdout.text.count(b"\n") == 8, 30)
        pids = box.processes()
        assert len(pids) == 8
    assert not [pid for pid in pids if os.path.exists(f"/proc/{pid}")]
    assert eventually(lambda: not left_behind()), left_behind()


def test_no_box_survives_a_killed_grader():
    code = f"""if 1:
        import sys; sys.path.insert(0, {str(KIT / 'grader')!r})
        from autograder.box import Box
        from autograder.isolation import Policy
        program = [sys.executable, '-I', '-S', '-c', {STUBBORN!r}]
        with Box(program, policy=Policy(True, {SLOT})) as box:
            while box.stdout.text.count(b'\\n') < 8: pass
            print(*box.processes(), flush=True)
            sys.stdin.read()"""
    grader = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    pids = grader.stdout.readline().split()
    group = f"asynclab-{grader.pid}-"
    grader.send_signal(signal.SIGKILL)
    grader.communicate()
    assert len(pids) == 8
    assert eventually(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids))
    assert eventually(lambda: not list(groups.ROOT.glob(f"*/{group}*")))


def test_root_is_another_user_inside():
    if not ROOT:
        pytest.skip("for root")
    assert printed("import os; print(os.getuid(), os.getgroups())") == f"{FIRST_USER + SLOT} []\n"


def test_directories_are_shared_as_said(tmp_path):
    with tempfile.TemporaryDirectory() as place:
        shared, open_to_all = pathlib.Path(place, "root"), pathlib.Path(place, "secret")
        shared.mkdir()
        (shared / "file").write_text("served")
        open_to_all.write_text("beside")
        code = f"""if 1:
            print(open({str(shared / 'file')!r}).read(), open({str(open_to_all)!r}).read())
            open({str(shared / 'new')!r}, 'w').write('written')
            try: open({str(open_to_all)!r}, 'w')
            except OSError: print('kept')"""
        assert printed(code, readable=[place], writable=[shared]) == "served beside\nkept\n"
        assert (shared / "new").read_text() == "written"
