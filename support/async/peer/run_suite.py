#!/usr/bin/python3
"""Runs some of CPython's own test modules, with its selector or with asynclab.Selector in its place,
and writes what became of each test: `run_suite.py standard|asynclab OUT.json MODULE...`.

The modules are those of Debian's libpython3.11-testsuite; not one line of them is changed.
"""
import faulthandler
import json
import selectors
import sys
import unittest

STUCK = 240  # seconds without an end of the whole run: where every thread is goes to stderr


def use_our_selector():
    """The tests, and asyncio itself, find our selector wherever they look for that of epoll(7)."""
    import asynclab

    selectors.EpollSelector = selectors.DefaultSelector = asynclab.Selector


class Record(unittest.TextTestResult):
    """Keeps the outcome of each test by its name; of several outcomes (subtests) the worst."""

    def __init__(self, *args):
        super().__init__(*args)
        self.outcomes = {}

    def keep(self, test, outcome, why=""):
        name = (test.test_case if hasattr(test, "test_case") else test).id()
        if self.outcomes.get(name, ["passed"])[0] != "failed":
            self.outcomes[name] = [outcome, why]

    def addSuccess(self, test):
        super().addSuccess(test)
        self.outcomes.setdefault(test.id(), ["passed", ""])

    def addError(self, test, error):
        super().addError(test, error)
        self.keep(test, "failed", self._exc_info_to_string(error, test))

    addFailure = addError

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error:
            self.keep(test, "failed", self._exc_info_to_string(error, test))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.keep(test, "skipped", reason)

    def addExpectedFailure(self, test, error):
        super().addExpectedFailure(test, error)
        self.keep(test, "passed")

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.keep(test, "failed", "succeeded unexpectedly")


def main():
    which, out, *modules = sys.argv[1:]
    if which == "asynclab":
        use_our_selector()
    from test import support

    support.use_resources = []  # no test that wants the Internet, or much of the machine
    faulthandler.dump_traceback_later(STUCK, exit=True)
    suite = unittest.defaultTestLoader.loadTestsFromNames(modules)
    runner = unittest.TextTestRunner(resultclass=Record, verbosity=2)
    outcomes = runner.run(suite).outcomes
    with open(out, "w") as file:
        json.dump({"selector": selectors.DefaultSelector.__module__, "outcomes": outcomes}, file)


if __name__ == "__main__":
    main()
