"""Runs the checks of a lab: those that do not disturb each other at the same time, none before the
check that it builds on, and each one's outcome is known and written as soon as it is there.

(pytest runs one test at a time in one process; this schedule is graphlib's and concurrent.futures'.)
"""
import concurrent.futures
import contextlib
import graphlib
import os
import pathlib
import random
import shlex
import time

from . import build, labs, limits, machine, unwritten, verdict, whitebox
from .box import OPEN, BoxError
from .check import Bench, Check, checks_of
from .commands import Commands, OnDemand, Suites, uncompiled
from .failure import CannotJudge, Failed
from .labs import Lab, UsageError
from .printable import printable
from .result import CANNOT_JUDGE, NOT_RUN, PASSED, Outcome, Result
from .workshop import Workshop

AT_ONCE = 16  # checks mostly wait: more than there are CPUs


class Grading:
    """One grading of one lab. `execs`: program -> command line of a program of any language."""

    def __init__(
        self,
        lab: Lab,
        tree="labs",
        execs=None,
        only=(),
        seed="",
        on_change=lambda result: None,
        flavours=build.FLAVOURS,
        ahead=(),
        policy=OPEN,
    ):
        if policy.closed and execs:
            raise UsageError("programs of --exec are one's own: they run in the open box only")
        self.policy, self.workshop = policy, None
        self.flavours = (
            flavours  # compiled in advance; others, or all if empty, when a check asks for them
        )
        self.lab, self.tree, self.execs, self.on_change = lab, tree, execs or {}, on_change
        self.seed = seed or f"{random.randrange(10**6):06}"
        self.place = None if self.execs else labs.source_directory(lab, tree)
        self.checks = self.select(only)
        self.result = Result(
            lab, {c.id: Outcome(c) for c in self.checks}, tree=self.named_tree(), seed=self.seed
        )
        self.built, self.on_demand = build.Built(), OnDemand(self.build)
        self.ahead = ahead  # (program, flavour): compiled while the first checks run

    def named_tree(self):
        return printable(" ".join(self.execs.values()) if self.execs else str(self.tree))

    def select(self, only) -> list[Check]:
        every = checks_of(self.lab.number) + whitebox.checks(self.lab)
        if self.execs:
            every = [c for c in every if c.program in self.execs and not c.own]
        order = [step.id for step in self.lab.steps]
        every.sort(key=lambda c: order.index(c.step))
        if not only:
            return every
        chosen = [
            c
            for c in every
            if any(c.id == o or c.id.split("/")[1] == o or c.step == o for o in only)
        ]
        if not chosen:
            raise UsageError(
                f"lab {self.lab.number} has no check `{', '.join(only)}`; it has\n  "
                + "\n  ".join(c.id for c in every)
            )
        return chosen

    # -- running ---------------------------------------------------------------------------------
    def run(self) -> Result:
        with contextlib.ExitStack() as stack:
            if self.policy.closed:
                self.result.box = self.policy.level.title
                self.workshop = stack.enter_context(Workshop(self.lab, self.place, self.policy))
            return self._run()

    def _run(self) -> Result:
        began = time.monotonic()
        machine.raise_descriptor_limit()
        if reason := self.preflight():
            for outcome in self.result.outcomes.values():
                outcome.tell(CANNOT_JUDGE, verdict.SKIPPED, reason)
        else:
            if self.flavours and not self.execs:
                extra = {(c.program, f) for c in self.checks for f in c.builds}
                self.built = self.build({c.program for c in self.checks}, self.flavours, extra)
            self._run_all(began)
        self.result.seconds, self.result.finished = time.monotonic() - began, True
        self.on_change(self.result)
        return self.result

    def build(self, programs, flavours, extra=frozenset()) -> build.Built:
        if self.workshop:
            return self.workshop.build(programs, flavours, extra)
        return build.build(self.lab, self.place, programs, flavours, extra)

    def preflight(self) -> str:
        """Why this lab cannot be judged on this machine at all; empty when it can."""
        if self.lab.extension and not self.execs:
            return machine.extensions()
        if not self.lab.liburing:
            return ""
        if not self.execs and machine.liburing() < self.lab.liburing:
            needs, has = (
                ".".join(map(str, version)) for version in (self.lab.liburing, machine.liburing())
            )
            return f"liburing {needs} or later is needed to compile this lab; found {has}"
        return machine.io_uring()

    def _run_all(self, began):
        graph = {
            c.id: [n for n in c.needs if n in self.result.outcomes]
            for c in self.checks
            if not c.alone
        }
        order, rank = graphlib.TopologicalSorter(graph), ranks(graph)
        order.prepare()
        pool, running = concurrent.futures.ThreadPoolExecutor(AT_ONCE), {}
        for program, flavour in self.ahead:
            pool.submit(self.on_demand.built, program, flavour)
        try:
            while order.is_active():
                for name in sorted(order.get_ready(), key=rank.get, reverse=True):
                    outcome = self.result.outcomes[name]
                    outcome.ready = time.monotonic() - began
                    running[pool.submit(self._run_one, outcome, began)] = name
                done, _ = concurrent.futures.wait(
                    running, return_when=concurrent.futures.FIRST_COMPLETED
                )
                for future in done:
                    order.done(running.pop(future))
                self._changed(began)
        finally:
            pool.shutdown(
                wait=False, cancel_futures=True
            )  # after Ctrl-C there is nothing to wait for
        for c in self.checks:
            if c.alone:
                self.result.outcomes[c.id].ready = time.monotonic() - began
                self._run_one(self.result.outcomes[c.id], began)
                self._changed(began)

    def _changed(self, began):
        self.result.seconds = time.monotonic() - began
        self.on_change(self.result)

    def _run_one(self, outcome: Outcome, began_all):
        check, began = outcome.check, time.monotonic()
        outcome.began = began - began_all
        outcome.replay = printable(self.replay(check))
        try:
            if not self._held_up(outcome):
                bench = self.bench(check)
                check.run(bench)
                if (
                    check.step in bench.mentioned
                ):  # right so far, on the older path of async::written
                    raise Failed("", "", todos=[check.step])
                outcome.tell(PASSED, verdict.OK)
        except Failed as failed:
            unwritten.settle(outcome, failed, self.lab, self.place)
        except CannotJudge as reason:
            outcome.tell(CANNOT_JUDGE, reason.verdict, str(reason))
        except (BoxError, OSError) as error:
            saw = f"the machine stood in the way: {error}"
            outcome.tell(CANNOT_JUDGE, verdict.HARNESS_ERROR, saw)
        except Exception as error:  # the grader's own fault must never cost a student points
            saw = f"the grader itself stumbled, please report it: {type(error).__name__}: {error}"
            outcome.tell(CANNOT_JUDGE, verdict.HARNESS_ERROR, saw)
            if os.environ.get("ASYNCLAB_DEBUG"):
                raise
        outcome.seconds = time.monotonic() - began

    def _held_up(self, outcome) -> bool:
        """True, with the reason, when this check cannot be run before something else is right."""
        if errors := self.built.errors.get(outcome.check.program):
            said = uncompiled(self.built, outcome.check.program, errors)
            unwritten.settle(outcome, said, self.lab, self.place)
            return True
        for name in outcome.check.needs:
            before = self.result.outcomes.get(name)
            if before and before.outcome != PASSED:
                outcome.todo = before.todo
                if before.outcome == NOT_RUN:  # the same cause
                    outcome.tell(NOT_RUN, "", before.saw)
                elif before.outcome == CANNOT_JUDGE:  # the same cause, and the same cure
                    outcome.tell(CANNOT_JUDGE, before.verdict, before.saw)
                elif before.todo:
                    outcome.tell(
                        NOT_RUN, "", f"not run, because {before.todo} is still to be written"
                    )
                else:
                    outcome.tell(NOT_RUN, "", f"not run, because {name} failed")
                return True
        return False

    # -- what a check gets -----------------------------------------------------------------------
    def bench(self, check: Check) -> Bench:
        used = self.result.outcomes[check.id].used
        if check.program in self.execs:
            command = shlex.split(self.execs[check.program])
            commands, cwd = {"release": command, "sanitized": command}, pathlib.Path.cwd()
        else:
            commands = Commands(self, check.program, used)
            cwd = "/" if self.policy.closed else machine.KIT
        return Bench(
            check,
            commands,
            cwd,
            f"{self.seed}/{check.id}",
            self.result.measurements,
            whitebox=Suites(self, used),
            uses_io_uring=bool(self.lab.liburing),
            policy=self.policy,
            limits=limits.RUN.but(processes=self.lab.processes, io_uring=self.lab.io_uring),
            files=self.built.files,
        )

    def replay(self, check: Check) -> str:
        judged = f"--from {shlex.quote(str(self.tree))} " if self.tree != "labs" else ""
        if self.execs:
            judged = f"--exec {shlex.quote(check.program + '=' + self.execs[check.program])} "
        return f"grader/lab grade {self.lab.number} {judged}--check {check.id} --seed {self.seed}"


def ranks(graph) -> dict[str, int]:
    """How long a chain of checks stands on each: with the longest begins who wants to end soon."""
    found = {}
    for name in reversed([*graphlib.TopologicalSorter(graph).static_order()]):
        found.setdefault(name, 0)
        for before in graph[name]:
            found[before] = max(found.get(before, 0), found[name] + 1)
    return found
