"""What a student may see of a record: of hidden checks only how many points they gave, and commands
that work in the student's own copy of the kit."""
import fnmatch
import re

from .records import NOT_JUDGED, checks

TREE = re.compile(r" --from (?:'[^']*'|\S+)")  # where the code lay while the class was graded
HIDDEN = "(a hidden check)"
WHOLE = ("COMPILE_ERROR", "COMPILE_LIMIT", "REJECTED", "NO_SUBMISSION", "SKIPPED", "HARNESS_ERROR")


def is_hidden(check_id: str, patterns) -> bool:
    return any(fnmatch.fnmatchcase(check_id, pattern) for pattern in patterns)


def for_student(record: dict, patterns=()) -> dict:
    """The record without hidden checks; "hidden" is their sum, (points, maximum), or None."""
    record = at_home(record)
    secret = [check for check in checks(record) if is_hidden(check["id"], patterns)]
    if not secret:
        return record | {"hidden": None}
    view = record | {"steps": visible_steps(record, patterns), "hidden": points(secret)}
    # What else was measured may be a hidden check's; that an idle server should sleep is no secret.
    idle = {name: value for name, value in view["measurements"].items() if "idle_demand" in name}
    view["measurements"] = idle
    if tells_of_hidden(view, secret):
        view |= retold(view)
    words = secrets(secret, checks(view))
    attempts = [line for line in view["attempts"] if not any(word in line for word in words)]
    return scrubbed(view | {"attempts": attempts}, words)


def at_home(record) -> dict:
    """The record with commands for the student's own labs/."""
    steps = [
        step | {"checks": [c | {"replay": TREE.sub("", c["replay"])} for c in step["checks"]]}
        for step in record["steps"]
    ]
    return record | {"steps": steps, "sentence": TREE.sub("", record["sentence"])}


def points(some) -> tuple[int, int]:
    """What was reached of what could be: a check that was not judged counts for nothing."""
    judged = [check for check in some if check["outcome"] != "cannot_judge"]
    return sum(c["score"] for c in judged), sum(c["max_score"] for c in judged)


def visible_steps(record, patterns) -> list[dict]:
    steps = []
    for step in record["steps"]:
        if shown := [check for check in step["checks"] if not is_hidden(check["id"], patterns)]:
            score, most = points(shown)
            steps.append(step | {"checks": shown, "score": score, "max_score": most})
    return steps


def tells_of_hidden(view, secret) -> bool:
    """May verdict and sentence speak of a hidden check? Not if they name one that is shown, or if
    nothing was run."""
    if all(check["outcome"] == "passed" for check in secret):
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
        return {"verdict": failed["verdict"] or "WRONG", "sentence": told}
    return {"verdict": "PARTIAL", "sentence": "Points of hidden checks are missing."}


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
