#!/usr/bin/python3
"""How fast the grader is: for each lab the time of its build and of its checks, where they wait, and
the CPU seconds that a grading takes; then how soon `watch` answers a save, and how many submissions of
a made-up class a core grades in a minute. Wall times hold for a quiet machine; on a busy one CPU
seconds say more."""
import argparse
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from autograder import labs, machine, whole  # noqa: E402
from bench import cost, pace, saving, timeline  # noqa: E402

SCHEMA = "asynclab/bench-grader/v1"


def main():
    told = parse()
    try:
        chosen = [labs.find(name) for name in told.lab] or labs.all_labs()
    except labs.UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    load = os.getloadavg()[0]
    figures = {"schema": SCHEMA, "environment": machine.describe() | {"load": load}, "labs": []}
    print(f"{os.cpu_count()} CPUs, {load:.2f} programs wanted one in the last minute")
    for lab in chosen:
        figures["labs"].append(of_lab(lab, told))
        write(told.json, figures)
    if told.class_size:
        figures["class"] = pace.measured(chosen, told.class_size)
        print(f"\n{figures['class']['per_minute_and_core']} submissions a minute and core", end="")
        print(f" (a class of {told.class_size}, compiled in closed boxes)")
        write(told.json, figures)


def parse():
    parser = argparse.ArgumentParser(prog="bench-grader", description=__doc__)
    parser.add_argument("lab", nargs="*", help="of these labs [all]")
    parser.add_argument("--json", metavar="FILE", help="also write the figures")
    parser.add_argument(
        "--built", action="store_true", help="take what is built, and time no build"
    )
    parser.add_argument("--no-watch", action="store_true", help="leave out how soon watch answers")
    parser.add_argument(
        "--class-size", type=int, default=18, metavar="N", help="submissions; 0: none [18]"
    )
    return parser.parse_args()


def of_lab(lab, told) -> dict:
    one, found = cost.of_lab(lab, anew=not told.built)
    show(one, found)
    mutant = None if told.no_watch else saving.example(lab)
    if mutant and not (reason := cost.Grading(lab, "solutions").preflight()):
        one["watch"] = saving.measured(lab, mutant)
        print(
            "  watch, step {step}: {wrong_seconds:.2f} s from the save to the first failure,"
            " {right_seconds:.2f} s to the word that all is right".format(**one["watch"])
        )
    elif mutant:
        print(f"  watch: {reason}")
    return one


def show(told, found):
    cpu = told["cpu_seconds"]
    print(f"\nlab {told['lab']}: {told['score']} of {told['max_score']} points")
    if told["build"]:
        build = told["build"]
        print(f"  build   {build['seconds']:6.2f} s   {build['cpu_seconds']:6.2f} CPU s")
    parts = ", ".join(f"{name} {value:.2f}" for name, value in cpu.items())
    print(f"  checks  {told['seconds']:6.2f} s   {sum(cpu.values()):6.2f} CPU s ({parts})")
    print(f"  longest chain of needs (*) {told['critical_seconds']:.2f} s; · waited for its turn")
    print("\n".join(f"  {line}" for line in timeline.gantt(found)), flush=True)


def write(path, figures):
    if path:
        whole.write(pathlib.Path(path), json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
