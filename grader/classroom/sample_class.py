#!/usr/bin/python3
"""Makes a class up: solutions, untouched skeletons, mutants, and hostile submissions where the kit
has them. `sample_class.py DIR --size 200 --grade` also grades it, which says how fast that is."""
import argparse
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from autograder import labs, mutants  # noqa: E402
from autograder.machine import KIT  # noqa: E402

KINDS = {"solution": 8, "skeleton": 3, "mutant": 6, "hostile": 3}  # of 20 students


def files_of(lab, tree) -> dict[str, bytes]:
    return {name: (KIT / tree / lab.name / name).read_bytes() for name in lab.files}


def mutated(lab, chance) -> dict[str, bytes]:
    """One of the lab's mutants, or the solution where it has none."""
    found = files_of(lab, "solutions")
    every = mutants.load(lab, include_hidden=True)
    mutant = chance.choice(every) if every else None
    for name, find, replace in mutant.edits if mutant else ():
        found[name] = mutant.edited(found[name].decode(), find, replace).encode()
    return found


def hostile(lab, chance) -> dict[str, bytes]:
    """One of the hostile submissions of the lab, a mutant where there is none."""
    try:
        from corpus import submissions
    except ImportError:
        return mutated(lab, chance)
    cases = [case for case in submissions.CASES.values() if case.lab == lab.number]
    if not cases:
        return mutated(lab, chance)
    case = chance.choice(cases)
    found = files_of(lab, "solutions")
    found[case.file] = case.text(SENTINEL="/etc/shadow", PORT=1, HARNESS=1)
    return found


MAKE = {
    "solution": lambda lab, chance: files_of(lab, "solutions"),
    "skeleton": lambda lab, chance: files_of(lab, "labs"),
    "mutant": mutated,
    "hostile": hostile,
}


def make(place: pathlib.Path, size: int, chosen, seed=1):
    """Writes DIR/sNNN-KIND/NN-name/. The files of each student differ at least in a comment."""
    chance = random.Random(seed)
    for number in range(size):
        lab = chosen[number % len(chosen)]
        kind = chance.choices(list(KINDS), list(KINDS.values()))[0]
        student = f"s{number:03}-{kind}"
        home = place / student / lab.name
        home.mkdir(parents=True)
        for name, data in MAKE[kind](lab, chance).items():
            mark = "#" if name.endswith(".py") else "//"
            (home / name).write_bytes(data + f"\n{mark} handed in by {student}\n".encode())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("place", type=pathlib.Path, metavar="DIR", help="a new directory")
    parser.add_argument("--size", type=int, default=200)
    parser.add_argument("--lab", action="append", help="of these labs [all of them]")
    parser.add_argument("--grade", action="store_true", help="grade it into DIR/out")
    told, rest = parser.parse_known_args()
    if told.place.exists():
        parser.error(f"{told.place} is there already: remove it, or name another")
    chosen = [labs.find(name) for name in told.lab] if told.lab else labs.all_labs()
    make(told.place / "class", told.size, chosen)
    print(f"{told.size} submissions in {told.place / 'class'}", flush=True)
    if told.grade:
        from autograder.cli import main as command

        command(["class", str(told.place / "class"), "--out", str(told.place / "out"), *rest])


if __name__ == "__main__":
    main()
