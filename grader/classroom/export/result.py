"""Result JSON of the kit, as it is (grader/autograder/result.schema.json).

The student's view lacks the hidden checks; `hidden` holds their sum."""
from . import as_json

MANY, VIEW, SUFFIX = False, "instructor", ".json"


def text(sheet) -> str:
    return as_json(sheet.record)
