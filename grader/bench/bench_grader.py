#!/usr/bin/python3
"""How fast the grader is: for each lab the time of its build and of its checks, where they wait, and
the CPU seconds that a grading takes; then how soon `watch` answers, and how many submissions of a
made-up class a core grades in a minute. Wall times hold for a quiet machine; CPU seconds and the
critical path say more on a busy one."""
import argparse
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from autograder import labs, machine, whole  # noqa: E402
from bench import cost, timeline  # noqa: E402

SCHEMA = "asynclab/bench-grader/v1"


def show_lab(told, found):
    cpu = told["cpu_seconds"]
    print(f"\nlab {told['lab']}: {told['score']} of {told['max_score']} points")
    if told["build"]:
        build = told["build"]
        print(f"  build   {build['seconds']:6.2f} s   {build['cpu_seconds']:6.2f} CPU s")
    parts = ", ".join(f"{name} {value:.2f}" for name, value in cpu.items())
    print(f"  checks  {told['seconds']:6.2f} s   {sum(cpu.values()):6.2f} CPU s ({parts})")
    print(f"  longest chain of needs {told['critical_seconds']:.2f} s:")
    print("\n".join(f"  {line}" for line in timeline.gantt(found)), flush=True)


def parse():
    parser = argparse.ArgumentParser(prog="bench-grader", description=__doc__)
    parser.add_argument("lab", nargs="*", help="of these labs [all]")
    parser.add_argument("--json", metavar="FILE", help="also write the figures")
    parser.add_argument("--built", action="store_true", help="do not compile from nothing")
    parser.add_argument("--no-watch", action="store_true", help="leave out how soon watch answers")
    parser.add_argument(
        "--class-size", type=int, default=8, metavar="N", help="submissions a lab; 0: none [8]"
    )
    return parser.parse_args()


def main():
    told = parse()
    try:
        chosen = [labs.find(name) for name in told.lab] or labs.all_labs()
    except labs.UsageError as error:
        sys.exit(print(f"error: {error}", file=sys.stderr) or 2)
    load = os.getloadavg()[0]
    figures = {"schema": SCHEMA, "environment": machine.describe() | {"load": load}, "labs": []}
    print(f"{os.cpu_count()} CPUs, load {load:.2f}")
    for lab in chosen:
        one, found = cost.of_lab(lab, anew=not told.built)
        show_lab(one, found)
        figures["labs"].append(one)
        if told.json:
            whole.write(pathlib.Path(told.json), json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
