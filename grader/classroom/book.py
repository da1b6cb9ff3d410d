"""The end of a batch: gradebook and pages, made from the records alone, and a summary."""
from collections import Counter

from autograder.verdict import NOT_JUDGED, REJECTED

from . import export

LISTED = 20


def close(journal, handed, terms, progress, cores: int, console) -> int:
    """Writes what is derived, prints the summary; returns the exit status."""
    records = journal.records()
    written, failed = derive(journal.place, records, handed, terms)
    pace = progress.per_minute() / cores if cores and progress.done else None
    for line in summary(records, pace):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    console.print(f"written: {', '.join(written)}", highlight=False, soft_wrap=True)
    for line in failed:
        console.print(f"error: {line}", style="red", markup=False)
    return 1 if failed or any(told["verdict"] in NOT_JUDGED for told in records) else 0


def derive(place, records, handed, terms) -> tuple[list[str], list[str]]:
    """The gradebook and the pages. What another part of the kit makes of the records cannot spoil
    them: a page that fails is named, and the rest is written."""
    written, failed = [f"{place}/results/"], []
    for files, make in (
        ("gradebook.csv", lambda: export.write("csv", records, terms, place / "gradebook.csv")),
        ("similar.json", lambda: compare(place, handed)),
        ("index.html, students/", lambda: pages(place, terms)),
    ):
        try:
            make()
            written.append(files)
        except Exception as error:
            failed.append(f"{files} could not be made: {type(error).__name__}: {error}")
    return written, failed


def compare(place, handed):
    """Which submissions are alike, lab by lab."""
    from autograder.machine import KIT

    from .report import similarity

    found = {}
    for lab in sorted({one.lab for one in handed.submissions}):
        files = {one.student: one.files for one in handed.submissions if one.lab == lab}
        given = {
            path.name: path.read_bytes()
            for path in (KIT / "labs" / lab).iterdir()
            if path.is_file()
        }
        found[lab] = similarity.similar(files, given)
    similarity.store(place, found)


def pages(place, terms):
    from .report import pages as made

    made.write(place, terms)


def summary(records, pace: float | None):
    """Lines: counts per verdict, how programs were kept in, the pace, what needs an eye."""
    counts = Counter(told["verdict"] for told in records)
    yield f"{len(records)} submissions: " + ", ".join(f"{n} {v}" for v, n in counts.most_common())
    levels = Counter(told["isolation"] for told in records if told["isolation"] != "not run")
    yield from (f"isolation: {title} ({number})" for title, number in levels.items())
    if pace:
        yield f"{pace:.1f} submissions a minute and core"
    eye = [told for told in records if needs_an_eye(told)]
    if eye:
        yield "look at these yourself:"
    for told in eye[:LISTED]:
        sentence = " ".join(told["sentence"].split())[:160]
        yield f"  {told['student']} lab {told['lab'][:2]}: {told['verdict']}, {sentence}"
    if len(eye) > LISTED:
        yield f"  and {len(eye) - LISTED} more"


def needs_an_eye(told: dict) -> bool:
    """No verdict, a refusal, or one that took more than one try."""
    return told["verdict"] in (*NOT_JUDGED, REJECTED) or bool(told["attempts"])
