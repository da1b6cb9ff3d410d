"""What the instructor sees while a batch runs: done, failed, stuck, time left, submissions a minute.

On a terminal a live picture; elsewhere (a log, a pipe) one line every now and then."""
import statistics
import threading
import time

from autograder.verdict import NOT_JUDGED
from rich.live import Live
from rich.markup import escape
from rich.table import Table


STUCK = 5  # times the median of those that are done
EVERY = 30.0  # seconds between two lines where there is no terminal
SHOWN = 12  # submissions under way that are shown


class Progress:
    """Context manager. `console`: rich's. All methods may be called from any thread."""

    def __init__(self, console, total: int):
        self.console, self.total = console, total
        self.began = self._told = time.monotonic()
        self._lock = threading.RLock()
        self._under_way, self._took, self.verdicts, self.done = {}, [], {}, 0
        self._live = None

    def __enter__(self):
        if self.console.is_terminal:
            self._live = Live(
                get_renderable=self._picture,
                console=self.console,
                refresh_per_second=2,
                transient=True,
            )
            self._live.start()
        return self

    def __exit__(self, *_):
        if self._live:
            self._live.stop()

    def heard(self, job: dict, doing: str):
        """A job began or says what it does."""
        with self._lock:
            key = (job["student"], job["lab"])
            began, _ = self._under_way.pop(key, (time.monotonic(), ""))
            if doing == "ends":
                self._took.append(time.monotonic() - began)
            else:
                self._under_way[key] = (began, doing)
        self._line()

    def begin(self):
        """What came before, the preflight, is no part of the pace."""
        self.began, self._took = time.monotonic(), []

    def over(self, job: dict, told: dict, copies: int = 0):
        """A job has its record; `copies`: others who handed in the same."""
        with self._lock:
            self.done += 1 + copies
            verdict = told["verdict"]
            self.verdicts[verdict] = self.verdicts.get(verdict, 0) + 1 + copies
        self._line()

    # -- figures -----------------------------------------------------------------------------------
    def per_minute(self) -> float:
        return 60 * self.done / max(time.monotonic() - self.began, 1e-9)

    def left(self) -> str:
        """Minutes and seconds to go, at the pace so far."""
        if not self.done:
            return "?"
        seconds = (self.total - self.done) * (time.monotonic() - self.began) / self.done
        return f"{int(seconds) // 60}:{int(seconds) % 60:02} min"

    def stuck(self) -> list[tuple[str, str, float, str]]:
        """(student, lab, seconds, what it does) of each that takes far longer than the others."""
        limit = STUCK * statistics.median(self._took) if self._took else float("inf")
        return [one for one in self._rows() if one[2] > limit]

    def _rows(self):
        with self._lock:
            now, items = time.monotonic(), list(self._under_way.items())
        return [(*key, now - began, doing) for key, (began, doing) in items]

    def summary(self) -> str:
        with self._lock:
            judged = {v: n for v, n in self.verdicts.items() if v not in NOT_JUDGED}
            ok, stuck = judged.get("OK", 0), self.stuck()
            return (
                f"{self.done} of {self.total} done: {ok} OK, {sum(judged.values()) - ok} with"
                f" faults, {self.done - sum(judged.values())} not judged, {len(stuck)} stuck;"
                f" {self.left()} left, {self.per_minute():.1f} a minute"
            )

    # -- shown -------------------------------------------------------------------------------------
    def _picture(self):
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
        stuck = self.stuck()
        for row in sorted(self._rows(), key=lambda row: -row[2])[:SHOWN]:
            student, lab, seconds, doing = row
            mark = "[yellow]stuck?[/]" if row in stuck or (student, lab) in keys(stuck) else ""
            table.add_row(escape(student), lab[:2], f"{seconds:.0f} s", mark, escape(doing[:60]))
        whole = Table.grid()
        whole.add_row(self.summary())
        whole.add_row(table)
        return whole

    def _line(self):
        """Where there is no terminal: a line, if the last one is some time ago or all is done."""
        with self._lock:
            now = time.monotonic()
            if self._live or (now - self._told < EVERY and self.done < self.total):
                return
            self._told = now
            self.console.print(self.summary(), highlight=False, soft_wrap=True)
            for student, lab, seconds, doing in self.stuck():
                self.console.print(
                    f"  stuck? {escape(student)} lab {lab[:2]}: {seconds:.0f} s, {escape(doing)}",
                    soft_wrap=True,
                )


def keys(rows):
    return {(student, lab) for student, lab, *_ in rows}
