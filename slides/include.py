#!/usr/bin/python3
"""Puts code of solutions/ into a deck, by step label: a slide never holds a copy that could drift.

`<!-- include: 05-epoll/event_loop.hpp 05.1 run_once -->`, on a line of its own, becomes the answer
below `// STEP 05.1: goal` in the function run_once(): its code, without the marker and the hint. The
function may be left out where a file has the label once.
"""
import argparse
import pathlib
import re
import sys
import textwrap

KIT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(KIT / "grader"))
from skeleton import STEP  # noqa: E402

LONGEST = 15  # lines of code that a slide can show in large type
INCLUDE = re.compile(r"<!-- include: (\S+) (\d\d\.\d)(?: (\w+))? -->")
FUNCTION = re.compile(r"(?!\s*(?:\} *)?(?:if|else|for|while|switch|try|catch)\b).*?(\w+)\s*\(")
ROOMY = 78  # columns that fit in a larger type
LANGUAGE = {".py": "python"}


class IncludeError(ValueError):
    """An include that cannot be resolved: what, and what there is instead."""


def enclosing_function(lines, marker: int) -> str:
    """The function that line `marker` stands in: the nearest opening line above that declares one."""
    indent = len(lines[marker]) - len(lines[marker].lstrip())
    for line in reversed(lines[:marker]):
        depth = len(line) - len(line.lstrip())
        if not line.strip() or depth >= indent:
            continue
        indent = depth
        if found := FUNCTION.match(line):
            return found[1]
    return ""


def answer(lines, marker: int) -> str:
    """The code below a marker: to the end of its block or the next marker, without the hint."""
    indent, mark = STEP.fullmatch(lines[marker]).group(1, 2)
    first = marker + 1
    while first < len(lines) and lines[first].startswith(indent + mark):
        first += 1
    end = first
    while end < len(lines) and (not lines[end].strip() or lines[end].startswith(indent)):
        if STEP.fullmatch(lines[end]):
            break
        end += 1
    return textwrap.dedent("\n".join(lines[first:end])).strip("\n")


def steps(source: str):
    """(label, function, code) of every step in the text of a solution."""
    lines = source.splitlines()
    for number, line in enumerate(lines):
        if opened := STEP.fullmatch(line):
            yield opened[3], enclosing_function(lines, number), answer(lines, number)


def included(path: str, label: str, function: str | None, solutions: pathlib.Path) -> str:
    """The Markdown that takes the place of one include."""
    file = solutions / path
    if not file.is_file():
        there = ", ".join(sorted(str(f.relative_to(solutions)) for f in file.parent.glob("*.?pp")))
        raise IncludeError(f"there is no solutions/{path}; there is: {there or 'no such lab'}")
    known = list(steps(file.read_text()))
    found = [step for step in known if step[0] == label and function in (None, step[1])]
    if len(found) != 1:
        there = ", ".join(f"{name} {where}" for name, where, _ in known)
        wanted = f"{label} {function or ''}".strip()
        problem = "is ambiguous" if found else "does not exist"
        raise IncludeError(f"step {wanted} of solutions/{path} {problem}; there are: {there}")
    _, where, code = found[0]
    if (length := len(code.splitlines())) > LONGEST:
        raise IncludeError(f"step {label} {where} of {path}: {length} lines, {LONGEST} at most")
    fits = max(map(len, code.splitlines())) <= ROOMY
    return (
        f'<div class="{"roomy" if fits else "wide"}">\n\n'
        f'```{LANGUAGE.get(file.suffix, "cpp")}\n{code}\n```\n\n'
        f'</div>\n\n<p class="source">{path} · {where}() · step {label}</p>'
    )


def resolve(deck: str, solutions: pathlib.Path = KIT / "solutions") -> str:
    """The deck with every include replaced.

    raises  IncludeError with the number of the line; also for a line that only resembles an include.
    """
    lines = []
    for number, line in enumerate(deck.splitlines(), start=1):
        try:
            if found := INCLUDE.fullmatch(line.strip()):
                line = included(*found.groups(), solutions)
            elif re.match(r"\s*<!--\s*include\b", line):
                raise IncludeError("write <!-- include: LAB/FILE NN.k FUNCTION -->")
        except IncludeError as error:
            raise IncludeError(f"line {number}: {error}") from None
        lines.append(line)
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("deck", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    arguments = parser.parse_args()
    try:
        text = resolve(arguments.deck.read_text())
    except IncludeError as error:
        sys.exit(f"error: {arguments.deck}: {error}")
    arguments.output.write_text(text)


if __name__ == "__main__":
    main()
