"""What a program has done so far, thread by thread: has it run, does it wait, for a CPU or the disk?"""
from . import blocked, proc


class Activity:
    """What the threads of some processes have done so far: cheap enough to look at all the time.
    `without`: (process, thread) of those that somebody holds."""

    def __init__(self, pids, without=()):
        self.slices, self.waits, self.awake, nanoseconds = {}, set(), False, 0
        self.queued = {}  # nanoseconds that each thread was runnable and had no CPU
        self.on_disk = False  # a thread waits for the disk: a page of the program, or a file's
        for pid in pids:
            for task in proc.tasks(pid):
                if (pid, task) in without:
                    continue
                fields = proc.read(f"/proc/{pid}/task/{task}/schedstat").split() or ("0", "0", "0")
                self.slices[task], self.queued[task] = int(fields[2]), int(fields[1])
                nanoseconds += int(fields[0])
                stat = proc.stat(pid, task)
                state, call = stat.state if stat else "", blocked.where(pid, task)[0]
                self.awake |= state in ("R", "D", "T", "t")
                self.on_disk |= state == "D" and call not in blocked.MAKES_A_PROCESS
                if call == "futex":
                    self.waits.add(task)
        self.ran = nanoseconds / 1e9  # seconds on a CPU

    def starved_since(self, before: "Activity") -> float:
        """Seconds for which the thread that fared worst has waited for a CPU."""
        waits = [self.queued[task] - before.queued.get(task, 0) for task in self.queued]
        return max(waits, default=0) / 1e9

    def quiet_since(self, before: "Activity") -> bool:
        """True if nobody ran meanwhile, but for a runtime's housekeeping (a JVM's timer thread)."""
        return (
            not self.awake
            and self.slices.keys() == before.slices.keys()
            and all(
                count == before.slices[task]
                or (task in self.waits and count - before.slices[task] <= 3)
                for task, count in self.slices.items()
            )
        )
