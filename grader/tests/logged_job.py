#!/usr/bin/python3
"""grader/lab-job, which first says in a file whom it grades: real gradings that a test can follow."""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from classroom import job as jobs
from classroom import keeper

LOG = pathlib.Path(os.environ["ASYNCLAB_FAKE_LOG"])
really = jobs.run


def run(job, *rest):
    with LOG.open("a") as log:
        log.write(job["student"] + "\n")
    return really(job, *rest)


jobs.run = run
keeper.main()
