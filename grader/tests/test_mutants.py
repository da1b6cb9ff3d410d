"""Every mutant is killed by the check that it names, and every check is named by a mutant."""
import pytest
from autograder import labs, mutants, verify
from autograder.engine import Grading
from autograder.result import CANNOT_JUDGE, FAILED

MUTANTS = [mutant for lab in labs.all_labs() for mutant in mutants.load(lab)]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: f"{m.lab.number}-{m.name}")
def test_mutant_dies(mutant):
    outcome = mutant.grade(only=(mutant.killed_by,)).outcomes[mutant.killed_by]
    if outcome.outcome == CANNOT_JUDGE:
        pytest.skip(outcome.saw)
    assert outcome.outcome == FAILED
    assert outcome.saw and outcome.means and "does not compile" not in outcome.saw, outcome.saw


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
