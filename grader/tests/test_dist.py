"""`make dist`: what is in the students' archive, and that the proof finds whatever must not be."""
import gzip
import io
import json
import py_compile
import subprocess
import tarfile
import zipfile
import zlib

import pytest
import skeleton

from autograder.labs import UsageError
from autograder.machine import KIT
from classroom import contents, dist, hiding, leaks, selection, snapshot, withheld
from classroom.packing import Entry

WHEN = 1_700_000_000  # seconds since 1970
HIDDEN = ("01.3/survives_errors_of_accept", "05.1/survives*", "05.4/*")
SOLUTION = "solutions/01-blocking-echo/blocking_echo.cpp"


class Made:
    """An archive of labs 01 and 05 that hides some checks, and what is looked for in it."""

    def __init__(self):
        self.kit = snapshot.committed()
        self.chosen = selection.select(self.kit, "1 5")
        self.hidden = hiding.find(self.kit, self.chosen.labs, HIDDEN)
        self.entries = contents.contents(self.kit, self.chosen, self.hidden)
        self.secrets = withheld.everything(self.kit, self.entries, self.hidden)
        self.finder, self.known = withheld.Finder(self.secrets), {}

    def leaks_of(self, more=()):
        packed = dist.pack({**self.entries, **dict(more)}, WHEN)
        name = next(iter(packed))
        skeletons = dist.skeletons_in(self.entries)
        solved = self.chosen.given
        return leaks.search(name, packed[name], self.finder, skeletons, solved, self.known)


@pytest.fixture(scope="session")
def made():
    return Made()


def test_nothing_leaks(made):
    assert made.leaks_of() == []
    assert len(made.secrets) > 3000


def answer(made) -> str:
    """The first lines of the answer of step 05.1."""
    return next(s for s in withheld.answers(made.kit) if s.step == "05.1" and s.patterns[0]).shown


def two_lines(made) -> list[str]:
    """Two short lines of an answer, in a row: neither is long enough to be looked for by itself."""
    known, left_out = {one.patterns[0] for one in made.secrets}, []
    for path in sorted(
        path for path in made.kit if path.startswith("solutions/0") and "pp" in path
    ):
        skeleton.skeleton(made.kit[path].text, answers=left_out)
    for one, two in (pair for _, lines in left_out for pair in zip(lines, lines[1:])):
        if max(len(one.strip()), len(two.strip())) < withheld.LONG:
            if withheld.plain(one + two) in known:
                return [one.strip(), two.strip()]
    raise AssertionError("no answer has two short lines in a row")


def byte_code(tmp_path):
    (tmp_path / "a.py").write_text("print(1)\n")
    return open(py_compile.compile(str(tmp_path / "a.py")), "rb").read()


def zip_of(data):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("notes/a.txt", data)
    return packed.getvalue()


PLANTS = {
    "a solution": lambda m, t: ("extra/echo.cpp", m.kit[SOLUTION].data),
    "a solution below solutions/": lambda m, t: (SOLUTION, b"// nothing\n"),
    "a line in a README": lambda m, t: ("labs/01-blocking-echo/MORE.md", f"  > {answer(m)}\n"),
    "two short lines, quoted": lambda m, t: ("MORE.md", "".join(f"> {x}\n" for x in two_lines(m))),
    "commented out": lambda m, t: ("a.cpp", "".join(f"// {x}\n" for x in two_lines(m))),
    "a difference": lambda m, t: ("a.diff", "".join(f"+  {x}\n" for x in two_lines(m))),
    "on one line": lambda m, t: ("a.txt", " ".join(two_lines(m))),
    "in a string": lambda m, t: ("a.json", json.dumps({"text": "\n".join(two_lines(m))})),
    "notes": lambda m, t: ("a.md", m.kit["solutions/01-blocking-echo/NOTES.md"].data),
    "notes by name": lambda m, t: ("labs/01-blocking-echo/NOTES.md", b"nothing\n"),
    "a mutant": lambda m, t: ("a.toml", m.kit["grader/mutants/01-blocking-echo.toml"].data),
    "a right server": lambda m, t: ("a.c", m.kit["grader/corpus/right/01_plain.c"].data),
    "byte code": lambda m, t: ("grader/a.pyc", byte_code(t)),
    "packed": lambda m, t: ("a.gz", gzip.compress(m.kit[SOLUTION].data)),
    "in an archive": lambda m, t: ("a.zip", zip_of(m.kit[SOLUTION].data)),
    "an object of git": lambda m, t: (".git/objects/00/11", zlib.compress(m.kit[SOLUTION].data)),
    "an answered skeleton": lambda m, t: (
        "labs/01-blocking-echo/blocking_echo.cpp",
        m.entries["labs/01-blocking-echo/blocking_echo.cpp"].data.replace(b"async::todo", b"f", 1),
    ),
    "the id of a hidden check": lambda m, t: ("a.md", b"see 05.4/a_flood_starves_nobody\n"),
    "the name of a hidden check": lambda m, t: ("a.md", b"see `survives_errors_of_accept`\n"),
    "a message of a hidden check": lambda m, t: (
        "a.md",
        m.hidden[0].source.split('"""')[1].encode(),
    ),
}


