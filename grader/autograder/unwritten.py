"""What a failed check comes to: a failure, or a step that is still to be written, named with its hint."""
from . import labs, verdict
from .diagnosis import TODO
from .failure import Failed
from .result import FAILED, NOT_RUN


def settle(outcome, failed: Failed, lab, place):
    """Tells `outcome`. `place`: the directory of the lab's files; None under --exec."""
    outcome.todo = step_of(failed, outcome.check.step)
    if outcome.todo == outcome.check.step:
        still_to_write(outcome, failed, lab, place)
    elif outcome.todo:
        saw = f"not run, because {outcome.todo} is still to be written"
        outcome.tell(NOT_RUN, "", saw, **told(failed) | came_to(outcome, failed))
    else:
        outcome.tell(FAILED, failed.verdict, failed.saw, **told(failed))


def still_to_write(outcome, failed, lab, place):
    more = told(failed) | {"where": (), "words": ()}
    markers = labs.markers(lab, place) if place else ()
    here = [marker for marker in markers if marker.step == outcome.todo and marker.open]
    named = [m for m in here if f"check: {outcome.check.id[5:]}" in " ".join(m.hint)]
    for marker in (named or here)[:1]:  # a step may have several places: that of this check
        more["means"] = f"{marker.goal}\n" + "\n".join(marker.hint)
        more["read"] = f"{labs.shown(place / marker.file)}:{marker.line}"
    saw = f"TODO({outcome.todo}) is still to be written"
    outcome.tell(FAILED, verdict.PARTIAL, saw, **more)


def told(failed: Failed) -> dict:
    """What a failure tells beside what was seen, as Outcome.tell() takes it."""
    names = ("means", "read", "transcript", "where", "words")
    return {name: getattr(failed, name) for name in names}


def came_to(outcome, failed) -> dict:
    """What it means that a program reached a later step while an earlier one was judged: what is
    written right so far does not (`verify.steps_build_up`)."""
    if outcome.todo < outcome.check.step:
        return {}
    means = f"the program came to TODO({outcome.todo}) before {outcome.check.step} was seen to work"
    return {"means": f"{means}: {failed.saw}"}


def step_of(failed: Failed, step: str) -> str:
    """Which of the steps that a program said are still to be written explains this failure, if any:
    the check's own, else an earlier one, else a later one if the program's last words were about it.
    """
    if step in failed.todos:
        return step
    earlier = [label for label in failed.todos if label < step]
    words = failed.words[-1] if failed.words else ""
    died_of_it = "status 70" in failed.saw or words.startswith("NotImplementedError")
    last = TODO.search(words) if died_of_it else None
    return min(earlier) if earlier else (last.group(1) if last else "")
