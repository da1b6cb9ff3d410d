"""Entries with names that confuse a person, a shell or a file system."""
import gzip

from .case import REJECTED, ENTRY_REFUSED, expect, member, tarred, zipped


@expect(".zip", REJECTED, "is in it 2 times")
def zip_duplicate(files):
    """The lab's file twice: who unpacks gets the one, who lists sees the other."""
    return zipped(files, (next(iter(files)), b"int main() {}"))


@expect(".tar", REJECTED, "is in it 2 times")
def tar_duplicate(files):
    """The lab's file twice in a tar."""
    return tarred(files, member(next(iter(files)), size=1))


@expect(".zip", ENTRY_REFUSED, "the case of the letters differs")
def zip_case(files):
    """A name that differs from the lab's file by case alone."""
    return zipped(files, (next(iter(files)).title(), b"int main() {}"))


@expect(".zip", ENTRY_REFUSED, "a\\nb.cpp: a name with other characters")
def zip_newline(files):
    """A name of two lines: a log would show the second as its own."""
    return zipped(files, ("a\nb.cpp", b""))


@expect(".zip", ENTRY_REFUSED, "a\\u202eppc.b: a name with other characters")
def zip_right_to_left(files):
    """A name that a terminal shows backwards."""
    return zipped(files, ("a\u202eppc.b", b""))


@expect(".tar", ENTRY_REFUSED, "\\x1b[2Jx: a name with other characters")
def tar_escape(files):
    """A name that clears the screen."""
    return tarred(files, member("\x1b[2Jx"))


@expect(".zip", ENTRY_REFUSED, "-rf: a name that begins with a dash")
def zip_option(files):
    """A name that a command takes for an option."""
    return zipped(files, ("-rf", b""))


@expect(".zip", ENTRY_REFUSED, "longer than 100 characters")
def zip_long_name(files):
    """A name of 300 characters: no file system takes it."""
    return zipped(files, ("n" * 300, b""))


@expect(".tar.gz", ENTRY_REFUSED, "longer than 100 characters")
def tar_long_name(files):
    """A name of 300 characters in a tar: GNU's long name."""
    return gzip.compress(tarred(files, member("n" * 300)))


@expect(".zip", ENTRY_REFUSED, "Makefile: not asked for")
def build_files(files):
    """What a build would run, if it were the student's: nothing of it is taken."""
    names = "Makefile CMakeLists.txt conftest.py pytest.ini sitecustomize.py random.py x.o x.so"
    return zipped(files, *((name, b"pwned") for name in names.split()))


@expect(".zip", ENTRY_REFUSED, ".git: hidden")
def hidden_files(files):
    """Hooks and settings of tools that somebody may start in the directory."""
    return zipped(files, (".git/hooks/post-checkout", b"#!/bin/sh\n"), (".gdbinit", b"shell id"))
