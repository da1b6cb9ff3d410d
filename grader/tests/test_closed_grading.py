"""Grading under the closed policy: the compiler is in a box too, right programs lose nothing, and code
that ends the process of its white-box test gains nothing."""
import os
import shutil
import subprocess
import sys

import pytest
from autograder import labs, levels, workshop
from autograder.isolation import OPEN, Policy
from autograder.engine import Grading
from autograder.limits import MiB
from autograder.machine import KIT
from autograder.result import CANNOT_JUDGE

from test_closed_box import SLOT, as_plain_user  # noqa: F401

CLOSED = Policy(True, SLOT)
pytestmark = pytest.mark.skipif(
    not levels.closed_level().trusted_enough, reason="no closed box on this machine"
)
LABS = [
    pytest.param(lab, marks=() if lab.number == "01" else pytest.mark.thorough, id=lab.name)
    for lab in labs.all_labs()
]


# -- compiling -------------------------------------------------------------------------------------
def compiled(tmp_path, text):
    (tmp_path / "blocking_echo.cpp").write_bytes(text.encode())
    with workshop.Workshop(labs.find("01"), tmp_path, CLOSED) as shop:
        built = shop.build({"blocking_echo"}, ("release",))
    assert not shop.home.exists()
    return built


@pytest.mark.parametrize(
    "text, limit, said",
    [
        ('#include "/etc/passwd"\nint main() {}', None, "/etc/passwd: No such file"),
        ('asm(".incbin \\"/etc/passwd\\""); int main() {}', None, "file not found"),
        (f'#include "{KIT}/Makefile"\nint main() {{}}', None, "No such file"),
        ("char a[1ull << 34] = {1}; int main() { return a[5]; }", "size", "more than 64 MB"),
        ("int main() { return missing; }", None, "‘missing’ was not declared"),
        ("#error \x1b[2J\u202e hidden\nint main() {}", None, "#error \x1b[2J\u202e hidden"),
        ("int main() {" + "int x; " * 20_000 + "}", None, "redeclaration"),
        ("static int f(); int main() { return f(); }", None, "f()"),
    ],
    ids=["passwd", "incbin", "kit", "huge", "undeclared", "escape", "many", "undefined"],
)
def test_what_does_not_compile_says_why_and_shows_nothing(tmp_path, text, limit, said):
    """As the compiler writes it: printable.py is at the door to the report."""
    built = compiled(tmp_path, text)
    assert not built.programs and built.limits.get("blocking_echo") == limit
    assert said in built.errors["blocking_echo"]
    assert "root:" not in built.errors["blocking_echo"] and "/sub/" not in str(built.errors)


def test_a_compiler_that_needs_all_memory_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(workshop, "MEMORY", 400 * MiB)
    built = compiled(tmp_path, '#include "/dev/zero"\nint main() {}')
    assert built.limits == {"blocking_echo": "memory"}


def test_a_compiler_that_needs_all_time_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(workshop, "CPU", 1)
    loop = "for (unsigned long i = 0; i < n; ++i) r += i;"
    text = (
        f"constexpr unsigned long f(unsigned long n) {{ unsigned long r = 0; {loop} return r; }}\n"
        + "".join(f"constexpr auto a{n} = f({200_000 + n});\n" for n in range(200))
        + "int main() {}"
    )
    assert compiled(tmp_path, text).limits == {"blocking_echo": "time"}


def test_the_students_makefile_is_not_looked_at(tmp_path):
    (tmp_path / "Makefile").write_text("$(shell touch /sub/made)\n")
    (tmp_path / "GNUmakefile").write_text("$(error no)\n")
    assert compiled(tmp_path, "int main() {}").programs


# -- white-box suites ------------------------------------------------------------------------------
EARLY = "\n#include <unistd.h>\nnamespace { struct Early { Early() { ::_exit(0); } } early; }\n"


@pytest.mark.parametrize("policy", [OPEN, CLOSED], ids=["open", "closed"])
@pytest.mark.parametrize(
    "lab, file, addition, check",
    [
        ("04", "connection.hpp", EARLY, None),
        pytest.param(
            *("11", "selector.py", "\nimport os\nos._exit(0)\n", None), marks=pytest.mark.thorough
        ),
    ],
    ids=["C++", "Python"],
)
def test_an_early_exit_is_no_pass(tmp_path, policy, lab, file, addition, check):
    lab = labs.find(lab)
    place = tmp_path / lab.name
    shutil.copytree(KIT / "solutions" / lab.name, place)
    with open(place / file, "a") as source:
        source.write(addition)
    inside = [
        c.id for c in Grading(lab, str(place)).checks if c.own and c.program not in lab.programs
    ]
    result = Grading(lab, str(place), only=inside[-1:], policy=policy).run()
    (outcome,) = result.outcomes.values()
    assert outcome.outcome == "failed" and "before the test was over" in outcome.saw


# -- right programs --------------------------------------------------------------------------------
def full_marks(result):
    unjudged = [o for o in result.outcomes.values() if o.outcome == CANNOT_JUDGE]
    wrong = [(o.check.id, o.saw) for o in result.outcomes.values() if o.outcome != "passed"]
    assert result.score == result.max_score and len(wrong) == len(unjudged), wrong


@pytest.mark.parametrize("lab", LABS)
def test_a_solution_gets_full_marks(lab):
    result = Grading(lab, "solutions", policy=CLOSED).run()
    full_marks(result)
    assert result.as_json()["environment"]["box"] == levels.closed_level().title


@pytest.mark.parametrize("lab", LABS)
def test_a_solution_gets_full_marks_from_a_plain_user(lab, as_plain_user):  # noqa: F811
    assert as_plain_user(GRADE.format(number=lab.number)).split()[0] == "100"


GRADE = """
from autograder import labs
from autograder.isolation import Policy
from autograder.engine import Grading
result = Grading(labs.find("{number}"), "solutions", policy=Policy(True)).run()
wrong = [(o.check.id, o.outcome, o.saw) for o in result.outcomes.values() if o.outcome != "passed"]
print(result.score + sum(o.check.points for o in result.outcomes.values() if not o.max_score), wrong)
"""


@pytest.mark.parametrize("level", ["landlock", "bare"])
def test_a_solution_gets_full_marks_at_lower_levels(level):
    ran = subprocess.run(
        [sys.executable, "-c", GRADE.format(number="01")],
        env={**os.environ, "ASYNCLAB_BOX": level, "PYTHONPATH": str(KIT / "grader")},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.stdout.startswith("100 "), ran.stdout + ran.stderr
