"""Says what a failure means: recognises the common mistakes from what the kernel and the program
show."""
import re

from . import proc, sanitizer, tcp, verdict
from .failure import Failed
from .last_words import LAST_WORDS, NEGATIVE_ERRNO, WHILE_ALIVE, recognise

TODO = re.compile(r"TODO\((\d\d\.\d)\)")


def failure(server, saw, means, read, said=verdict.WRONG) -> Failed:
    """A Failed with transcript, place and, where the evidence allows it, a better reason. `said`: the
    check's own word, for a program that goes on."""
    server.box.wait_for_exit(0.3)  # a dying program may still have its last words to say
    words = str(server.box.stderr) if not server.box.stderr.join(0.1) else ""
    failed = Failed(saw, means, read, list(server.transcript), [])
    failed.todos = TODO.findall(words)
    failed.verdict = evidence(server, words) or said
    if server.flooded():
        failed.means = "it floods its output; print nothing for each event"
    elif report := sanitizer.SANITIZER.search(words):
        failed.means, failed.read = sanitizer.sanitized(report, words)
    elif server.box.exited() and (server.serves or server.box.exit_status() != 0):
        ended(server, failed, words)
    else:
        failed.where = server.where()
        stopped_or_unread(server, failed)
        recognise(failed, words, WHILE_ALIVE)
    failed.words = said_at_last(words)
    return used_too_much(server.box, failed)


def said_at_last(words) -> list[str]:
    """Six lines: of a sanitizer's report the first, which say what and where; else the last."""
    if report := sanitizer.SANITIZER.search(words):
        start = words.rfind("\n", 0, report.start()) + 1
        return [line for line in words[start:].splitlines() if line.strip()][:6]
    return words.strip().splitlines()[-6:]


def used_too_much(box, failed) -> Failed:
    """In a closed box: what the program was ended for, if for that, explains everything."""
    if word := verdict.of_end(box):
        allowed = {
            "memory": f"{box.limits.memory >> 20:,} MiB of memory",
            "output": f"{box.limits.output >> 20:,} MiB of output",
            "processes": f"{box.limits.processes:,} processes and threads",
        }[box.ended_by]
        failed.verdict = word
        failed.means = f"the program was ended: it used more than {allowed}"
        failed.read = ""
    elif at_its_limit(box):
        failed.means = (
            f"the program has {tasks_in(box)} processes and threads: no more are allowed here"
        )
        failed.read = ""
    return failed


def tasks_in(box) -> int:
    return sum(len(proc.tasks(pid)) for pid in box.processes())


def at_its_limit(box) -> bool:
    """Has it as many processes and threads as a closed box allows, but for those of the box itself?"""
    return box.level.closed and tasks_in(box) >= box.limits.processes - 3


def evidence(server, words) -> str:
    """The word for what ended the program, or holds it; empty while it goes on, and when it ended as
    it was asked to."""
    if limit := verdict.of_end(server.box):
        return limit
    if server.flooded():
        return verdict.OUTPUT_LIMIT
    if at_its_limit(server.box):
        return verdict.EXTRA_PROCESSES
    if report := sanitizer.SANITIZER.search(words):
        return sanitizer.of_report(report)
    if ended_unasked(server):
        return verdict.CRASH if "signal" in server.ending() else verdict.EXITED
    return verdict.STOPPED if stopped_itself(server) else ""


def asked_to_end(server) -> bool:
    return not server.serves or "receives SIGTERM" in "\n".join(server.transcript)


def ended_unasked(server) -> bool:
    if not server.box.exited():
        return False
    if server.ending() == "signal SIGKILL" and "is killed" in "\n".join(server.transcript):
        return False  # by the check itself
    return not asked_to_end(server) or server.box.exit_status() != 0


def stopped_itself(server) -> bool:
    """Has a process been stopped, and not by the check?"""
    signals = re.findall(r"receives (SIGSTOP|SIGCONT)", "\n".join(server.transcript))
    states = {s.state for pid in server.processes() if (s := proc.stat(pid))}
    return "T" in states and signals[-1:] != ["SIGSTOP"]


def ended(server, failed, words):
    ending = server.ending()
    if ending not in failed.saw:
        failed.saw += f"; the program ended with {ending}"
        if not any("receives SIGTERM" in line for line in failed.transcript):
            failed.means = "the program ended although nobody had asked it to; " + (
                "what it printed last is below" if words.strip() else "it said nothing about it"
            )
            if any("resets its connection" in line for line in failed.transcript[-4:]):
                failed.means += (
                    ". The last that happened was a client's reset: that concerns nobody else"
                )
                failed.read = 'recv(2), "ERRORS", ECONNRESET; send(2), "ERRORS", EPIPE'
    patterns = (NEGATIVE_ERRNO, *LAST_WORDS) if server.uses_io_uring else LAST_WORDS
    recognise(failed, f"{ending}\n{words}", patterns)


def stopped_or_unread(server, failed):
    """Bytes that wait unread while the program sleeps, a program that stopped itself."""
    if failed.verdict == verdict.STOPPED:
        failed.means = "the program has stopped itself (SIGSTOP)"
    waiting = sum(
        entry.unread
        for entry in server.sockets()
        if entry.local_port == server.port
        and entry.state != tcp.LISTEN
        and entry.inode != tcp.NOT_ACCEPTED
    )
    if waiting and all("epoll_" in line for line in failed.where) and edge_triggered(server):
        failed.means = (
            f"{waiting:,} bytes wait unread while it sleeps in epoll_wait: an edge is told once, "
            "so read until EAGAIN (or stay level-triggered)"
        )
        failed.read = 'epoll(7), "Level-triggered and edge-triggered"'


def edge_triggered(server) -> bool:
    return any(mask & 0x80000000 for masks in epoll_interest(server) for mask in masks.values())


def epoll_interest(server) -> list[dict[int, int]]:
    """For every epoll descriptor of the server: watched descriptor -> event mask (proc(5),
    fdinfo)."""
    found = []
    for (pid, fd), what in server.descriptors().items():
        if what == "anon_inode:[eventpoll]":
            lines = proc.read(f"/proc/{pid}/fdinfo/{fd}")
            found.append(
                {
                    int(target): int(mask, 16)
                    for target, mask in re.findall(r"tfd:\s*(\d+) events:\s*([0-9a-f]+)", lines)
                }
            )
    return found
