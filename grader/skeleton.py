#!/usr/bin/python3
"""Writes labs/ from solutions/: the solution is the source, its section headings are the markers.

`// STEP 05.2: goal` owns the rest of its block. The comment lines right under it are the hint and
stand in both trees; the code below is the answer and stands in solutions/ only. labs/ get
`// TODO(05.2): goal`, the hint, and `async::todo("05.2");`.
"""
import argparse
import pathlib
import re
import subprocess
import sys

KIT = pathlib.Path(__file__).resolve().parents[1]
STEP = re.compile(r"(\s*)(//|#) STEP (\d\d\.\d): (.+)")
STUB = {"//": 'async::todo("{}");', "#": 'raise NotImplementedError("TODO({})")'}
CODE = {".cpp", ".hpp", ".py"}


def skeleton(solution: str, through: str = "", answers: list | None = None) -> str:
    """The exercise that a solution contains; steps up to label `through` keep their answers. What it
    leaves out is added to `answers`: (label, lines) for each marker."""
    answers = [] if answers is None else answers
    exercise, blank, step, state = [], [], None, "given"
    for number, line in enumerate(solution.splitlines(), start=1):
        if opened := STEP.fullmatch(line):
            if state == "hint":
                raise ValueError(f"line {number}: the step before this one has no answer")
            indent, mark, label, goal = opened.groups()
            kept = label <= through
            step, state = opened, "given" if kept else "hint"
            exercise.append(line if kept else f"{indent}{mark} TODO({label}): {goal}")
        elif re.search(r"\b(STEP|TODO)\b", line):
            raise ValueError(f"line {number}: a marker that would not be seen: {line.strip()}")
        elif state == "hint" and line.startswith(f"{indent}{mark}"):
            exercise.append(line)
        elif state == "hint":
            exercise.append(indent + STUB[mark].format(label))
            answers.append((label, [line]))
            state = "answer"
        elif state == "answer" and not line.strip():
            blank.append(line)  # of the answer, or behind it: the next line tells
        elif state == "answer" and line.startswith(indent):
            answers[-1][1].append(line)
            blank = []
        else:
            state = "given"
            exercise += [*blank, line]
            blank = []
    if state == "hint":
        raise ValueError(f"line {step.string.strip()!r}: this step has no answer")
    return "\n".join(exercise) + "\n"


def pairs():
    """(file of a solution, file of the lab that it generates), code only."""
    for source in sorted((KIT / "solutions").glob("[0-9][0-9]-*/*")):
        if source.suffix in CODE:
            yield source, KIT / "labs" / source.relative_to(KIT / "solutions")


def expected(source: pathlib.Path) -> str:
    try:
        return skeleton(source.read_text())
    except ValueError as error:
        sys.exit(f"error: {source.relative_to(KIT)}: {error}")


def check() -> int:
    """Prints every lab file that is not what its solution generates; returns their number."""
    stale = [
        lab for source, lab in pairs() if not lab.is_file() or lab.read_text() != expected(source)
    ]
    generated = {lab for _, lab in pairs()}
    stale += [
        lab for lab in (KIT / "labs").glob("*/*") if lab.suffix in CODE and lab not in generated
    ]
    for lab in stale:
        print(
            f"{lab.relative_to(KIT)} is not what solutions/ generates: make skeletons",
            file=sys.stderr,
        )
    return len(stale)


def write():
    changed = subprocess.run(
        ["git", "status", "--porcelain", "labs"], cwd=KIT, capture_output=True, text=True
    )
    touched = [
        line[3:]
        for line in changed.stdout.splitlines()
        if pathlib.Path(line[3:]).suffix in CODE and not line.startswith(("??", "A "))
    ]
    if touched:
        sys.exit(
            "error: labs/ has changes that are not committed, they would be lost:"
            f" {', '.join(touched)}"
        )
    for source, lab in pairs():
        lab.parent.mkdir(exist_ok=True)
        if not lab.is_file() or lab.read_text() != expected(source):
            lab.write_text(expected(source))
            print(f"wrote {lab.relative_to(KIT)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", action="store_true", help="write labs/ anew")
    action.add_argument(
        "--check", action="store_true", help="say which files of labs/ are out of date"
    )
    if parser.parse_args().check:
        sys.exit(1 if check() else 0)
    write()


if __name__ == "__main__":
    main()
