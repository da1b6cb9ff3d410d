"""The mother of the wardens: forks one for each box, so that an interpreter starts once a grading and
not once a box.

She runs alone (`python3 -I -S mother.py FD`) and in one thread, so that fork(2) is safe. A request is
a packet of descriptors: a file with the warden's configuration, then those that it names. The answer
is the warden's process id, with a descriptor of it (pidfd_open(2)), or why there is none. When the
grader closes its end of the socket, or dies, she ends as soon as the last warden has.
"""
import fcntl
import json
import os
import pathlib
import resource
import signal
import socket
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parent))  # -I leaves it out
import warden  # noqa: E402

MOST = 64  # descriptors of one request; a box needs about ten


def main():
    asked = socket.socket(fileno=int(sys.argv[1]))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)  # Ctrl-C is the grader's: it closes our socket
    while descriptors := request(asked):
        reap(os.WNOHANG)
        try:
            answer(asked, descriptors)
        except OSError as error:
            asked.send(str(error).encode())
        finally:
            for fd in descriptors:
                os.close(fd)
    reap(0)


def request(asked) -> list[int]:
    """The descriptors of the next request; none when the grader has gone."""
    try:
        return socket.recv_fds(asked, 1, MOST)[1]
    except ConnectionError:
        return []


def answer(asked, descriptors):
    if (pid := os.fork()) == 0:
        become_warden(asked, descriptors)
    handle = os.pidfd_open(pid)  # nobody reaps it meanwhile
    try:
        socket.send_fds(asked, [str(pid).encode()], [handle])
    except ConnectionError:
        pass  # the grader has died, and the warden will see it too
    finally:
        os.close(handle)


def become_warden(asked, descriptors):
    """Never returns. The warden has the descriptors, limits and CPUs of the grader."""
    try:
        asked.close()
        with open(descriptors.pop(0)) as file:
            config = json.load(file)
        resource.setrlimit(resource.RLIMIT_NOFILE, config["descriptors"])
        os.sched_setaffinity(0, config["cpus"])
        renumber(descriptors, config["numbers"])
        warden.run(config)
    finally:
        os._exit(0)


def renumber(descriptors, numbers):
    """Gives each descriptor the number that it has in the grader: command lines name them."""
    above = max([*descriptors, *numbers]) + 1
    moved = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, above) for fd in descriptors]
    for fd in descriptors:
        os.close(fd)
    for fd, number in zip(moved, numbers):
        os.dup2(fd, number, inheritable=False)
        os.close(fd)


def reap(options):
    """Waits for wardens that have ended; with options 0 until all have."""
    try:
        while os.waitpid(-1, options)[0]:
            pass
    except ChildProcessError:
        pass


if __name__ == "__main__":
    main()
