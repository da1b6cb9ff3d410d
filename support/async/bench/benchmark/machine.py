"""On what it was measured: for a reader far away, so without names or paths of this machine."""
import datetime
import os
import platform

from comparison.machine import printed, processor

from . import cpu


def describe(arena) -> dict:
    made = cpu.meter()
    made.remove()
    return {
        "processor": processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / (1 << 30)),
        "kernel": platform.release().split("-")[0],
        "architecture": platform.machine(),
        "compiler": printed(["g++", "--version"]),
        "descriptors": arena.descriptors,
        "arena": arena.told,
        "cpu_time": made.told,
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"),
        "load_before": round(os.getloadavg()[0], 2),
    }


def caption(machine: dict) -> str:
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB,"
        f" Linux {machine['kernel']} {machine['architecture']};"
        f" {machine['descriptors']:,} descriptors a process; {machine['date']}.\n"
        f"{machine['arena']}. CPU time from {machine['cpu_time']}."
    )
