"""What the students' archive holds, made from the committed kit."""
import fnmatch
import re

import skeleton
from autograder.labs import UsageError

from . import hiding
from .selection import every_lab
from .packing import Entry

GOES_ALONG = (
    *("Makefile", "LICENSE", ".gitignore", ".clang-format", "compile_flags.txt", ".devcontainer/*"),
    *("grader/lab", "grader/setup.sh", "grader/autograder/*"),
    *("grader/whitebox/suite.py", "grader/whitebox/ended.hpp"),
    *("grader/classroom/__init__.py", "grader/classroom/submit.py", "grader/classroom/packing.py"),
    *("support/async/build.mk", "support/async/include/*", "support/async/experiments/*"),
    *(f"slides/figures/{name}.svg" for name in ("client_memory", "cpu_beside_idle", "start_up")),
)
FOR_EXTENSIONS = "support/async/bindings/asynclab/*"  # the package around a lab's own module
STAYS = (  # of these: what only maintainers run
    *(f"grader/autograder/{name}.py" for name in ("mutants", "report_html", "soak", "verify")),
    "grader/autograder/templates/*",
)
README = "grader/classroom/students.md"  # becomes the archive's README.md
PRISTINE = "grader/skeletons"  # what `make reset` puts back


def contents(kit, chosen, hidden, hand_in="") -> dict[str, Entry]:
    """Path -> Entry of everything in the archive. Raises UsageError."""
    entries = {path: entry for path, entry in kit.items() if goes_along(path, chosen.labs)}
    if any(every_lab(kit)[lab].get("extension") for lab in chosen.labs):
        entries |= {path: kit[path] for path in fnmatch.filter(kit, FOR_EXTENSIONS)}
    entries |= {path: kit[path] for path in chosen.given}
    entries |= {
        path.replace("labs", PRISTINE, 1): Entry(data)
        for path, data in skeletons(kit, chosen.labs).items()
    }
    entries["README.md"] = Entry(readme(kit, chosen).encode())
    if hand_in:
        entries["course.toml"] = Entry(f"hand_in = {quoted(hand_in)}\n".encode())
    return hiding.without(entries, hidden)


def goes_along(path, labs) -> bool:
    if path.startswith(("labs/", "grader/whitebox/")) and path.split("/")[-2] in labs:
        return True
    if lab := re.search(r"checks/lab_(\d\d)", path):
        return lab[1] in [name[:2] for name in labs]
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in GOES_ALONG) and not any(
        fnmatch.fnmatchcase(path, pattern) for pattern in STAYS
    )


def skeletons(kit, labs) -> dict[str, bytes]:
    """Path below labs/ -> the skeleton that the solution makes. It must be what is committed."""
    made = {}
    for path in sorted(kit):
        lab = path.split("/")[1] if path.startswith("solutions/") else ""
        if lab in labs and f".{path.rpartition('.')[2]}" in skeleton.CODE:
            below = path.replace("solutions", "labs", 1)
            made[below] = skeleton.skeleton(kit[path].text).encode()
            if below not in kit or kit[below].data != made[below]:
                raise UsageError(f"{below} is not what solutions/ generates: make skeletons")
    return made


def readme(kit, chosen) -> str:
    """The students' README, with the labs that are there and the solved files that they use."""
    titles = every_lab(kit)
    labs = "\n".join(
        f"| [{lab}](labs/{lab}/README.md) | {titles[lab]['title']} |" for lab in chosen.labs
    )
    text = kit[README].text.replace("<!-- labs -->", labs)
    if not chosen.given:
        return re.sub(r"<!-- given -->\n(.*\n)*?\n", "", text)
    return text.replace("<!-- given -->\n", "").replace(
        "<!-- files -->", ", ".join(f"`{path}`" for path in sorted(chosen.given))
    )


def quoted(text) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", " ".join(text.split())) + '"'
