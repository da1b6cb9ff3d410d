"""Where it is measured: a network of its own, one CPU for server and load, everybody's limits raised.

A fresh network namespace for each point: no connection of an earlier one lingers in TIME_WAIT, no
port is taken, and it goes with the last process in it. There the kernel uses reno, because BBR paces
on loopback too and would change the order. Server and load share one CPU under SCHED_BATCH: neither
interrupts the other, so the CPU that a message costs repeats within a few per cent; and with priority
over other programs, where root may. The bench itself stays on the other CPUs. On two CPUs (`two_cpus`) a wake-up crosses from one to the other, which in a
virtual machine costs more than the servers differ. sched(7), network_namespaces(7), tcp(7)
"""
import contextlib
import os
import resource

from autograder.port import Port
from autograder.warden import enter_network

PORT = 8000  # below the local ports that clients get
MOST_DESCRIPTORS = 65536
NICE = -10  # setpriority(2)
SPARE = 200  # descriptors for all that is no connection
NETWORK = {
    "net/ipv4/ip_local_port_range": "10000 65535",
    "net/core/somaxconn": "65535",
    "net/ipv4/tcp_max_syn_backlog": "65535",
    "net/ipv4/tcp_tw_reuse": "1",
}


class Arena:
    """`network`: whether there are namespaces; `why`: the reason if there are none."""

    def __init__(self, two_cpus=False, namespaces=True):
        cpus = sorted(os.sched_getaffinity(0))
        self.two_cpus = two_cpus and len(cpus) > 1
        self.server_cpu, self.load_cpu = cpus[-1], cpus[0] if self.two_cpus else cpus[-1]
        self.descriptors = raise_descriptors()
        self.network, self.why = namespaces, "" if namespaces else "none was asked for"
        self._claim = None
        self.fresh()  # through a user namespace it must come before any thread
        if len(cpus) > 1 and not self.two_cpus:
            os.sched_setaffinity(0, set(cpus) - {self.server_cpu})
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, 0, NICE)  # its children inherit it

    def fresh(self) -> int:
        """Moves this process to a new network, if it may; returns the port to listen on."""
        if self.network:
            try:
                enter_network(())
            except OSError as error:
                self.network, self.why = False, str(error)
        if not self.network:
            return self._free_port()
        for name, value in NETWORK.items():
            with contextlib.suppress(OSError):  # an older kernel has not all of them by namespace
                with open(f"/proc/sys/{name}", "w") as file:
                    file.write(value)
        return PORT

    def _free_port(self) -> int:
        if self._claim:
            self._claim.release()
        self._claim = Port(Open)
        return self._claim.number

    def settle(self, cpu: int):
        """In a child, before its program."""
        os.sched_setaffinity(0, {cpu})
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))

    def refuses(self, connections: int) -> str:
        """Why so many connections are not possible here; empty if they are."""
        if connections + SPARE <= self.descriptors:
            return ""
        return (
            f"{connections:,} connections need as many descriptors; ulimit -Hn is"
            f" {self.descriptors:,}"
        )

    @property
    def told(self) -> str:
        where = (
            "Own network namespace (reno)"
            if self.network
            else f"In the open, among other programs ({self.why})"
        )
        cpus = "a CPU each" if self.two_cpus else "on one CPU"
        return f"{where}, server and load {cpus} (SCHED_BATCH)"


class Open:
    """The level of a box without a network of its own, for Port."""

    network = False


def raise_descriptors() -> int:
    """To MOST_DESCRIPTORS where root may, else to the hard limit; returns what it is now."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    for most in (max(hard, MOST_DESCRIPTORS), hard):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
            return most
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
