"""On what was it measured? Kernel, CPUs, versions, and how busy others kept the machine."""
import datetime
import os
import platform
import resource
import subprocess
import time

GIL = "import sys; print(getattr(sys, '_is_gil_enabled', lambda: True)())"


def describe(python: str) -> dict:
    return {
        "kernel": f"{platform.system()} {platform.release()}",
        "architecture": platform.machine(),
        "processor": processor(),
        "cpus": len(os.sched_getaffinity(0)),
        "python": printed([python, "-c", "import platform; print(platform.python_version())"]),
        "gil": printed([python, "-c", GIL]) != "False",
        "compiler": printed(["g++", "--version"]),
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "load_before": round(os.getloadavg()[0], 2),
    }


def printed(command: list[str]) -> str:
    """The first line that a command prints; empty if there is no such command."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return (done.stdout.splitlines() or [""])[0]


def processor() -> str:
    with open("/proc/cpuinfo") as lines:
        for line in lines:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


class OthersLoad:
    """How many CPUs programs other than this one and its servers used, since it was made."""

    def __init__(self):
        self.begin, self.busy, self.own = time.monotonic(), busy_seconds(), own_seconds()

    def cpus(self) -> float:
        others = busy_seconds() - self.busy - (own_seconds() - self.own)
        return max(0.0, others / (time.monotonic() - self.begin))


def busy_seconds() -> float:
    """All CPUs together. proc(5), /proc/stat: user nice system idle iowait irq softirq steal"""
    with open("/proc/stat") as lines:
        user, nice, system, _, _, irq, softirq, steal = map(int, lines.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def own_seconds() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
