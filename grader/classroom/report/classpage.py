"""The page for the instructor: every student and check, what fails most, what needs a look."""
import collections
import statistics
import urllib.parse

from ..record import checks
from . import attention
from .words import kind, title

CELLS = {
    "passed": ("p", "✔"),
    "failed": ("f", "✘"),
    "not_run": ("n", "·"),
    "cannot_judge": ("u", "?"),
}
WORST = 10  # checks in the list of those that most fail
PAIRS = 60  # similar pairs of a lab that are shown


def context(by_student, similar, course) -> dict:
    """What class.html shows. `similar`: lab -> pairs, as similarity.load() gives them."""
    by_lab = collections.defaultdict(list)
    for record in (record for some in by_student.values() for record in some):
        by_lab[record["lab"]].append(record)
    return {
        "students": {student: some[0]["shown"] for student, some in by_student.items()},
        "overview": [overview(some, sorted(by_lab)) for some in by_student.values()],
        "labs": [lab(name, by_lab[name], course) for name in sorted(by_lab)],
        "all_verdicts": sorted({r["verdict"] for some in by_lab.values() for r in some}),
        "attention": attention.found(by_lab),
        "similar": {name: pairs for name, pairs in sorted(similar.items()) if pairs},
        "pairs_shown": PAIRS,
        "machines": machines(by_lab.values()),
        "kind": kind,
        "page": page,
    }


def page(student) -> str:
    """The address of a student's page, relative to the page of the class."""
    return f"students/{urllib.parse.quote(student)}.html"


def overview(some, labs) -> dict:
    """A student's row in the table of all labs: a record or None for each."""
    of = {record["lab"]: record for record in some}
    return {
        "student": some[0]["student"],
        "shown": some[0]["shown"],
        "labs": [of.get(l) for l in labs],
    }


def lab(name, some, course) -> dict:
    columns = ordered(record["steps"] for record in some)
    scores = [
        100 * r["score"] // r["max_score"]
        for r in some
        if r["score"] is not None and r["max_score"]
    ]
    verdicts = collections.Counter(record["verdict"] for record in some)
    return {
        "lab": name,
        "number": name[:2],
        "title": title(name),
        "columns": [
            (check_id, promise, course.hides(check_id)) for check_id, promise in columns.items()
        ],
        "rows": [row(record, columns) for record in some],
        "verdicts": [
            (word, count, 100 * count // len(some), "bar") for word, count in verdicts.most_common()
        ],
        "worst": worst(some),
        "bins": bins(scores),
        "scored": len(scores),
        "median": round(statistics.median(scores)) if scores else None,
    }


def ordered(all_steps) -> dict[str, str]:
    """id -> promise of every check of a lab, in the order of the record that has most of them."""
    lists = [
        [(c["id"], c["title"]) for step in steps for c in step["checks"]] for steps in all_steps
    ]
    return {
        check_id: title for some in sorted(lists, key=len, reverse=True) for check_id, title in some
    }


def row(record, columns) -> dict:
    outcomes = {check["id"]: check["outcome"] for check in checks(record)}
    cells = [CELLS.get(outcomes.get(check_id), ("n", " ")) for check_id in columns]
    return {"record": record, "cells": cells}


def worst(some) -> list[tuple]:
    """Bars of the checks that most fail, the worst first: (id, how many of how many, percent, class)."""
    failed, judged = collections.Counter(), collections.Counter()
    for check in (check for record in some for check in checks(record)):
        judged[check["id"]] += check["outcome"] in ("passed", "failed")
        failed[check["id"]] += check["outcome"] == "failed"
    return [
        (one, f"{many} of {judged[one]}", 100 * many // judged[one], "bar")
        for one, many in failed.most_common(WORST)
        if many
    ]


def bins(scores) -> list[dict]:
    """The histogram: ten bins of ten percent, and full marks."""
    counts = collections.Counter(min(score // 10, 10) for score in scores)
    most = max(counts.values(), default=1)
    names = [f"{10 * at}" for at in range(11)]
    heights = [round(100 * counts[at] / most) for at in range(11)]
    return [
        {"at": at, "from": names[at], "count": counts[at], "height": heights[at]}
        for at in range(11)
    ]


def machines(groups) -> list[tuple[str, int]]:
    """(level of isolation and machine, gradings made there), the most used first."""
    told = collections.Counter()
    for record in (record for some in groups for record in some):
        env = record["environment"]
        made = [record["isolation"]]
        if env.get("kernel"):
            made += [
                f"Linux {env['kernel']}, {env.get('machine', '')}, {env.get('cpus', '?')} CPUs",
                env.get("compiler", ""),
            ]
        if text := "; ".join(filter(None, made)):
            told[text] += 1
    return told.most_common()
