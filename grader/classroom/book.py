"""The end of a batch: gradebook and pages, made from the records alone, and a summary."""
import importlib.util
from collections import Counter

from . import record

EYE = ("HARNESS_ERROR", "SKIPPED", "INCONCLUSIVE", "REJECTED", "TIMEOUT")  # somebody should look
LISTED = 20


def close(journal, options, progress, cores: int, console) -> int:
    """Writes what is derived, prints the summary; returns the exit status."""
    records = journal.records()
    written = derive(journal.place, records, options.course)
    pace = progress.per_minute() / cores if cores and progress.done else None
    for line in summary(records, pace):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    console.print(f"written: {', '.join(written)}", highlight=False, soft_wrap=True)
    return 1 if any(told["verdict"] in record.NOT_JUDGED for told in records) else 0


def derive(place, records, course: str) -> list[str]:
    """The gradebook and the pages, by whichever of their makers this copy of the kit has."""
    written = [f"{place}/results/"]
    for module, files in (
        ("classroom.export.gradebook", ("gradebook.csv",)),
        ("classroom.report", ("index.html", "students/")),
    ):
        if present(module):
            importlib.import_module(module).write_class(records, place, course)
            written += [f"{place}/{name}" for name in files]
    return written


def present(module: str) -> bool:
    try:
        found = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return False
    return bool(found) and hasattr(importlib.import_module(module), "write_class")


def summary(records, pace: float | None):
    """Lines: counts per verdict, how programs were kept in, the pace, what needs an eye."""
    counts = Counter(told["verdict"] for told in records)
    yield f"{len(records)} submissions: " + ", ".join(f"{n} {v}" for v, n in counts.most_common())
    levels = Counter(told["isolation"] for told in records if told["isolation"] != "not run")
    yield from (f"isolation: {title} ({number})" for title, number in levels.items())
    if pace:
        yield f"{pace:.1f} submissions a minute and core"
    eye = [told for told in records if told["verdict"] in EYE]
    if eye:
        yield "look at these yourself:"
    for told in eye[:LISTED]:
        sentence = " ".join(told["sentence"].split())[:160]
        yield f"  {told['student']} lab {told['lab'][:2]}: {told['verdict']}, {sentence}"
    if len(eye) > LISTED:
        yield f"  and {len(eye) - LISTED} more"
