"""Gradescope's "Export Submissions": submission_metadata.yml beside directories submission_NUMBER.

Read in public programs that use such exports: the file maps each directory to `:submitters:`, a
list of `:name:`, `:sid:` and `:email:` (several for a group), and to `:created_at:`, a time. The
keys begin with a colon: a Ruby program writes them. Not verified: how old exports name the time's
zone; a time without one is left out. The directory that holds all is called
assignment_NUMBER_export.
"""
import datetime

from autograder.labs import UsageError

from .entry import MIB, Refused

NAME = "submission_metadata.yml"
MAX_METADATA = 64 * MIB  # it repeats the results of every earlier submission


def metadata(data: bytes) -> dict[str, dict]:
    """Directory -> {"submitters": [{"name", "sid", "email"}], "submitted": ISO 8601 UTC or ""}."""
    try:
        import yaml
    except ModuleNotFoundError:
        raise UsageError(
            f"{NAME} is YAML and needs python3-yaml; `make setup` installs it"
        ) from None
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # knows strings, lists and maps alone
    try:
        told = yaml.load(data, Loader=loader)
    except (yaml.YAMLError, RecursionError, UnicodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise UsageError(f"{NAME}: {where}{getattr(error, 'problem', '') or error}") from None
    if not isinstance(told, dict):
        raise Refused(f"{NAME} names no submission")
    return {str(name): _submission(of) for name, of in told.items() if isinstance(of, dict)}


def _submission(told: dict) -> dict:
    people = told.get(":submitters")
    people = [p for p in people if isinstance(p, dict)] if isinstance(people, list) else []
    return {
        "submitters": [
            {key: _text(person.get(f":{key}")) for key in ("name", "sid", "email")}
            for person in people
        ],
        "submitted": utc(_text(told.get(":created_at"))),
    }


def _text(value) -> str:
    return value if isinstance(value, str) else ""


def utc(text: str) -> str:
    """`2026-10-31 22:59:00.123 Z` and its like as 2026-10-31T22:59:00Z; "" without a zone."""
    text = text.strip().replace(" Z", "+00:00").replace(" +", "+").replace(" -", "-")
    text = text[:-1] + "+00:00" if text.endswith("Z") else text
    head, dot, tail = text.partition(".")
    zone = tail.lstrip("0123456789") if dot else ""
    try:
        time = datetime.datetime.fromisoformat(head + zone)
    except ValueError:
        return ""
    if time.tzinfo is None:
        return ""
    return f"{time.astimezone(datetime.timezone.utc):%Y-%m-%dT%H:%M:%SZ}"
