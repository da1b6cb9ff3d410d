"""`make fuzz`, for ten seconds: it finds nothing in the reference, and what was planted in a copy."""
import functools
import shutil
import subprocess

import pytest
from autograder.machine import KIT

CONSUME = "    std::size_t taken = 0;\n"  # in RequestParser::consume()
FORGETS = "    if (state_ == State::value) text_.clear();\n"  # what the last piece ended with


@functools.cache
def has_fuzzer() -> bool:
    """Does clang++ come with libFuzzer here?"""
    words = ["clang++", "-fsanitize=fuzzer", "-x", "c++", "-", "-o", "/dev/null"]
    target = (
        'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }'
    )
    if not shutil.which(words[0]):
        return False
    return subprocess.run(words, input=target, text=True, capture_output=True).returncode == 0


def fuzz(*words):
    if not has_fuzzer():
        pytest.skip("no clang++ with libFuzzer (grader/setup.sh fuzz)")
    command = ["make", "-s", "fuzz", "SECONDS=10", *words]
    return subprocess.run(command, cwd=KIT, capture_output=True, text=True, timeout=240)


def test_nothing_is_found_in_the_reference():
    ran = fuzz()
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count("nothing found") == len(list((KIT / "grader/fuzz").glob("*.cpp")))


def test_a_parser_that_forgets_is_found(tmp_path):
    lab = shutil.copytree(KIT / "solutions/06-state-machine", tmp_path / "06-state-machine")
    text = (lab / "request_parser.hpp").read_text()
    assert text.count(CONSUME) == 1
    (lab / "request_parser.hpp").write_text(text.replace(CONSUME, CONSUME + FORGETS))
    ran = fuzz(f"FROM={tmp_path}", "FUZZ=06_request_parser", f"FOUND={tmp_path}/found")
    assert ran.returncode != 0 and "broken promise: every split" in ran.stderr, ran.stderr[-3000:]
    assert list((tmp_path / "found").iterdir())
