"""What a student asks between gradings: where do I stand, what next, start this lab anew."""
import json
import shutil
import sys
import time

from rich.markup import escape
from rich.table import Table

from . import labs
from .cli import RESULTS
from .labs import UsageError
from .machine import KIT
from .report_terminal import console


def stored(lab, tree="labs") -> dict | None:
    """The last result of a lab, None before the first grading."""
    path = RESULTS / tree / f"{lab.name}.json"
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None


def show():
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("lab", "", "points", "next"):
        table.add_column(column)
    for lab in labs.all_labs():
        result = stored(lab)
        points = "{:>3} of {}".format(*judged(result)) if result else "not graded yet"
        table.add_row(lab.number, lab.title, points, following(lab, result))
    console.print(table)
    card()


def judged(result) -> tuple[int, int]:
    """The points of what could be judged here: a result as a whole has none if something could not."""
    return tuple(sum(step[key] for step in result["steps"]) for key in ("score", "max_score"))


def following(lab, result) -> str:
    if unwritten := first_unwritten(lab, lab.home):
        return f"TODO({unwritten.step})  {unwritten.file}:{unwritten.line}"
    failed = [
        check["id"]
        for step in (result or {}).get("steps", ())
        for check in step["checks"]
        if check["outcome"] == "failed"
    ]
    return failed[0] if failed else ("done" if result else f"make grade LAB={lab.number}")


def first_unwritten(lab, place):
    """The first marker whose stub is still there."""
    return next((marker for marker in labs.markers(lab, place) if marker.open), None)


def card():
    """The before/after card: what an idle server demands of the CPU, lab by lab, as measured
    here."""
    rows = []
    for lab in labs.all_labs():
        for tree in ("labs", "solutions"):
            demand = (stored(lab, tree) or {}).get("measurements", {}).get("idle_demand")
            if demand is not None:
                rows.append((lab, demand, "yours" if tree == "labs" else "reference"))
                break
    if rows:
        console.print(
            "\n[bold]What an idle server costs[/]  [dim]CPUs in demand while its clients are"
            " silent[/]"
        )
    for lab, demand, whose in rows:
        bar = "█" * round(40 * min(demand, 1)) or "▏"
        console.print(f"  {lab.name:<18} {demand:5.2f} {bar}  [dim]{whose}[/]")


def hint(chosen, tree):
    """Shows the first step still to be written; after that, the first failure of the last
    grading."""
    for lab in chosen:
        place = labs.source_directory(lab, tree)
        if marker := first_unwritten(lab, place):
            console.print(
                f"[bold]TODO({marker.step})[/] {escape(marker.goal)}  "
                f" [dim]{labs.shown(place / marker.file)}:{marker.line}[/]"
            )
            for line in marker.hint:
                console.print(f"  {escape(line)}")
            return
        for step in (stored(lab) or {}).get("steps", ()):
            for check in step["checks"]:
                if check["outcome"] == "failed":
                    console.print(f"[bold]{check['id']}[/]: {escape(check['title'])}")
                    for name in ("saw", "means", "read"):
                        console.print(f"  [cyan]{name:<6}[/] {escape(check[name])}")
                    return
    console.print(
        "nothing is left to write: `make"
        f" grade{f' LAB={chosen[0].number}' if len(chosen) == 1 else ''}` says whether it is right"
    )


def untouched(lab, name) -> str:
    """A file as it was at the start: students are given copies, the repository generates it."""
    kept = KIT / "grader/skeletons" / lab.name / name
    if kept.is_file():
        return kept.read_text()
    solution = KIT / "solutions" / lab.name / name
    if not solution.is_file():
        raise UsageError(f"this copy of the kit has nothing to make labs/{lab.name}/{name} from")
    sys.path.insert(0, str(KIT / "grader"))
    from skeleton import skeleton

    return skeleton(solution.read_text())


def reset(lab):
    """Writes the skeleton anew; the files as they are now go to build/saved/ first."""
    texts = {name: untouched(lab, name) for name in lab.files}
    saved = KIT / "build/saved" / f"{lab.name}-{time.strftime('%Y%m%d-%H%M%S')}"
    saved.mkdir(parents=True, exist_ok=True)
    for name in lab.files:
        if (lab.home / name).exists():
            shutil.copy2(lab.home / name, saved)
        (lab.home / name).write_text(texts[name])
    console.print(
        f"lab {lab.number} is as it was at the start; your files are in {saved.relative_to(KIT)}"
    )
