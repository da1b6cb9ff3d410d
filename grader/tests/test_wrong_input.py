"""Wrong input gets one clear line and the right exit status; a broken program a reason, never a
hang."""
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from autograder import build, labs, machine, verify
from autograder.engine import Grading
from autograder.machine import KIT

PYTHON = sys.executable
LABS = ", ".join(lab.number for lab in labs.all_labs())


def one_line(ran, status, *words):
    assert ran.returncode == status, ran.stdout + ran.stderr
    assert ran.stderr.count("\n") == 1 and ran.stderr.startswith("error: "), ran.stderr
    for word in words:
        assert word in ran.stderr


@pytest.mark.parametrize(
    "arguments, words",
    [
        (("grade", "99"), ("no lab `99`", LABS)),
        (("grade", "01", "--from", "no/such/tree"), ("no directory", "no/such/tree")),
        (("grade", "01", "--exec", "./prog 12345"), ("{port}",)),
        (("grade", "03", "--exec", "./prog {port}"), ("receive_two", "busy_echo")),
        (("grade", "--exec", "./prog {port}"), ("name the lab",)),
        (("grade", "01", "--json", "/no/such/dir/x.json"), ("does not exist",)),
        (("grade", "01", "--sead", "1"), ("--sead",)),
        (("frobnicate",), ("frobnicate",)),
        (("reset", "77"), ("no lab `77`",)),
    ],
)
def test_wrong_usage(arguments, words, lab_command):
    one_line(lab_command(*arguments), 2, *words)


def test_unknown_check_lists_those_there_are(lab_command):
    ran = lab_command("grade", "01", "--check", "echos")
    assert ran.returncode == 2 and "01.1/echoes_until_end_of_file" in ran.stderr


def test_directory_without_source(lab_command, tmp_path):
    one_line(
        lab_command("grade", "01", "--from", str(tmp_path)),
        2,
        "no blocking_echo.cpp in",
        str(tmp_path),
    )


def test_play_without_a_server(lab_command):
    ran = lab_command("play", "01.1/echoes_until_end_of_file", "--port", "1")
    assert ran.returncode == 2 and "nothing listens on port 1" in ran.stderr


def test_compile_error_names_the_line(lab_command, tmp_path):
    source = (KIT / "solutions/01-blocking-echo/blocking_echo.cpp").read_text()
    (tmp_path / "blocking_echo.cpp").write_text(
        source.replace("send_all(client, bytes);", "send_all(client bytes);")
    )
    ran = lab_command("grade", "01", "--from", str(tmp_path))
    assert ran.returncode == 1
    assert "blocking_echo does not compile" in ran.stdout and "blocking_echo.cpp:" in ran.stdout
    assert str(tmp_path / "blocking") not in ran.stdout


def test_a_program_that_does_not_compile_does_not_block_the_other(lab_command, tmp_path):
    for name in ("receive_two.cpp", "busy_echo.cpp"):
        shutil.copy(KIT / "solutions/03-busy-loop" / name, tmp_path)
    (tmp_path / "receive_two.cpp").write_text("int main() { return nonsense; }\n")
    lab_command("grade", "03", "--from", str(tmp_path), "--json", str(tmp_path / "r.json"))
    assert json.loads((tmp_path / "r.json").read_text())["score"] == 70


def test_a_tree_copied_over_another_is_compiled_anew(tmp_path):
    """`cp -p` and shutil.copytree keep the times of files, by which make judges."""
    lab, tree, old = labs.find("01"), tmp_path / "tree", tmp_path / "old"
    old.mkdir()
    (old / "blocking_echo.cpp").write_text("int main() { return 3; }\n")
    os.utime(old / "blocking_echo.cpp", (1e9, 1e9))
    shutil.copytree(KIT / "solutions" / lab.name, tree)

    def compiled():
        built = build.build(lab, tree, lab.programs, ("release",))
        return built.programs["blocking_echo", "release"]

    made = compiled().stat().st_mtime_ns
    assert compiled().stat().st_mtime_ns == made  # up to date: not compiled twice
    shutil.copytree(old, tree, dirs_exist_ok=True)
    assert subprocess.run([str(compiled()), "0"], timeout=20).returncode == 3


def test_a_file_saved_while_the_compiler_ran_is_compiled_again(tmp_path, monkeypatch):
    """Who saves twice quickly under `watch` gets the second version judged, not the first."""
    lab, tree, compiler = labs.find("01"), tmp_path / "tree", tmp_path / "compiler"
    tree.mkdir()
    source = tree / "blocking_echo.cpp"
    source.write_text("int main() { return 3; }\n")
    compiler.write_text(  # the linker is still writing when the source is saved again
        f"""#!/bin/sh
        g++ "$@" || exit
        grep -q 4 {source} || sed -i s/3/4/ {source}
        sleep 0.02 # a tick of the clock of files
        for last; do :; done; touch "$last"
        """
    )
    compiler.chmod(0o755)
    monkeypatch.setenv("CXX", str(compiler))

    def status():
        built = build.build(lab, tree, lab.programs, ("release",))
        return subprocess.run([str(built.programs["blocking_echo", "release"])]).returncode

    assert [status(), status()] == [3, 4]


def test_missing_compiler(lab_command, tmp_path):
    shutil.copy(KIT / "solutions/01-blocking-echo/blocking_echo.cpp", tmp_path)
    ran = lab_command(
        "grade", "01", "--from", str(tmp_path), env={**os.environ, "CXX": "no-such-compiler"}
    )
    assert "no compiler: `make setup` installs g++" in ran.stdout


