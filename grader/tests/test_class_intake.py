"""What is handed in is read without harm: each hostile or broken archive has its outcome and its reason,
memory stays small, nothing is written, and the others of the class are read."""
import bz2
import gzip
import lzma
import os
import pathlib
import random
import stat
import sys
import tracemalloc

import pytest
from classroom import intake

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "corpus"))
import archives  # noqa: E402

GOOD = {
    "blocking_echo.cpp": b"int main() { return 0; }  // what the student wrote, in some words\n"
}
MOST = 40 << 20  # bytes: the bombs are of 300 MiB


def outcome(one) -> str:
    if one.refused:
        return archives.REJECTED
    if not one.files:
        return archives.NO_SUBMISSION
    return archives.ENTRY_REFUSED if one.ignored else archives.TAKEN


def hand_in(directory, **sources: bytes):
    for name, data in sources.items():
        (directory / name).write_bytes(data)


@pytest.fixture
def collected(tmp_path):
    place = tmp_path / "collected"
    place.mkdir()
    return place


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("case", archives.ARCHIVES.values(), ids=lambda case: case.name)
def test_archive_has_its_outcome(case, collected):
    hand_in(collected, **{f"mallory{case.suffix}": case.make(GOOD)})
    hand_in(collected, **{"nina.zip": archives.zipped(GOOD)})
    before = sorted(collected.parent.rglob("*"))
    tracemalloc.start()
    try:
        read = intake.read(collected, "01")
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    mallory, nina = read.submissions
    reasons = "\n".join((mallory.refused, *mallory.ignored))
    if case.outcome == archives.TAKEN:
        assert not mallory.refused and mallory.files == GOOD, reasons
    else:
        assert (outcome(mallory), case.words in reasons) == (case.outcome, True), reasons
    if case.outcome == archives.ENTRY_REFUSED:
        assert mallory.files == GOOD
    assert reasons.replace("\n", "").isprintable()
    assert nina.files == GOOD and outcome(nina) == archives.TAKEN
    assert sorted(collected.parent.rglob("*")) == before and most < MOST, most
    assert not os.path.exists("/tmp/asynclab-escaped")


def test_refused_submission_holds_no_file(collected):
    hand_in(collected, **{"mallory.zip": archives.ARCHIVES["zip_slip"].make(GOOD)})
    assert intake.read(collected, "01").submissions[0].files == {}


@pytest.mark.parametrize("name", ("zip", "tar", "tar.gz", "tar.bz2", "tar.xz"))
def test_damage_anywhere_is_refused_by_itself(name, collected):
    """Bytes changed at random: taken as they were, or refused; never an error, never other bytes."""
    whole = {
        "zip": lambda: archives.zipped(GOOD),
        "tar": lambda: archives.tarred(GOOD),
        "tar.gz": lambda: gzip.compress(archives.tarred(GOOD)),
        "tar.bz2": lambda: bz2.compress(archives.tarred(GOOD)),
        "tar.xz": lambda: lzma.compress(archives.tarred(GOOD)),
    }[name]()
    chance = random.Random(name)
    for number in range(150):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        cut = chance.randrange(len(data)) if chance.random() < 0.3 else len(data)
        hand_in(collected, **{f"s{number}.{name}": bytes(data[:cut])})
    read = intake.read(collected, "01")
    assert len(read.submissions) == 150 and not [r for r in read.remarks if "error" in r]
    assert archives.REJECTED in {outcome(one) for one in read.submissions}
    if name != "tar":  # a tar has no checksum of what its files hold
        assert all(one.files in ({}, GOOD) for one in read.submissions)


def test_limits_of_a_lab_of_many_files(collected):
    """Each file is small enough, all of them are not."""
    lab = next(lab for lab in intake.reading.kit.all_labs() if len(lab.files) > 5)
    large = {name: b"/" * 900_000 for name in lab.files}
    hand_in(collected, **{"mallory.zip": archives.zipped(large)})
    [mallory] = intake.read(collected, lab.number).submissions
    assert mallory.refused == "its files are larger than 4 MiB in all"


