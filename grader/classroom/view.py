"""The student's view of a record: nothing of other students, of hidden checks only what they gave, and
commands that work in the student's own copy of the kit.

A hidden check shows not only in its own entry. Other checks say "not run, because 05.4/... failed",
the verdict and its sentence may tell what it found, attempts name it, and so may measurements."""
import re

from autograder.verdict import NOT_JUDGED, PARTIAL, WRONG

from .record import checks

TREE = re.compile(r" --from (?:'[^']*'|\S+)")  # where the code lay while the class was graded
HIDDEN = "(a hidden check)"
WHOLE = ("COMPILE_ERROR", "COMPILE_LIMIT", "REJECTED", "NO_SUBMISSION", "SKIPPED", "HARNESS_ERROR")


def for_student(record: dict, course) -> dict:
    """The record without hidden checks; `hidden` holds their sum when there are any."""
    view = at_home(alone(record))
    secret = [check for check in checks(view) if course.hides(check["id"])]
    if not secret:
        return view
    view |= {"steps": visible_steps(view, course), "hidden": total(secret)}
    if view["score"] is None:
        view["hidden"]["score"] = None
    # What else was measured may be a hidden check's; that an idle server should sleep is no secret.
    idle = {name: value for name, value in view["measurements"].items() if "idle_demand" in name}
    view["measurements"] = idle
    if tells_of_hidden(view, secret):
        view |= retold(view)
    words = secrets(secret, checks(view))
    view["attempts"] = [
        line for line in view["attempts"] if not any(word in line for word in words)
    ]
    return scrubbed(view, words)


def alone(record) -> dict:
    """The record without a word of whoever handed in the same."""
    other = record.get("same_as") or "\0"
    named = re.compile(rf"(?<!\w){re.escape(other)}(?!\w)")
    attempts = [line for line in record.get("attempts", ()) if not named.search(line)]
    return {name: told for name, told in record.items() if name != "same_as"} | {
        "attempts": attempts
    }


def at_home(record) -> dict:
    """The record with commands for the student's own labs/."""
    steps = [
        step | {"checks": [c | {"replay": TREE.sub("", c["replay"])} for c in step["checks"]]}
        for step in record["steps"]
    ]
    return record | {"steps": steps, "sentence": TREE.sub("", record.get("sentence", ""))}


def total(some) -> dict:
    """What was reached of what could be: a check that was not judged counts for nothing."""
    judged = [check for check in some if check["outcome"] != "cannot_judge"]
    return {key: sum(check[key] for check in judged) for key in ("score", "max_score")}


def visible_steps(record, course) -> list[dict]:
    steps = []
    for step in record["steps"]:
        if shown := [check for check in step["checks"] if not course.hides(check["id"])]:
            steps.append(step | {"checks": shown} | total(shown))
    return steps


def tells_of_hidden(view, secret) -> bool:
    """May verdict and sentence speak of a hidden check? Not before the end, nor if they name a check
    that is shown, or if nothing was run."""
    if not view["verdict"] or all(check["outcome"] == "passed" for check in secret):
        return False
    about_all = view["verdict"] in WHOLE and not any(c["outcome"] == "passed" for c in checks(view))
    return not (about_all or any(c["id"] in view["sentence"] for c in checks(view)))


def retold(view) -> dict:
    """Verdict and sentence from what is shown."""
    failed = next((check for check in checks(view) if check["outcome"] == "failed"), None)
    if view["verdict"] in NOT_JUDGED:
        return {"sentence": "What was judged is below; a hidden check could not be judged."}
    if failed:
        told = f"{failed['id']} expects: {failed['title']} {failed['saw']}"
        return {"verdict": failed["verdict"] or WRONG, "sentence": told}
    return {"verdict": PARTIAL, "sentence": "Points of hidden checks are missing."}


def secrets(secret, shown) -> list[str]:
    """What only hidden checks say, longest first: ids, names, promises, messages. A few letters are
    no message: they would be found in other words."""
    public = {text for check in shown for text in texts(check)}
    told = {text for check in secret for text in texts(check)} - public
    return sorted((text for text in told if len(text) > 5), key=len, reverse=True)


def texts(check):
    yield check["id"].split("/")[-1]
    yield from (check[name] for name in ("id", "title", "saw", "means", "replay"))
    yield from (*check["transcript"], *check["where"], *check["last_words"])


def scrubbed(value, words):
    """`value` with every word that is a secret replaced, in all texts that it holds."""
    if isinstance(value, dict):
        return {key: scrubbed(one, words) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(scrubbed(one, words) for one in value)
    if isinstance(value, str):
        for word in words:
            if word in value:
                value = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", HIDDEN, value)
    return value
