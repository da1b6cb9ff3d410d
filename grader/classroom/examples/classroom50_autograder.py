"""Classroom 50: put this beside the kit, as CLASSROOM/autograders/ASSIGNMENT/autograder.py.

The assignment's `runtime` needs "apt" with what grader/setup.sh names. The student's files lie in
the current directory. Status 0 when the grading ran, whatever the score; else the runner takes it
for a fault of the machine, which it is."""
import pathlib
import subprocess
import sys

LAB = "01"
COMMAND = str(pathlib.Path(__file__).parent / "asynclab/grader/lab")

grade = [COMMAND, "grade", LAB, "--from", str(pathlib.Path.cwd()), "--json", "graded.json"]
if subprocess.run(["/usr/bin/python3", *grade]).returncode not in (0, 1, 3):
    sys.exit("the submission could not be graded")
export = [COMMAND, "export", "classroom50", "graded.json", "--out", "result.json"]
sys.exit(subprocess.run(["/usr/bin/python3", *export]).returncode)
