"""Right servers that are unlike the reference get full marks: the protection against false
failures."""
import re
import shlex
import shutil
import subprocess

import pytest
from autograder import labs
from autograder.engine import Grading
from autograder.machine import KIT
from autograder.result import CANNOT_JUDGE, PASSED

CORPUS = sorted(path for path in (KIT / "grader/corpus/right").iterdir() if path.suffix != ".md")


def header(path) -> dict:
    """`// right: 05 epoll_echo` and the like, from the first lines of a file."""
    return {
        key: value.strip()
        for key, value in re.findall(
            r"^(?://|#) (right|build|run|needs): (.+)$", path.read_text(), re.MULTILINE
        )
    }


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_right_server_gets_full_marks(path, tmp_path_factory):
    told = header(path)
    number, program = told["right"].split()
    output = KIT / "build/corpus" / path.name.replace(".", "_")
    output.parent.mkdir(parents=True, exist_ok=True)
    words = {"source": str(path), "output": str(output), "port": "{port}"}
    lab = labs.find(number)
    if reason := Grading(lab, "solutions").preflight():
        pytest.skip(reason)
    if "build" in told:
        build = shlex.split(told["build"].format(**words))
        if not shutil.which(build[0]):
            pytest.skip(f"no {build[0]} here")
        output.mkdir(exist_ok=True) if build[0] == "javac" else None
        subprocess.run(build, check=True)
    command = told["run"].format(**words)
    if not shutil.which(shlex.split(command)[0]):
        pytest.skip(f"no {shlex.split(command)[0]} here")
    result = Grading(lab, execs={program: command}).run()
    wrong = [
        f"{o.check.id}: {o.saw} ({o.means}) {o.seconds:.1f} s {o.where} {o.words}"
        for o in result.outcomes.values()
        if o.outcome not in (PASSED, CANNOT_JUDGE) or "stumbled" in o.saw  # a fault of the grader's
    ]
    assert wrong == []
