"""What the instructor should look at: what has no score, and what may not be one's own work."""
import collections
import functools

from autograder import labs, whitebox

from ..record import checks

NOT_GRADED = {
    "HARNESS_ERROR": "The grader or the kit failed, not the student. Grade these again.",
    "INCONCLUSIVE": "The machine could not judge; there is no score. Grade these again.",
    "SKIPPED": "Not judged on this machine, see the cause; there is no score.",
    "REJECTED": "Refused before it was compiled. Was it an accident of packing?",
}


def found(by_lab) -> list[dict]:
    """Reasons to look, each with its items: (submissions, what is said of them). A reason without any
    is left out."""
    every = [record for some in by_lab.values() for record in some]
    groups = [
        {
            "title": verdict,
            "why": why,
            "items": [([r], r["sentence"]) for r in every if r["verdict"] == verdict],
        }
        for verdict, why in NOT_GRADED.items()
    ]
    groups.append(
        {
            "title": "White-box points without behaviour",
            "why": "The class passes its suite, but no check of the running server passes.",
            "items": [([r], f"{score} points") for r in every if (score := only_whitebox(r))],
        }
    )
    return [group for group in [*groups, identical(every)] if group["items"]]


@functools.cache
def whitebox_ids(lab: str) -> frozenset[str]:
    """The checks that are compiled against the student's class; none for a lab unknown here."""
    known = [one for one in labs.all_labs() if one.name == lab]
    return frozenset(check.id for one in known for check in whitebox.checks(one))


def only_whitebox(record) -> int:
    """White-box points of a submission whose program was judged and never right, else 0. A step
    that is still to be written is no failure."""
    inside = whitebox_ids(record["lab"])
    outside = [check for check in checks(record) if check["id"] not in inside]
    wrong = any(c["outcome"] == "failed" and "still to be written" not in c["saw"] for c in outside)
    if not wrong or any(check["outcome"] == "passed" for check in outside):
        return 0
    return sum(check["score"] for check in checks(record) if check["id"] in inside)


def identical(every) -> dict:
    """Submissions with the same files, byte for byte."""
    same = collections.defaultdict(list)
    for record in every:
        if record["digest"] and record["verdict"] not in ("REJECTED", "NO_SUBMISSION"):
            same[record["digest"]].append(record)
    items = [(some, "") for some in same.values() if len(some) > 1]
    why = "The same files, byte for byte. Without points it may be the code as it was given."
    return {"title": "Identical submissions", "why": why, "items": items}
