"""How many submissions of a made-up class a core grades in a minute, in closed boxes as in earnest."""
import re
import subprocess
import tempfile

from autograder.machine import KIT

PACE = re.compile(r"([\d.]+) submissions a minute and core")


def measured(chosen, size) -> dict:
    """Grades `size` submissions of the labs `chosen`: solutions, skeletons, mutants and hostile ones."""
    with tempfile.TemporaryDirectory(prefix="asynclab-class-") as place:
        command = [str(KIT / "grader/classroom/sample_class.py"), f"{place}/sample", "--grade"]
        command += ["--size", str(size), *(f"--lab={lab.number}" for lab in chosen)]
        ran = subprocess.run(command, capture_output=True, text=True, cwd=KIT)
    found = PACE.search(ran.stdout)
    if not found:
        raise RuntimeError(f"the class was not graded: {(ran.stderr or ran.stdout).strip()[-300:]}")
    return {"size": size, "per_minute_and_core": float(found[1])}
