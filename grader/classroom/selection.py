"""Which labs go out, and which solved files of earlier labs they are built upon.

`given = ["05-epoll"]` in a lab.toml names a solved lab. Only the headers of it that the code of the
lab includes, directly or through each other, are needed: they alone go along, at the same path
`solutions/05-epoll/...` as in the repository.
"""
import posixpath
import re
from dataclasses import dataclass

from autograder.labs import UsageError, tomllib

INCLUDE = re.compile(r'^#include "(.+)"', re.MULTILINE)


@dataclass(frozen=True)
class Selection:
    labs: tuple[str, ...]  # 05-epoll
    given: frozenset[str]  # paths of solved files that go along
    left_out: dict[str, set[str]]  # lab -> the solved files that keep it back

    def describe_left_out(self):
        for lab, files in self.left_out.items():
            yield f"lab {lab[:2]} stays here: {built_upon(lab, files)}"


def every_lab(kit) -> dict[str, dict]:
    """Name -> what its lab.toml says."""
    paths = [path for path in sorted(kit) if re.fullmatch(r"labs/\d\d-[^/]+/lab\.toml", path)]
    return {path.split("/")[1]: tomllib.loads(kit[path].text) for path in paths}


def select(kit, wanted="", revealed="") -> Selection:
    """`wanted`: numbers of labs, "" for all that give nothing away; `revealed`: numbers of labs
    that are over, of which solved files may go out. Raises UsageError."""
    known = every_lab(kit)
    chosen = named(known, wanted) or list(known)
    over = {lab[:2] for lab in named(known, revealed)}
    labs, given, left_out = [], set(), {}
    for lab in chosen:
        needs = solved_files(kit, lab, known[lab].get("given", ()))
        if kept_back := {path for path in needs if number(path) not in over}:
            if wanted:
                raise UsageError(f"lab {lab[:2]}: {built_upon(lab, kept_back)}")
            left_out[lab] = kept_back
        else:
            labs.append(lab)
            given |= needs
    return Selection(tuple(labs), frozenset(given), left_out)


def named(known, numbers) -> list[str]:
    """The labs that "5 06 07-regular-files" names."""
    found = []
    for word in numbers.replace(",", " ").split():
        match = [lab for lab in known if lab in (word, word.zfill(2)) or lab[:2] == word.zfill(2)]
        if not match:
            raise UsageError(
                f"there is no lab `{word}`; the labs are {', '.join(lab[:2] for lab in known)}"
            )
        found += match
    return sorted(set(found))


def solved_files(kit, lab, givers) -> set[str]:
    """The files of solved labs that the code of `lab` includes."""
    found, todo = set(), [path for path in kit if path.startswith(f"labs/{lab}/")]
    while todo:
        path = todo.pop()
        for name in INCLUDE.findall(kit[path].text):
            places = [posixpath.dirname(path), *(f"solutions/{giver}" for giver in givers)]
            reached = next((f"{p}/{name}" for p in places if f"{p}/{name}" in kit), "")
            if reached.startswith("solutions/") and reached not in found:
                found.add(reached)
                todo.append(reached)
    return found


def number(path) -> str:
    """The number of the lab that a path below labs/ or solutions/ belongs to."""
    return path.split("/")[1][:2]


def built_upon(lab, files) -> str:
    givers = " ".join(sorted({number(path) for path in files}))
    return (
        f"it is built upon {', '.join(sorted(files))}, which would give away lab"
        f" {givers.replace(' ', ' and ')}; when that is over: REVEAL=\"{givers}\""
    )
