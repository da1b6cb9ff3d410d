"""The result of a grading: one integer score model, from which every report and format derives."""
import json
import pathlib
from dataclasses import dataclass, field

from . import machine, verdict, whole
from .check import Check
from .labs import Lab
from .printable import printable, shown, shown_lines

PASSED, FAILED, NOT_RUN, CANNOT_JUDGE = "passed", "failed", "not_run", "cannot_judge"


@dataclass
class Outcome:
    """What became of one check."""

    check: Check
    outcome: str = NOT_RUN
    saw: str = ""
    means: str = ""
    read: str = ""
    transcript: list[str] = field(default_factory=list)
    where: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    replay: str = ""
    seconds: float = 0.0
    ready: float = 0.0  # seconds into the grading: all that it needs has ended
    began: float = 0.0  # it was its turn
    todo: str = ""  # the step that is still to be written, if that is why
    verdict: str = ""  # a word of verdict.py, once it is known
    used: set = field(default_factory=set)  # (program, flavour) that it ran

    def tell(
        self, outcome, verdict="", saw="", *, means="", read="", transcript=(), where=(), words=()
    ):
        """What became of it. The one entrance for what a program has said: printable from here on."""
        self.saw, self.means, self.read = shown(saw), shown(means), shown(read)
        self.transcript, self.where = shown_lines(transcript), shown_lines(where)
        self.words = shown_lines(words)
        self.outcome, self.verdict = outcome, verdict

    @property
    def score(self) -> int:
        return self.check.points if self.outcome == PASSED else 0

    @property
    def max_score(self) -> int:
        """What cannot be judged here counts for nothing, neither for nor against."""
        return 0 if self.outcome == CANNOT_JUDGE else self.check.points

    def as_json(self) -> dict:
        return {
            "id": self.check.id,
            "title": self.check.promise,
            "outcome": self.outcome,
            "verdict": self.verdict,
            "score": self.score,
            "max_score": self.check.points,
            "saw": self.saw,
            "means": self.means,
            "read": self.read,
            "transcript": self.transcript,
            "where": self.where,
            "last_words": self.words,
            "replay": self.replay,
            "seconds": round(self.seconds, 3),
        }


@dataclass
class Result:
    """A lab's grading. `outcomes` holds every check from the start; those to come are `not_run`."""

    lab: Lab
    outcomes: dict[str, Outcome]
    tree: str = "labs"
    seconds: float = 0.0
    measurements: dict = field(default_factory=dict)
    seed: str = ""
    finished: bool = False
    box: str = ""  # title of the level of a closed box, if it was one

    @property
    def score(self) -> int:
        return sum(outcome.score for outcome in self.outcomes.values())

    @property
    def max_score(self) -> int:
        return sum(outcome.max_score for outcome in self.outcomes.values())

    def count(self, outcome: str) -> int:
        return sum(o.outcome == outcome for o in self.outcomes.values())

    @property
    def exit_status(self) -> int:
        """0 full marks, 1 something failed, 3 something could not be judged here."""
        if self.count(FAILED) or self.count(NOT_RUN):
            return 1
        return 3 if self.count(CANNOT_JUDGE) else 0

    def of_step(self, label: str) -> list[Outcome]:
        return [outcome for outcome in self.outcomes.values() if outcome.check.step == label]

    def as_json(self) -> dict:
        """Score and max_score are null when another run has to tell: nobody knows them then. What each
        step has earned is told nevertheless."""
        steps, word = [], verdict.of(self)
        judged = word not in verdict.NOT_JUDGED
        for step in self.lab.steps:
            if outcomes := self.of_step(step.id):
                steps.append(
                    {
                        "id": step.id,
                        "title": step.title,
                        "score": sum(o.score for o in outcomes),
                        "max_score": sum(o.max_score for o in outcomes),
                        "checks": [outcome.as_json() for outcome in outcomes],
                    }
                )
        return {
            "schema": "asynclab/result/v1",
            "lab": self.lab.name,
            "tree": self.tree,
            "seed": printable(self.seed),
            "score": self.score if judged else None,
            "max_score": self.max_score if judged else None,
            "verdict": word,
            "sentence": verdict.sentence(self),
            "seconds": round(self.seconds, 2),
            "steps": steps,
            "measurements": self.measurements,
            "environment": {**machine.describe(), **({"box": self.box} if self.box else {})},
        }

    def write(self, path: pathlib.Path):
        """Writes the JSON whole or not at all."""
        whole.write(path, json.dumps(self.as_json(), indent=1))
