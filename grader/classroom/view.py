"""The student's view of a record: hidden checks leave nothing behind but the sum of their points.

A hidden check shows not only in its own entry. Other checks say "not run, because 05.4/... failed",
the verdict and its sentence may tell what it found, attempts name it, and so may measurements."""
import copy
import re

WHOLE = ("REJECTED", "NO_SUBMISSION", "COMPILE_ERROR", "COMPILE_LIMIT")  # no single check's verdict
UNJUDGED = ("INCONCLUSIVE", "SKIPPED", "HARNESS_ERROR")


def for_student(record: dict, course) -> dict:
    """A copy without hidden checks; `hidden` holds their sum when there are any."""
    checks = [check for step in record["steps"] for check in step["checks"]]
    hidden = [check for check in checks if course.hides(check["id"])]
    if not hidden:
        return record
    seen = without(copy.deepcopy(record), course)
    seen["hidden"] = total(hidden)
    if record.get("score") is None:
        seen["hidden"]["score"] = None
    seen["measurements"], seen["attempts"] = {}, []
    if any(check["outcome"] != "passed" for check in hidden):
        retold(seen)
    names = {check["id"] for check in hidden} | {check["title"] for check in hidden}
    names |= {name(check) for check in hidden} - {
        name(check) for check in checks if check not in hidden
    }
    return redacted(seen, sorted(filter(None, names), key=len, reverse=True))


def name(check) -> str:
    return check["id"].rpartition("/")[2]


def without(record: dict, course) -> dict:
    for step in record["steps"]:
        step["checks"] = [check for check in step["checks"] if not course.hides(check["id"])]
        step.update(total(step["checks"]))
    record["steps"] = [step for step in record["steps"] if step["checks"]]
    return record


def total(checks) -> dict:
    """Points of checks; what could not be judged counts for nothing."""
    judged = [check for check in checks if check["outcome"] != "cannot_judge"]
    return {
        "score": sum(check["score"] or 0 for check in judged),
        "max_score": sum(check["max_score"] or 0 for check in judged),
    }


def retold(record: dict):
    """The verdict and its sentence, from what is visible alone."""
    if record.get("verdict") in WHOLE:
        return
    if record.get("verdict") in UNJUDGED:
        record["sentence"] = ""
        return
    failed = [c for step in record["steps"] for c in step["checks"] if c["outcome"] == "failed"]
    record["verdict"] = (failed and failed[0].get("verdict")) or "PARTIAL"
    record["sentence"] = failed[0]["saw"] if failed else ""


def redacted(value, names):
    """`value` with every name of a hidden check in its texts replaced."""
    if isinstance(value, dict):
        return {key: redacted(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [redacted(one, names) for one in value]
    if isinstance(value, str):
        return re.sub("|".join(map(re.escape, names)), "a hidden check", value)
    return value
