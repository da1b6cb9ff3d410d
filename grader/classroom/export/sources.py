"""Where results come from: a result of `grader/lab grade --json`, a record, or a graded class."""
import json
import pathlib

from autograder.labs import UsageError

from .. import sheet

LIMIT = 64_000_000  # bytes of a file of results


def read(source) -> list[dict]:
    """The records of `source`: a file, or the directory that `grader/lab class` wrote."""
    path = pathlib.Path(source)
    if path.is_dir():
        return of_class(path)
    if not path.is_file():
        raise UsageError(f"there is no file `{source}`")
    return [record(path)]


def of_class(directory: pathlib.Path) -> list[dict]:
    found = sorted(directory.glob("results/*/[0-9][0-9].json"))
    if not found:
        raise UsageError(
            f"no results/STUDENT/NN.json in {directory}: `grader/lab class` writes them"
        )
    return [{"student": path.parent.name, **record(path)} for path in found]


def record(path: pathlib.Path) -> dict:
    """The record in a file. That a sheet can be made of it shows that it is one."""
    try:
        if path.stat().st_size > LIMIT:
            raise UsageError(f"{path}: more than {LIMIT:,} bytes")
        told = json.loads(path.read_text(encoding="utf-8"))
        sheet.make(told)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: no JSON ({error})") from None
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None
    return told
