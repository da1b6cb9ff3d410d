"""A class on several machines: a scheduler and two workers, each in a network namespace of its own,
joined by a bridge; one is killed in mid-batch, and the book is that of one machine."""
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from autograder import labs, mutants, proc
from autograder.machine import KIT
from class_batch import LAB, Batch, make_class, until

PORT = 8786
pytest.importorskip("distributed", reason="python3-distributed is not installed")
pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root: makes network namespaces"),
    pytest.mark.skipif(not shutil.which("ip"), reason="iproute2 is missing"),
]


class Machines:
    """Network namespaces NAME-0 (the scheduler's and the instructor's, 10.111.0.1) to NAME-2."""

    def __init__(self, home):
        self.home, self.name = home, f"al{os.getpid()}"
        self.running = []

    def __enter__(self):
        ip = self.ip
        ip(f"netns add {self.name}-0")
        ip(f"-n {self.name}-0 link add bridge type bridge")
        ip(f"-n {self.name}-0 addr add 10.111.0.1/24 dev bridge")
        for number in (1, 2):
            ip(f"netns add {self.name}-{number}")
            ip(
                f"-n {self.name}-0 link add to{number} type veth peer name out netns"
                f" {self.name}-{number}"
            )
            ip(f"-n {self.name}-0 link set to{number} master bridge up")
            ip(f"-n {self.name}-{number} addr add 10.111.0.{number + 1}/24 dev out")
            ip(f"-n {self.name}-{number} link set out up")
            ip(f"-n {self.name}-{number} link set lo up")
        for device in ("bridge", "lo"):
            ip(f"-n {self.name}-0 link set {device} up")
        return self

    @staticmethod
    def ip(words):
        subprocess.run(["ip", *words.split()], check=True, capture_output=True, text=True)

    def inside(self, number) -> list[str]:
        return ["ip", "netns", "exec", f"{self.name}-{number}"]

    def start(self, number, what, command, environment):
        """A process on one of the machines; what it prints goes to a file."""
        log = open(self.home / f"{what}.log", "w")
        process = subprocess.Popen(
            [*self.inside(number), *command],
            stdout=log,
            stderr=log,
            env=environment,
            cwd=self.home,
            start_new_session=True,
        )
        self.running.append(process)
        return process

    def processes(self, number) -> list[str]:
        command = ["ip", "netns", "pids", f"{self.name}-{number}"]
        return subprocess.run(command, capture_output=True, text=True).stdout.split()

    def __exit__(self, *_):
        for process in self.running:
            try:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(20)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                process.kill()
        for number in (0, 1, 2):
            subprocess.run(["ip", "netns", "del", f"{self.name}-{number}"], capture_output=True)


@pytest.fixture
def machines(tmp_path):
    try:
        with Machines(tmp_path) as made:
            yield made
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no network namespaces here: {error.stderr}")


@pytest.fixture
def address(machines, tmp_path):
    command = [sys.executable, shutil.which("dask-scheduler"), "--host", "10.111.0.1"]
    command += ["--port", str(PORT), "--no-dashboard"]
    machines.start(0, "scheduler", command, dict(os.environ))
    until(lambda: "Scheduler at" in (tmp_path / "scheduler.log").read_text(), "a scheduler")
    return f"tcp://10.111.0.1:{PORT}"


def start_worker(machines, number, address, batch, jobs):
    command = [str(KIT / "grader/lab"), "worker", address, "--jobs", str(jobs)]
    return machines.start(number, f"worker{number}", command, batch.environment)


def on_cluster(machines, batch):
    """The batch's command line as the instructor's machine runs it."""
    plain = batch.command
    batch.command = lambda *arguments: [*machines.inside(0), *plain(*arguments)]
    return batch