@pytest.mark.parametrize("plant", PLANTS)
def test_a_planted_leak_is_found(made, tmp_path, plant):
    path, data = PLANTS[plant](made, tmp_path)
    found = made.leaks_of({path: Entry(data if isinstance(data, bytes) else data.encode())})
    assert found and all(f"asynclab/{path}" in sentence for sentence in found), found


def test_what_a_packed_file_holds_is_named(made):
    found = made.leaks_of({"a.zip": Entry(zip_of(made.kit[SOLUTION].data))})
    assert any("a.zip: notes/a.txt: answer of step 01." in sentence for sentence in found), found


def test_hidden_checks_leave_the_rest_as_it_is(made):
    checks = "grader/autograder/checks/"
    assert [check.id for check in made.hidden] == [
        "01.3/survives_errors_of_accept",
        "05.4/a_flood_starves_nobody",
        "05.4/cost_is_flat_in_idle_clients",
        "05.1/survives_a_signal",
    ]
    for path in (f"{checks}lab_01.py", f"{checks}lab_05.py", "grader/whitebox/05-epoll/event_loop_test.cpp"):  # fmt: skip
        before = [check.id for check in hiding.checks_in(path, made.kit[path])]
        after = [check.id for check in hiding.checks_in(path, made.entries[path])]
        gone = [check.id for check in made.hidden]
        assert after == [name for name in before if name not in gone]
        compile(made.entries[path].text, path, "exec") if path.endswith(".py") else None
    assert "flood_leaves_a_turn" not in made.entries[f"{checks}lab_05.py"].text
    assert "def flood" not in made.entries[f"{checks}fairness.py"].text
    assert made.entries["labs/05-epoll/lab.toml"].text.startswith("hidden = ")


def test_every_check_can_be_hidden(made):
    everything = selection.select(made.kit, "", "5 6")
    entries = contents.contents(made.kit, everything, [])
    every = hiding.find(made.kit, everything.labs, ("*",))
    ours = {check.id for check in every}
    assert len(ours) > 100
    left = hiding.without(entries, every)
    assert not [c for path in left for c in hiding.checks_in(path, left[path])]
    kept = withheld.hidden_checks(every, {})
    assert not [s for s in kept if s.what == "hidden check" and "/" in s.shown
                and any(s.shown in entry.text for entry in left.values())]  # fmt: skip


def test_a_pattern_that_hides_nothing_is_refused(made):
    with pytest.raises(UsageError, match="no check has such an id"):
        hiding.find(made.kit, made.chosen.labs, ("05.9/*",))
    assert hiding.find(made.kit, made.chosen.labs, ("06.1/*",)) == []  # of a lab that stays here


def test_labs_that_give_others_away_stay_unless_revealed(made):
    plain = selection.select(made.kit)
    assert [lab[:2] for lab in plain.labs] == ["01", "02", "03", "04", "05", "08"]
    assert not plain.given and sorted(lab[:2] for lab in plain.left_out) == ["06", "07", "11"]
    with pytest.raises(UsageError, match="would give away lab 05"):
        selection.select(made.kit, "05 06")
    with pytest.raises(UsageError, match="there is no lab `13`"):
        selection.select(made.kit, "13")
    over = selection.select(made.kit, "6", "5")
    assert over.given == {"solutions/05-epoll/event_loop.hpp"}
    entries = contents.contents(made.kit, over, [])
    assert [p for p in entries if p.startswith("solutions/")] == sorted(over.given)


def test_the_archive_is_the_same_twice_and_nobodys(made):
    shuffled = dict(reversed(made.entries.items()))
    one, two = dist.pack(made.entries, WHEN), dist.pack(shuffled, WHEN)
    assert one == two
    with tarfile.open(fileobj=io.BytesIO(one["asynclab-student.tar.gz"])) as archive:
        members, mode = archive.getmembers(), archive.getmember("asynclab/grader/lab").mode
    assert [m.name for m in members] == sorted(m.name for m in members)
    assert {(m.uid, m.gid, m.uname, m.gname, m.mtime) for m in members} == {(0, 0, "", "", WHEN)}  # fmt: skip
    assert mode == 0o755


def test_the_archive_is_made_from_what_is_committed(tmp_path):
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(tmp_path / "kit")]
    subprocess.run(["git", "clone", "-q", str(KIT), str(tmp_path / "kit")], check=True)
    readme = tmp_path / "kit/labs/01-blocking-echo/README.md"
    notes = (tmp_path / "kit/solutions/01-blocking-echo/NOTES.md").read_text()

    def run():
        command = ["grader/lab", "dist", "--labs", "1", "--out", str(tmp_path / "out")]
        return subprocess.run(command, cwd=tmp_path / "kit", capture_output=True, text=True)

    readme.write_text(readme.read_text() + max(notes.splitlines(), key=len) + "\n")
    ran = run()
    assert ran.returncode == 0 and "not committed, so not in it: labs/01-" in ran.stdout, ran
    assert (tmp_path / "out/asynclab-student.zip").is_file()
    (tmp_path / "out/asynclab-student.zip").unlink()
    subprocess.run([*git, "commit", "-qam", "a leak"], check=True)
    ran = run()
    assert ran.returncode == 1 and "a line of solutions/01-blocking-echo/NOTES.md" in ran.stderr
    assert not (tmp_path / "out/asynclab-student.zip").exists()