BROKEN = {
    "never listens": (f"{PYTHON} -c 'import time; time.sleep(600)' {{port}}", "listens on no port"),
    "crashes at once": (f"{PYTHON} -c 'import os; os.abort()' {{port}}", "signal SIGABRT"),
    "exits at once": (f"{PYTHON} -c pass {{port}}", "ended with status 0 before it listened"),
    "floods stdout": (
        f"{PYTHON} -c 'while 1: print(chr(65) * 9999)' {{port}}",
        "floods its output",
    ),
    "does not exist": ("./no-such-program {port}", "No such file"),
    "listens elsewhere": (
        (
            f'{PYTHON} -c \'import socket, time, sys; s = socket.create_server(("127.0.0.1", '
            "int(sys.argv[1]) + 1)); time.sleep(600)' {port}"
        ),
        "it was asked for",
    ),
    "never answers": (
        (
            f'{PYTHON} -c \'import socket, time, sys; s = socket.create_server(("127.0.0.1", '
            "int(sys.argv[1]))); time.sleep(600)' {port}"
        ),
        "of 24 bytes came back",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_program(name, lab_command):
    command, words = BROKEN[name]
    ran = lab_command("grade", "01", "--exec", command)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert words in ran.stdout, ran.stdout
    assert "stumbled" not in ran.stdout


@pytest.mark.parametrize("number", ["01", "08"])
def test_success_as_an_error_is_explained_with_io_uring_only_where_there_is_one(
    number, lab_command
):
    if reason := Grading(labs.find(number), "solutions").preflight():
        pytest.skip(reason)
    command = f"{PYTHON} -c 'import sys; sys.exit(\"error: recv: Success\")' {{port}}"
    ran = lab_command("grade", number, "--exec", command)
    assert ("leaves errno alone" in ran.stdout) == (number == "08"), ran.stdout


def test_port_in_use_is_said_by_the_program():
    subprocess.run(
        ["make", "-s", "build", "FROM=solutions", "LAB=01"],
        cwd=KIT,
        check=True,
        capture_output=True,
    )
    program = str(KIT / "build/solutions/release/01-blocking-echo/blocking_echo")
    with subprocess.Popen([program, "0"], stdout=subprocess.PIPE, text=True) as first:
        port = first.stdout.readline().strip().rsplit(":", 1)[1]
        second = subprocess.run([program, port], capture_output=True, text=True, timeout=20)
        first.kill()
    assert second.returncode == 1
    assert second.stderr == f"error: bind: Address already in use (port {port})\n"


@pytest.mark.parametrize("arguments", [["x"], ["70000"], ["-1"], ["1", "2"], ["--nonsense"]])
def test_wrong_usage_of_a_program(arguments):
    subprocess.run(
        ["make", "-s", "build", "FROM=solutions", "LAB=01"],
        cwd=KIT,
        check=True,
        capture_output=True,
    )
    ran = subprocess.run(
        [str(KIT / "build/solutions/release/01-blocking-echo/blocking_echo"), *arguments],
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert ran.returncode == 2 and ran.stderr.count("\n") == 1, ran


def test_ctrl_c_leaves_nothing_behind(tmp_path):
    """SIGINT in the middle of a grading: status 130, and every program it started is gone."""
    fifo, marker = tmp_path / "started", f"ctrl-c-test-{os.getpid()}"
    os.mkfifo(fifo)
    code = f'import time; open("{fifo}", "w"); time.sleep(600)'
    grading = subprocess.Popen(
        [
            str(KIT / "grader/lab"),
            "grade",
            "01",
            "--exec",
            f"{PYTHON} -c '{code}' {marker} {{port}}",
        ],
        cwd=KIT,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # `cmd &` ignores it
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with open(fifo):  # returns when the program has begun
        grading.send_signal(signal.SIGINT)
    assert grading.wait(60) == 130
    assert wait_until(lambda: not running(marker))


def running(marker):
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/cmdline") as file:
                if marker in file.read() and int(name) != os.getpid():
                    found.append(int(name))
        except OSError:
            pass
    return found


def wait_until(event, seconds=20):
    until = time.monotonic() + seconds
    while not event():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


@pytest.mark.alone
@pytest.mark.skipif(
    os.geteuid() != 0 or not os.access("/proc/sys/kernel/io_uring_disabled", os.W_OK),
    reason="only root can switch io_uring off",
)
def test_without_io_uring_lab_08_scores_nothing(lab_command, tmp_path):
    switch = "/proc/sys/kernel/io_uring_disabled"
    with open(switch) as file:
        before = file.read()
    try:
        with open(switch, "w") as file:
            file.write("2")
        ran = lab_command("grade", "08", "--from", "solutions", "--json", str(tmp_path / "r.json"))
        fifth = lab_command("grade", "01", "--from", "solutions")
    finally:
        with open(switch, "w") as file:
            file.write(before)
    result = json.loads((tmp_path / "r.json").read_text())
    assert ran.returncode == 3 and fifth.returncode == 0
    assert (result["score"], result["max_score"], result["verdict"]) == (None, None, "SKIPPED")
    assert "kernel.io_uring_disabled = 2" in ran.stdout and "not judged" in ran.stdout


@pytest.mark.alone
def test_reset_keeps_what_was_written(lab_command):
    lab = labs.find("01")
    file = lab.home / lab.files[0]
    before = file.read_text()
    try:
        file.write_text(before + "// mine\n")
        ran = lab_command("reset", "01")
        assert (
            ran.returncode == 0
            and file.read_text() == verify.partial(lab, "").joinpath(lab.files[0]).read_text()
        )
        saved = KIT / ran.stdout.split("your files are in ")[1].strip() / lab.files[0]
        assert saved.read_text() == before + "// mine\n"
    finally:
        file.write_text(before)


def test_machine_describes_itself():
    told = machine.describe()
    assert told["cpus"] >= 1 and told["kernel"] and told["box"]