def test_a_worker_that_dies_costs_nothing(machines, address, tmp_path):
    words = dict(a="good", b="zero", c="crash", d=None, e="same", f="same", g="good", h="zero")
    slow = {f"s{number}": "slow" for number in range(6)}
    batch = Batch(tmp_path)
    make_class(batch.home / "class", **words, **slow)
    workers = [start_worker(machines, number, address, batch, 2) for number in (1, 2)]
    cluster = on_cluster(machines, batch)
    process = cluster.start("--scheduler", address)
    # each of the four workers holds a job that waits at the gate, or will never come back
    until(lambda: sum(w in slow for w in batch.graded()) >= 4, "four that wait", 180)
    os.killpg(workers[0].pid, signal.SIGKILL)
    (batch.home / "gate").touch()
    said, _ = process.communicate(timeout=240)
    assert process.returncode == 1, said  # `crash` cannot be judged
    book, graded = batch.book(), batch.graded()
    assert len(book) == len(words) + len(slow)
    assert max(graded.count(student) for student in slow) > 1, "the killed one's were run elsewhere"
    until(lambda: not machines.processes(1), "the killed worker's gradings have ended")
    alone = Batch(tmp_path)
    alone.out = tmp_path / "alone"
    assert alone.run().returncode == 1
    assert alone.book() == book


def test_a_worker_of_another_kit_is_refused(machines, address, tmp_path):
    batch = Batch(tmp_path)
    make_class(batch.home / "class", a="good")
    command = [sys.executable, shutil.which("dask-worker"), address, "--no-dashboard"]
    machines.start(1, "stranger", command, dict(os.environ))
    until(lambda: "Registered to" in (tmp_path / "stranger.log").read_text(), "a stranger", 120)
    start_worker(machines, 2, address, batch, 1)
    ran = on_cluster(machines, batch).run("--scheduler", address)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count("is refused") == 1 and "10.111.0.2" in ran.stdout
    assert batch.book() == {"a": ("OK", 100, 100)}


# -- without fakes --------------------------------------------------------------------------------
WRONG = (
    "ignores_the_end_of_file",
    "replies_only_to_whole_lines",
    "drops_the_rest_of_a_short_write",
    "serves_one_client_only",
    "keeps_the_descriptor",
)


def make_real_class(place: Path):
    """Eight of lab 01: a solution, a skeleton, mutants, and one that does not stay."""
    solution = (KIT / "solutions" / LAB / "blocking_echo.cpp").read_text()
    sources = {
        "right": solution,
        "skeleton": (KIT / "labs" / LAB / "blocking_echo.cpp").read_text(),
        "ends_at_once": solution.replace("return async::run", "return argc > 0 ? 0 : async::run"),
    }
    for mutant in mutants.load(labs.find("01"), include_hidden=True):
        if mutant.name in WRONG:
            sources[mutant.name] = solution
            for _, find, replace in mutant.edits:
                sources[mutant.name] = mutant.edited(sources[mutant.name], find, replace)
    for student, source in sources.items():
        make_class(place, **{student: ""})
        (place / student / LAB / "blocking_echo.cpp").write_text(source)


def is_job(pid) -> bool:
    return "logged_job.py" in proc.read(f"/proc/{pid}/cmdline")


@pytest.mark.thorough
def test_real_gradings_on_machines_of_which_one_dies(machines, address, tmp_path):
    batch = Batch(tmp_path, real=True)
    make_real_class(batch.home / "class")
    workers = [start_worker(machines, number, address, batch, 1) for number in (1, 2)]
    process = on_cluster(machines, batch).start("--scheduler", address)
    until(lambda: batch.records(), "the first is done", 600)
    until(lambda: len(batch.graded()) >= len(batch.records()) + 2, "two are under way", 600)
    until(lambda: any(map(is_job, machines.processes(1))), "one of them on the first machine", 600)
    os.killpg(workers[0].pid, signal.SIGKILL)
    until(lambda: not machines.processes(1), "the killed worker's gradings have ended")
    said, _ = process.communicate(timeout=1200)
    assert process.returncode == 0, said
    graded, elsewhere = batch.graded(), batch.judged()
    assert len(elsewhere) == 8 and max(map(graded.count, elsewhere)) == 2, "one was begun twice"
    alone = Batch(tmp_path, real=True)
    alone.out = tmp_path / "alone"
    ran = alone.run(timeout=1200)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert alone.judged() == elsewhere
    assert elsewhere["right"][0] == ("OK", 100, 100) and elsewhere["skeleton"][0][1] == 0
    assert all(elsewhere[name][0][1] < 100 for name in WRONG)