def test_archive_as_handed_in_is_bounded(collected):
    hand_in(collected, **{"mallory.zip": b"PK" + os.urandom(1) * (16 << 20)})
    [mallory] = intake.read(collected, "01").submissions
    assert mallory.refused == "`mallory.zip` is larger than 16 MiB"


# -- directories ---------------------------------------------------------------------------------
def test_links_and_fifos_of_a_directory_are_not_followed(collected):
    secret = collected.parent / "secret.cpp"
    secret.write_text("HIDDEN")
    for student in ("fifo", "link", "linked_directory", "nina"):
        (collected / student).mkdir()
    os.mkfifo(collected / "fifo/blocking_echo.cpp")
    os.symlink(secret, collected / "link/blocking_echo.cpp")
    os.symlink(collected.parent, collected / "linked_directory/01-blocking-echo")
    os.symlink(secret, collected / "nina/other.cpp")
    os.symlink(collected.parent, collected / "outside")
    (collected / "nina/blocking_echo.cpp").write_bytes(GOOD["blocking_echo.cpp"])
    read = {one.student: one for one in intake.read(collected, "01").submissions}
    assert read["fifo"].refused == "`blocking_echo.cpp` is a fifo; only plain files are taken"
    assert read["link"].refused.startswith("`blocking_echo.cpp` is a symbolic link")
    assert outcome(read["linked_directory"]) == archives.NO_SUBMISSION
    assert read["outside"].refused == "it is a symbolic link, which is not followed"
    assert read["nina"].files == GOOD
    assert read["nina"].ignored == ("other.cpp: a symbolic link, not followed",)


def test_file_that_becomes_a_link_is_not_followed(collected, monkeypatch):
    """Between listing and reading somebody puts a link in the file's place."""
    (collected / "mallory").mkdir()
    file = collected / "mallory/blocking_echo.cpp"
    file.write_text("harmless")
    choose = intake.reading.choose

    def replaced(*arguments, **options):
        file.unlink()
        file.symlink_to("/etc/passwd")
        return choose(*arguments, **options)

    monkeypatch.setattr(intake.reading, "choose", replaced)
    [mallory] = intake.read(collected, "01").submissions
    assert (
        mallory.files == {} and mallory.refused == "`blocking_echo.cpp` changed while it was read"
    )


def test_link_that_was_listed_as_a_file_is_not_opened(collected, monkeypatch):
    """The same in the moment between fstatat(2) and openat(2)."""
    (collected / "mallory").mkdir()
    (collected / "mallory/blocking_echo.cpp").symlink_to("/etc/passwd")
    monkeypatch.setattr(intake.directory, "KINDS", {stat.S_IFLNK: intake.entry.FILE})
    [mallory] = intake.read(collected, "01").submissions
    assert mallory.files == {} and "symbolic links" in mallory.refused


def test_names_are_printable_everywhere(collected):
    name = "m\u202eallory\n\x1b[2J"
    (collected / name).mkdir()
    (collected / name / "blocking_echo.cpp").write_bytes(b"")
    (collected / os.fsdecode(b"\xff\xfe.txt")).write_text("")
    read = intake.read(collected, "01")
    [one] = read.submissions
    assert one.shown == one.source == "m\\u202eallory\\n\\x1b[2J"
    assert one.student.isascii() and all(line.isprintable() for line in read.remarks)
    assert intake.names.STUDENT.fullmatch(one.student)


@pytest.mark.parametrize("name", ("..", ".", "-rf", "", "a/b", "ü", "=cmd()", "x" * 300))
def test_ids_are_safe_and_differ(name):
    made = intake.names.safe_id(name)
    assert intake.names.STUDENT.fullmatch(made) and made == intake.names.safe_id(name)
    assert made != intake.names.safe_id(name + "!")
