"""Every mutant is killed by the check that it names, and every check is named by a mutant.

`make test` takes one mutant for each program; the others are marked `thorough`."""
import pytest
from autograder import labs, mutants, verify
from autograder.engine import Grading
from autograder.result import CANNOT_JUDGE, FAILED, NOT_RUN, PASSED

MUTANTS = [mutant for lab in labs.all_labs() for mutant in mutants.load(lab)]
CHECKS = {check.id: check for lab in labs.all_labs() for check in verify.every_check(lab)}


def subject(mutant):
    """What a mutant is a specimen of; a check that is missing is another test's matter."""
    check = CHECKS.get(mutant.killed_by)
    return mutant.lab.number, check and check.program


FIRST = {subject(mutant): mutant for mutant in reversed(MUTANTS)}
PARAMETERS = [
    pytest.param(
        mutant,
        id=f"{mutant.lab.number}-{mutant.name}",
        marks=[] if mutant is FIRST[subject(mutant)] else [pytest.mark.thorough],
    )
    for mutant in MUTANTS
]


@pytest.mark.parametrize("mutant", PARAMETERS)
def test_mutant_dies(mutant):
    outcome = mutant.grade(only=(mutant.killed_by,)).outcomes[mutant.killed_by]
    if outcome.outcome == CANNOT_JUDGE:
        pytest.skip(outcome.saw)
    assert outcome.outcome == FAILED
    assert outcome.saw and outcome.means and "does not compile" not in outcome.saw, outcome.saw


@pytest.mark.parametrize("lab", labs.all_labs(), ids=lambda lab: lab.name)
def test_every_mutant_can_be_made(lab):
    for mutant in mutants.load(lab, include_hidden=True):
        mutant.materialise()


@pytest.mark.parametrize("lab", labs.all_labs(), ids=lambda lab: lab.name)
def test_every_check_has_a_mutant(lab):
    named = {m.killed_by for m in mutants.load(lab, include_hidden=True)}
    assert {c.id for c in verify.every_check(lab)} - named == set()


@pytest.mark.parametrize("program", [p for lab in labs.all_labs() for p in lab.programs])
def test_ten_mutants_a_program(program):
    lab = next(lab for lab in labs.all_labs() if program in lab.programs)
    checks = [c for c in Grading(lab, "solutions").checks if c.program == program]
    touching = [
        m for m in mutants.load(lab, include_hidden=True) if any(m.touches(c) for c in checks)
    ]
    assert len(touching) >= 10


def test_the_matrix_tells_who_kills():
    """A check that did not run, because another one failed, let nobody survive."""
    lab = labs.find("05")
    mutant = next(m for m in MUTANTS if m.lab.number == lab.number)

    def by(named, other):
        result = Grading(lab, "solutions").result
        result.outcomes[mutant.killed_by].outcome = named
        next(o for name, o in result.outcomes.items() if name != mutant.killed_by).outcome = other
        return mutants.killer(mutant, result)

    assert by(FAILED, PASSED) == mutant.killed_by
    assert by(NOT_RUN, FAILED) not in ("", mutant.killed_by)
    assert by(PASSED, FAILED) == by(NOT_RUN, PASSED) == ""
