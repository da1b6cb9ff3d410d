"""Copies with other names are found; two who solved the same lab on their own are not."""
import re
import time

import pytest
from autograder import labs, mutants
from autograder.machine import KIT
from classroom.report import similarity, tokens

LAB = labs.find("05")
GIVEN = {name: (LAB.home / name).read_bytes() for name in LAB.files}
SOLUTION = {name: (KIT / "solutions" / LAB.name / name).read_bytes() for name in LAB.files}
RIGHT = KIT / "grader/corpus/right"


def renamed(files, mark):
    """The files with every name changed, without comments, and laid out anew."""
    text = {name: re.sub(rb"//[^\n]*", b"", source) for name, source in files.items()}
    change = lambda found: found[0] if found[0].decode() in tokens.KEYWORDS else found[0] + mark
    text = {name: re.sub(rb"\b[a-z_]{2,}\b", change, source) for name, source in text.items()}
    return {name: re.sub(rb"\n\s*", b"\n\n  ", source) for name, source in text.items()}


def mutated(mutant):
    """The files of a mutant, as `materialise` would write them."""
    files = {name: source.decode() for name, source in SOLUTION.items()}
    for name, find, replace in mutant.edits:
        files[name] = mutant.edited(files[name], find, replace)
    return {name: text.encode() for name, text in files.items()}


@pytest.mark.parametrize(
    "mutant", mutants.load(LAB, include_hidden=True)[::6], ids=lambda m: m.name
)
def test_a_changed_copy_with_other_names_is_found(mutant):
    copy = renamed(mutated(mutant), b"_x")
    (pair,) = similarity.similar({"anna": SOLUTION, "bo": copy}, GIVEN)
    assert (pair.left, pair.right) == ("anna", "bo") and pair.percent >= 80
    assert {region.left[0] for region in pair.regions} <= set(LAB.files)


def test_regions_say_where_the_copy_stands():
    body = b"".join(b"if (a%s > b) { c(a, b, d.e); }\n" % (b" + a[1]" * n) for n in range(9))
    other = b"while (p) { q[p] = -p; delete r; }\n" * 9
    left, right = b"int x;\n" * 5 + body, other + body
    (pair,) = similarity.similar({"l": {"a.cpp": left}, "r": {"a.cpp": right}}, {})
    first, last = pair.regions[0].left[1:], pair.regions[0].right[1:]
    assert 6 <= first[0] < first[1] <= 14 and [n + 4 for n in first] == list(last)


def test_the_given_code_is_nobodys_copy():
    assert similarity.similar({"anna": GIVEN, "bo": dict(GIVEN)}, GIVEN) == []
    assert len(similarity.similar({"anna": GIVEN, "bo": dict(GIVEN)}, {})) == 1


@pytest.mark.parametrize("number", [lab.number for lab in labs.all_labs()])
def test_right_servers_of_different_people_are_not_flagged(number):
    lab = labs.find(number)
    given = {name: (lab.home / name).read_bytes() for name in lab.files}
    code = (".c", ".cpp", ".py")
    alone = {
        p.name: {p.name: p.read_bytes()} for p in RIGHT.glob(f"{number}_*") if p.suffix in code
    }
    alone["reference"] = {n: (KIT / "solutions" / lab.name / n).read_bytes() for n in lab.files}
    assert len(alone) > 1 and similarity.similar(alone, given) == []


def test_two_hundred_copies_are_compared_in_seconds():
    known = mutants.load(LAB, include_hidden=True)
    crowd = {f"s{n}": renamed(mutated(known[n % len(known)]), b"_%d" % n) for n in range(200)}
    begin = time.process_time()
    pairs = similarity.similar(crowd, GIVEN)
    assert len(pairs) == similarity.MOST
    assert time.process_time() - begin < 60, "some 4 s of a CPU: quadratic in what it must not be"


HOSTILE = [
    b"/*",
    b"\\'",
    b'R"(',
    b'"',
    b"'''",
    b'"""',
    b"#\\\n",
    b"x",
    b" \t",
    b"1e",
    b"\\\"\\'",
    b"\xff\0",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", ["a.cpp", "a.py"])
def test_reading_tokens_takes_no_longer_than_the_file_is_long(name, text):
    """Twice as much text takes about twice as long; what is scanned again and again, four times."""

    def cost(size):
        begin = time.process_time()
        tokens.tokens(name, (text * size)[:size])
        return time.process_time() - begin

    small = min(cost(1 << 15) for _ in range(3))
    assert min(cost(1 << 17) for _ in range(3)) < max(9 * small, 0.5)


def test_what_is_stored_is_read_back(tmp_path):
    pairs = similarity.similar({"anna": SOLUTION, "bo": SOLUTION}, GIVEN)
    similarity.store(tmp_path, {LAB.name: pairs})
    (told,) = similarity.load(tmp_path)[LAB.name]
    assert told["percent"] == 100 and told["regions"][0]["left"][0] in LAB.files
    assert similarity.load(tmp_path / "nowhere") == {}
