"""Every hostile submission has its outcome for its reason, as root and as a plain user, and after
each of them the machine is as it was: kit, results, sentinel, processes, groups, files, settings.
"""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import host
import pytest
from autograder import isolation
from autograder.machine import KIT

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "corpus"))
import submissions  # noqa: E402

SECRET = "nobody else may read this"
SECONDS = 300  # a whole lab takes 20 on an idle machine; nothing may hold the grader up for longer
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
SLOT, USER = 200 + WORKER, 62000 + WORKER
ROOT = os.geteuid() == 0
QUICK = {  # what `make test` takes
    "01_fork_bomb",
    "04_output_flood",
    "07_daemonises",
    "13_reads_secrets",
    "16_kills_all",
    "19_wrong_port",
    "31_odd_sockets",
    "33_settings_of_the_kernel",
    "45_includes_zero",
    "46_includes_secrets",
}
QUICK_AS_USER = {"02_memory_hog", "13_reads_secrets"}

pytestmark = pytest.mark.skipif(
    not isolation.closed_level().trusted_enough, reason="no closed box on this machine"
)


class Scene:
    """What a submission would like to reach: a directory of the grader with results and a secret, a
    server of the machine, an abstract socket. `user`: who grades."""

    def __init__(self, user):
        self.user = user
        self.place = tempfile.mkdtemp(prefix="asynclab-hostile-", dir="/tmp")
        self.results, self.sentinel = (os.path.join(self.place, n) for n in ("results", "sentinel"))
        self.scratch = os.path.join(self.place, "scratch")
        os.mkdir(self.results, 0o700), os.mkdir(self.scratch, 0o711)
        pathlib.Path(self.results, "01.json").write_text("{}")
        pathlib.Path(self.sentinel).write_text(SECRET)
        os.chmod(self.sentinel, 0o600), os.chmod(self.place, 0o711)
        if user != os.geteuid():
            for path in (self.place, self.results, self.scratch, self.sentinel):
                os.chown(path, user, user)
        self.server = socket.create_server(("127.0.0.1", 0))
        self.abstract = socket.socket(socket.AF_UNIX)
        self.abstract.bind("")
        self.abstract.listen()
        self.owners = {61000 + SLOT} if user == 0 else {user}
        self.before, self.owned = self.state(), host.files_of(self.owners)

    def close(self):
        self.server.close(), self.abstract.close()
        shutil.rmtree(self.place)

    def known(self) -> dict:
        name = self.abstract.getsockname()[1:].decode()
        port = self.server.getsockname()[1]
        return {"SENTINEL": self.sentinel, "PORT": port, "ABSTRACT": name}

    def state(self) -> dict:
        here = sorted(str(p) for p in pathlib.Path(self.place).rglob("*"))
        digests = {p: host.digest(pathlib.Path(p)) for p in here if os.path.isfile(p)}
        return {"kit": host.kit(), "settings": host.settings(), "here": here, "files": digests}

    def grade(self, case) -> dict:
        grader = str(pathlib.Path(__file__).with_name("grade_hostile.py"))
        words = [sys.executable, "-B", grader, case.name, str(SLOT), json.dumps(self.known())]
        if self.user != os.geteuid():
            become = ["--reuid", str(self.user), "--regid", str(self.user), "--clear-groups", "--"]
            words = ["setpriv", *become, *words]
        secret = {"ASYNCLAB_TEST_TOKEN": "a token", "TMPDIR": self.scratch, "HOME": "/var/empty"}
        run = subprocess.run(
            words, env={**os.environ, **secret}, capture_output=True, text=True, timeout=SECONDS
        )
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout)

    def harm(self, pid) -> dict:
        """What is not as it was, after a grading by process `pid`; empty if all is well."""
        until = time.monotonic() + 20  # a process that has been killed takes a moment to go
        while host.processes_of(self.owners) and time.monotonic() < until:
            time.sleep(0.01)
        now = self.state()
        found = {name: differing(self.before[name], now[name]) for name in now}
        found["processes"] = host.processes_of(self.owners)
        found["left"] = sorted(set(host.files_of(self.owners)) - set(self.owned))
        found["groups"] = host.groups_of(pid)
        found["callers"] = [s for s in (self.server, self.abstract) if has_caller(s)]
        return {name: what for name, what in found.items() if what}


