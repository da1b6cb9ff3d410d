#!/usr/bin/python3
"""Stands in for grader/lab-job where a test is about the batch: the keeper is the real one, the
grading says what a line `fake: WORD` of the submission asks for."""
import base64
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from autograder.result import CANNOT_JUDGE
from classroom import job as jobs
from classroom import keeper, record

LOG = pathlib.Path(os.environ["ASYNCLAB_FAKE_LOG"])  # a line for each grading: the student
SHORT = 1.5  # seconds: the deadline of those that never end


def word_of(job) -> str:
    source = b"".join(base64.b64decode(data) for data in job["files"].values()).decode()
    found = re.search(r"fake: (\w+)", source)
    if job["student"] == "(reference)":
        return os.environ.get("ASYNCLAB_FAKE_REFERENCE", "good")
    return found[1] if found else "good"


def run(job, work, slot, tell):
    times = LOG.read_text().split().count(job["student"]) if LOG.exists() else 0
    with LOG.open("a") as log:
        log.write(job["student"] + "\n")
    act(word_of(job), times)
    (work / "left").write_text("something")
    tell(doing="faking")
    told = record.blank(job["lab"], job["seed"])
    for check in record.checks(told):
        judge(check, word_of(job), times)
    told["score"] = sum(check["score"] for check in record.checks(told))
    verdict = {"zero": "WRONG", "bad": "WRONG"}.get(word_of(job), "OK")
    if any(check["outcome"] == CANNOT_JUDGE for check in record.checks(told)):
        verdict = "INCONCLUSIVE"
    return {**record.judged(told, verdict, "faked"), "isolation": "fake", "attempts": []}


def act(word, times):
    if word == "crash" or (word == "crashes_once" and times == 0):
        os.kill(os.getpid(), signal.SIGSEGV)
    if word == "stumble":
        raise RuntimeError("on purpose")
    if word == "loses_its_keeper" and times == 0:
        os.kill(os.getppid(), signal.SIGKILL)
    if word == "loop":
        subprocess.Popen(["sleep", "1000"])
    if word in ("hang", "loop", "loses_its_keeper") and not (times and word == "loses_its_keeper"):
        time.sleep(1000)
    while word == "slow" and not os.path.exists(os.environ.get("ASYNCLAB_FAKE_GATE", "/")):
        time.sleep(0.02)


def judge(check, word, times):
    check["outcome"], check["verdict"], check["score"] = "passed", "OK", check["max_score"]
    if word in ("zero", "bad"):
        check["outcome"], check["verdict"], check["score"] = "failed", "WRONG", 0
        check["saw"] = "all of it is wrong"
    if word == "unclear" or (word == "unclear_once" and times == 0):
        check["outcome"], check["verdict"], check["score"] = CANNOT_JUDGE, "INCONCLUSIVE", 0
        check["saw"] = "no clear reading"


really = keeper.keep


def keep(told, slot, deadline, tell):
    return really(told, slot, SHORT if word_of(told) in ("hang", "loop") else deadline, tell)


jobs.run, keeper.keep = run, keep
keeper.main()
