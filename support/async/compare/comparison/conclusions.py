"""After the tables: what the numbers show, claim by claim, and what they do not show."""
from rich.markup import escape
from rich.table import Table

from .cells import CLIENTS, SIZED
from .claims import CANNOT_JUDGE, DOES_NOT_HOLD, HOLDS, Verdict, expected, measured
from .results import Results

STYLES = {HOLDS: "green", DOES_NOT_HOLD: "bold red", CANNOT_JUDGE: "yellow"}
SIGNS = {HOLDS: "✔", DOES_NOT_HOLD: "✘", CANNOT_JUDGE: "?"}


def show_conclusions(console, results: Results, verdicts: list[Verdict]):
    console.print(machine_line(results))
    console.print("\n[bold]What the numbers show[/]   [dim](median, then the least and the most that"
                  " the rounds allow)[/]")  # fmt: skip
    console.print(claims_table(verdicts))
    console.print(count_line(verdicts))
    console.print("\n[bold]What they do not show[/]")
    for text in limits(results):
        console.print(f"- {text}")


def claims_table(verdicts: list[Verdict]) -> Table:
    table = Table(box=None, expand=True, pad_edge=False, padding=(0, 1), header_style="dim")
    table.add_column("", no_wrap=True)
    table.add_column("claim", ratio=1)
    table.add_column("measured", justify="right", no_wrap=True)
    table.add_column("expected", no_wrap=True)
    for verdict in verdicts:
        style = STYLES[verdict.outcome]
        sign = f"[{style}]{SIGNS[verdict.outcome]}[/]"
        table.add_row(sign, sentence(verdict), measured(verdict), expected(verdict.claim))
    return table


def count_line(verdicts: list[Verdict]) -> str:
    counts = ((outcome, sum(v.outcome == outcome for v in verdicts)) for outcome in STYLES)
    return "   ".join(
        f"[{STYLES[outcome]}]{SIGNS[outcome]} {outcome}: {count}[/]" for outcome, count in counts
    )


def sentence(verdict: Verdict) -> str:
    """The claim; below it what was divided by what; and what became of it, unless it holds."""
    text = f"{escape(verdict.claim.text)}\n  [dim]{escape(verdict.claim.ratio_of)}[/]"
    if verdict.outcome == HOLDS:
        return text
    reason = f": {escape(verdict.reason)}" if verdict.reason else ""
    return f"{text}\n  [{STYLES[verdict.outcome]}]{verdict.outcome}{reason}[/]"


def machine_line(results: Results) -> str:
    m = results.machine
    return (
        f"[dim]{m['cpus']} CPUs, {escape(m['processor'])}, {m['kernel']}, Python {m['python']}"
        f"{'' if m['gil'] else ' without GIL'}, {escape(m['compiler'])}, {m['date']};"
        f" {m.get('seconds', 0):.0f} s[/]"
    )


def limits(results: Results) -> list[str]:
    machine, most = results.machine, max(CLIENTS)
    others = machine.get("others_cpus", 0.0)
    return [
        (
            f"Larger machines: here {machine['cpus']} CPU(s) run servers and clients alike. With"
            " more, what is parallel pulls further ahead, and what is serial stays where it is."
        ),
        (
            "Throughput of small messages: every request here computes or waits for a long time."
            " The cost of a connection, of a system call or of a switch hardly counts; lab 08"
            " counts those."
        ),
        (
            f"Many connections: {most} are few. Which model carries 10,000 is another experiment,"
            " and memory here is PSS, without the kernel's part (sockets, stacks, page tables)."
        ),
        (
            "Networks: everything is on 127.0.0.1, all clients begin at once, and each asks once. A"
            " fixed crowd shows no queue that grows."
        ),
        (
            f"Small differences: other programs used {others:.2f} CPUs"
            f" meanwhile{uneven_cpu(results)}. What lies within the spread, or rests on one round"
            " (*), is noise until shown otherwise."
        ),
    ]


def uneven_cpu(results: Results) -> str:
    """How much CPU time the same computation needed, from the fastest run to the slowest."""
    whose = [c for c in results.runs if c.configuration.language == "cpp" and c.workload == SIZED]
    runs = [r["cpu"] / 8 for cell in whose if cell.clients == 8 for r in results.runs[cell]]
    if not runs:
        return ""
    return f", and the same C++ request needed {min(runs):.2f} to {max(runs):.2f} s of CPU time"
