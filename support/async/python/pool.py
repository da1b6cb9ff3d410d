"""Computation away from the event loop: a pool of processes, for the asynchronous servers.

Why processes: under the GIL (Global Interpreter Lock) threads compute one at a time, and would slow
down the loop's own thread too. In a free-threaded build, where sys._is_gil_enabled() exists (3.13
and later) and returns False, a ThreadPoolExecutor would do. This module keeps to Python 3.6.
"""
import concurrent.futures
import ctypes
import logging
import multiprocessing
import os
import signal
import threading
from concurrent.futures.process import BrokenProcessPool

import service

AT_ONCE = 16  # accepts in one round of the loop: asyncio calls that the backlog, too
PR_SET_PDEATHSIG = 1  # linux/prctl.h


class Workers:
    """As many worker processes as CPUs. The first ones start when there is something to compute.

    They are spawned, not forked: a forked worker would keep a copy of the listener and of every
    connection that is open when it starts, and a client whose connection has a copy sees no end.
    """

    def __init__(self, limit):
        multiprocessing.set_start_method("spawn")
        self.limit = limit
        self.executor = None  # until there is something to compute

    def compute(self, loop, request):
        """Returns a future of the event loop: the reply to a request."""
        try:
            return self.submit(loop, request)
        except BrokenProcessPool:  # somebody killed a worker: such a pool is of no use any more
            self.executor = None
            return self.submit(loop, request)

    def submit(self, loop, request):
        if self.executor is None:
            self.executor = concurrent.futures.ProcessPoolExecutor(os.cpu_count())
        # A new worker inherits what is blocked here: Ctrl-C reaches the whole group of processes, but
        # the server decides what ends when.
        signal.pthread_sigmask(signal.SIG_BLOCK, service.STOP_SIGNALS)
        try:
            return loop.run_in_executor(self.executor, service.safe_reply, request, self.limit)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, service.STOP_SIGNALS)

    def end(self):
        """Ends the workers, also in the middle of a computation."""
        if self.executor is not None:
            self.executor.shutdown(wait=False)  # first: a worker may die with a lock in its hands
        for worker in multiprocessing.active_children():
            os.kill(worker.pid, signal.SIGKILL)
        for thread in threading.enumerate():  # the executor's: while it closes its pipe, the end of
            if thread is not threading.current_thread():  # the interpreter would write to that
                thread.join(service.GRACE)


def die_with_parent():
    """For a worker that starts: else it would outlive a server that was killed. source: prctl(2)"""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def complain(loop, context):
    """The exception handler of the loop. What comes here concerns one client, or is an accept()
    without descriptors, which asyncio repeats after a second."""
    logging.debug("%s", context["message"])
