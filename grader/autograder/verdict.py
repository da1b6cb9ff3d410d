"""One word and one sentence for what became of a check, and of a whole grading.

The words are few and stay the same from run to run, so that gradebooks can count them.
"""
from .printable import shortened

OK, PARTIAL = "OK", "PARTIAL"
WRONG, TIMEOUT = "WRONG", "TIMEOUT"
CRASH, EXITED, STOPPED, NO_LISTEN = "CRASH", "EXITED", "STOPPED", "NO_LISTEN"
MECHANISM, BUSY, POLLING, BACKPRESSURE = "MECHANISM", "BUSY", "POLLING", "BACKPRESSURE"
EXTRA_PROCESSES, MEMORY_LIMIT = "EXTRA_PROCESSES", "MEMORY_LIMIT"
OUTPUT_LIMIT = "OUTPUT_LIMIT"
COMPILE_ERROR, COMPILE_LIMIT = "COMPILE_ERROR", "COMPILE_LIMIT"
REJECTED, NO_SUBMISSION = "REJECTED", "NO_SUBMISSION"  # of a submission that is not graded at all
INCONCLUSIVE, SKIPPED, HARNESS_ERROR = "INCONCLUSIVE", "SKIPPED", "HARNESS_ERROR"

NOT_JUDGED = (HARNESS_ERROR, SKIPPED, INCONCLUSIVE)  # no score; the first of them explains most
COMPILING = (COMPILE_LIMIT, COMPILE_ERROR)
LIMITS = (MEMORY_LIMIT, OUTPUT_LIMIT, EXTRA_PROCESSES)
ENDINGS = (CRASH, EXITED, STOPPED, NO_LISTEN)
EXPLAINING = (COMPILING, LIMITS, ENDINGS)  # what explains the failures beside it, the most first
SURPLUS = {"memory": MEMORY_LIMIT, "output": OUTPUT_LIMIT, "processes": EXTRA_PROCESSES}


def of_end(box) -> str:
    """The limit that the guard ended a box for; empty if it did not."""
    return SURPLUS.get(box.ended_by, "")


def decisive(result):
    """The outcome that decides about the whole; None with full marks.

    What another run may judge comes first: without it the score is not known. What this machine lacks
    counts neither for nor against, unless nothing else is left. Then the first step that fails, and in
    it what ended the program before what the program did wrong. At last the first step that is still
    to be written.
    """
    outcomes = [o for step in result.lab.steps for o in result.of_step(step.id)]
    for word in NOT_JUDGED if result.max_score == 0 else (HARNESS_ERROR, INCONCLUSIVE):
        if found := [o for o in outcomes if o.verdict == word]:
            return found[0]
    failures = [o for o in outcomes if o.verdict not in ("", OK, PARTIAL, SKIPPED)]
    step = [o for o in failures if o.check.step == failures[0].check.step]
    for words in EXPLAINING:
        if found := [o for o in step if o.verdict in words]:
            return found[0]
    return next(
        iter(failures or [o for o in outcomes if o.outcome not in ("passed", "cannot_judge")]), None
    )


def of(result) -> str:
    """The word of a whole grading; empty as long as it goes on."""
    if not result.finished:
        return ""
    decided = decisive(result)
    return decided.verdict or PARTIAL if decided else OK


def sentence(result) -> str:
    """What was done, what was expected, what came, and how to see it again."""
    if not result.finished:
        return ""
    outcome = decisive(result)
    if not outcome:
        passed, left = result.count("passed"), result.count("cannot_judge")
        return f"All {passed} checks passed" + (f"; {left} cannot be judged here." if left else ".")
    came = outcome.saw.splitlines()[0].rstrip(".") if outcome.saw else "no answer"
    again = f"Again: {outcome.replay}"
    if outcome.verdict in ("", PARTIAL):
        passed = f"{result.count('passed')} of {len(result.outcomes)} checks pass"
        return f"{came}; nothing that is written is wrong, and {passed}."
    if outcome.verdict in NOT_JUDGED:
        return f"{outcome.check.id} could not be judged: {came}. {again}"
    if outcome.verdict in COMPILING:
        return f"{shortened(' '.join(outcome.saw.split()), 300)}. {again}"
    if outcome.verdict in LIMITS and outcome.means:
        came = f"{came}; {outcome.means.rstrip('.')}"
    did = [line for line in outcome.transcript if "as it should" not in line][-1:]
    return (
        f"{outcome.check.id} expects: {outcome.check.promise.rstrip('.')}."
        f" {''.join(f'After `{line}`: ' for line in did)}{came}. {again}"
    )