def differing(before, after):
    if isinstance(before, list):
        return sorted(set(before) ^ set(after))
    return sorted(k for k in before.keys() | after.keys() if before.get(k) != after.get(k))


def has_caller(listener) -> bool:
    listener.setblocking(False)
    try:
        listener.accept()[0].close()
        return True
    except BlockingIOError:
        return False


def words_of(result) -> str:
    """All that a student is told about what went wrong."""
    checks = [c for step in result["steps"] for c in step["checks"] if c["outcome"] == "failed"]
    told = [result["sentence"]]
    for check in checks:
        told += [f"{check['id']}: {check['verdict']}", check["saw"], check["means"]]
        told += check["where"] + check["last_words"]
    return "\n".join(told)


def judge(case, user):
    scene = Scene(user)
    try:
        graded = scene.grade(case)
        harm = scene.harm(graded["pid"])
    finally:
        scene.close()
    result, expected = graded["result"], case.expected(as_user=user != 0)
    words = f"{result['verdict']}, {result['score']} of {result['max_score']}\n{words_of(result)}"
    assert not harm, f"{harm}\n{words}"
    assert not any(graded["left"].values()), f"{graded['left']}\n{words}"
    assert "GOT OUT" not in words, words
    if graded["closed"]:
        assert_outcome(result, expected, words)
    else:  # at the Landlock level a refusal has other words, and a daemon outlives its parent
        assert (result["score"] == result["max_score"]) == (expected.points == "all"), words
    told = json.dumps(result, ensure_ascii=False)
    assert not [c for c in told if not c.isprintable()]
    assert SECRET not in told


def assert_outcome(result, expected, words):
    assert result["verdict"] == expected.verdict, words
    least, most = expected.least_and_most(result["max_score"])
    assert least <= result["score"] <= most, words
    assert expected.says in words, words


def cases(quick):
    for case in submissions.CASES.values():
        marks = [] if case.name in quick else [pytest.mark.thorough]
        yield pytest.param(case, id=case.name, marks=marks)


@pytest.mark.parametrize("case", cases(QUICK))
def test_outcome_and_host(case):
    judge(case, os.geteuid())


@pytest.mark.skipif(
    not ROOT or not shutil.which("setpriv"), reason="only root becomes somebody else"
)
@pytest.mark.parametrize("case", cases(QUICK_AS_USER))
def test_outcome_and_host_as_a_plain_user(case):
    if not os.access(KIT, os.X_OK):
        pytest.skip("others may not read this kit")
    judge(case, USER)


def test_every_submission_says_what_it_tries_and_what_is_expected():
    for case in submissions.CASES.values():
        assert case.name[:2] in case.head and case.head["tries"], case.name
        assert case.expected() and case.expected(as_user=True), case.name
        if case.expected().verdict != "OK":
            assert case.expected().says, case.name


def spoil_results(scene):
    pathlib.Path(scene.results, "01.json").write_text('{"score": 100}')


def open_the_sentinel(scene):
    os.chmod(scene.sentinel, 0o644)


def leave_a_file(scene):
    pathlib.Path(scene.scratch, "left").write_text("x")


def call(scene):
    socket.create_connection(scene.server.getsockname()).close()


@pytest.mark.parametrize("do", (spoil_results, open_the_sentinel, leave_a_file, call))
def test_harm_is_seen(do):
    scene = Scene(os.geteuid())
    try:
        scene.owners = {61000 + SLOT}
        assert scene.harm(os.getpid()) == {}
        do(scene)
        assert scene.harm(os.getpid())
    finally:
        scene.close()


@pytest.mark.skipif(not ROOT, reason="only root becomes somebody else")
def test_what_a_user_leaves_is_seen():
    scene = Scene(0)
    try:
        with tempfile.NamedTemporaryFile(dir="/tmp") as file:
            os.chown(file.name, 61000 + SLOT, -1)
            assert file.name in scene.harm(os.getpid())["left"]
        command = ["setpriv", "--reuid", str(61000 + SLOT), "--clear-groups", "sleep", "60"]
        with subprocess.Popen(command) as process:
            try:
                until = time.monotonic() + 20
                while not host.processes_of(scene.owners) and time.monotonic() < until:
                    time.sleep(0.01)
                assert "sleep" in str(scene.harm(os.getpid())["processes"])
            finally:
                process.kill()
    finally:
        scene.close()
