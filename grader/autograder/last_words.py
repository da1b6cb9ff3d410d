"""Common mistakes, by what a dying program says or dies of."""
import re

# What a dying program says or dies of -> what it means, what to read.
LAST_WORDS = (
    (
        r"signal SIGPIPE",
        (
            "a send to a client that is gone raises SIGPIPE, and its default ends the process: "
            "use MSG_NOSIGNAL or ignore the signal"
        ),
        "send(2), MSG_NOSIGNAL; signal(7)",
    ),
    (
        r"Resource temporarily unavailable|BlockingIOError",
        "EAGAIN was taken for an error; it only says `not now`",
        'recv(2), "ERRORS", EAGAIN',
    ),
    (
        r"Interrupted system call|InterruptedError",
        "EINTR was taken for an error; it only says that a signal came: try again",
        'signal(7), "Interruption of system calls"',
    ),
    (
        r"Software caused connection abort|ECONNABORTED",
        "accept() failed for one client, who had already gone, and that ended the service",
        'accept(2), "ERRORS", ECONNABORTED',
    ),
    (
        r"Address already in use",
        "the port could not be bound: SO_REUSEADDR is not set, or another program has it",
        "socket(7), SO_REUSEADDR",
    ),
    (
        r"Too many open files",
        "the program ran out of descriptors and took that for the end",
        'accept(2), "ERRORS", EMFILE',
    ),
    (
        r"Connection reset|Broken pipe|Transport endpoint",
        (
            "one client's fault ended the whole service: the "
            "error of one connection is to be handled where that connection is"
        ),
        'recv(2), "ERRORS"; send(2), EPIPE',
    ),
    (
        r"signal (SIGTERM|SIGINT)",
        "nobody handles the signal, so its default action ended the process",
        "signal(7); signalfd(2)",
    ),
    (
        r"signal (SIGSEGV|SIGABRT|SIGBUS|SIGILL|SIGFPE)",
        "the program crashed: run it under gdb with the command below",
        "gdb(1)",
    ),
)
NEGATIVE_ERRNO = (
    r": Success$",
    (
        "an error was told from errno, which was not set: a function that returns -errno, as"
        " io_uring's do and the result of a completion is, leaves errno alone"
    ),
    'io_uring(7); io_uring_submit(3), "RETURN VALUE"',
)  # in a lab with io_uring
WHILE_ALIVE = LAST_WORDS[1:3]  # what explains a failure even if the program goes on


def recognise(failed, words, patterns):
    for pattern, means, read in patterns:
        if re.search(pattern, words, re.MULTILINE):
            failed.means, failed.read = means, read
            return
