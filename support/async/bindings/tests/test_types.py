"""Types: mypy accepts right use of asynclab, strictly, and refuses wrong use; and a package
without `_servers`, as lab 11's grading builds it, says what to do."""
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

TYPED = pathlib.Path(__file__).with_name("typed.py")
WRONG = {
    'asynclab.Server("fast")': "arg-type",
    'asynclab.Server("sync", 5)': "arg-type",
    'asynclab.Server("sync", lambda request: 5)': "return-value",
    'asynclab.Server("sync", None, 80)': "misc",
    'asynclab.Server("sync").port = 5': "misc",
    'asynclab.Ring().send(1, "text")': "arg-type",
    "asynclab.Ring().wait()[0].data.decode()": "union-attr",
    "asynclab.EventLoop().add(0, 1, 5)": "arg-type",
    'asynclab.fibonacci("5")': "arg-type",
    "asynclab.Loop()": "attr-defined",
}


@pytest.fixture
def mypy(pythonpath, tmp_path):
    def check(file):
        command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary"]
        command += ["--show-error-codes", "--cache-dir", str(tmp_path / "cache"), str(file)]
        return subprocess.run(
            command,
            env=os.environ | {"MYPYPATH": pythonpath},
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )

    if subprocess.run([sys.executable, "-c", "import mypy"], stderr=subprocess.DEVNULL).returncode:
        pytest.skip("mypy is not installed")
    return check


def test_right_use_is_accepted(mypy):
    checked = mypy(TYPED)
    assert (checked.returncode, checked.stdout) == (0, "")


def test_each_wrong_use_is_refused(mypy, tmp_path):
    program = tmp_path / "wrong.py"
    program.write_text("import asynclab\n" + "".join(f"{line}\n" for line in WRONG))
    told = mypy(program).stdout.splitlines()
    found = {line.split(":")[1]: line.rpartition("[")[2].rstrip("]") for line in told}
    assert found == {str(number): code for number, code in enumerate(WRONG.values(), start=2)}


def test_the_typed_program_runs(run):
    ended = run(TYPED.read_text())
    assert (ended.returncode, ended.stdout) == (0, "1 b'ping' [1] 8\n"), ended.stderr


def test_without_servers_the_loop_works_and_the_rest_says_why(pythonpath, tmp_path):
    whole = pathlib.Path(pythonpath, "asynclab")
    shutil.copytree(whole, tmp_path / "asynclab", ignore=shutil.ignore_patterns("_servers*.so"))
    text = "import asynclab; asynclab.EventLoop(); asynclab.Selector(); from asynclab import Ring"
    ended = subprocess.run(
        [sys.executable, "-c", text],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    last = ended.stderr.splitlines()[-1]
    assert last == "ImportError: asynclab.Ring is not built: run `make bindings`"
