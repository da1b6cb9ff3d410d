"""Clones are read, and nothing that their owners configured is ever run."""
import pathlib
import subprocess

import pytest
from classroom import intake

NAME, LAB = "blocking_echo.cpp", "01-blocking-echo"
CODE = b"int main() {}\n"


def git(place, *arguments):
    who = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main")
    return subprocess.run(["git", *who, *arguments], cwd=place, check=True, capture_output=True)


@pytest.fixture
def collected(tmp_path):
    place = tmp_path / "collected"
    place.mkdir()
    return place


@pytest.fixture
def clone(tmp_path):
    """A repository with one commit of the lab's file in labs/, and a link."""
    place = tmp_path / "clone"
    (place / "labs" / LAB).mkdir(parents=True)
    (place / "labs" / LAB / NAME).write_bytes(CODE)
    (place / ".gitattributes").write_text("* filter=evil")
    (place / "link").symlink_to("/etc/passwd")
    git(place, "init", "-q")
    git(place, "add", "-A")
    git(place, "commit", "-qm", "work")
    return place


def armed(repository: pathlib.Path, mark: pathlib.Path):
    """A configuration that runs a command wherever git lets one be named."""
    run = f"touch {mark}"
    config = f"""[core]
	fsmonitor = {run}
	sshCommand = {run}
	hooksPath = {repository}/hooks
	pager = {run}
	repositoryformatversion = 1
[filter "evil"]
	smudge = {run}
	clean = {run}
[diff]
	external = {run}
[extensions]
	partialClone = origin
[remote "origin"]
	url = ext::{run}
	promisor = true
[protocol]
	allow = always
"""
    (repository / "config").write_text(config)


@pytest.mark.parametrize("packed", (False, True))
def test_git_runs_nothing_of_the_students(packed, clone, collected, tmp_path):
    if packed:
        git(clone, "gc", "-q")
    git(tmp_path, "clone", "-q", "--bare", str(clone), str(collected / "bare.git"))
    git(tmp_path, "clone", "-q", "--no-checkout", str(clone), str(collected / "empty"))
    clone.rename(collected / "work")
    for repository in ("bare.git", "empty/.git", "work/.git"):
        armed(collected / repository, tmp_path / "pwned")
    with (collected / "bare.git/config").open("a") as config:
        config.write("[core]\n\trepositoryformatversion = 99\n")  # who reads it gives up
    read = intake.read(collected, "01")
    assert {one.student: one.files for one in read.submissions} == dict.fromkeys(
        ("bare", "empty", "work"), {NAME: CODE}
    ), [one.refused for one in read.submissions]
    assert not (tmp_path / "pwned").exists()
    subprocess.run(["git", "status"], cwd=collected / "work", capture_output=True)
    assert (tmp_path / "pwned").exists()  # the control: run as usual, git obeys the configuration


def test_git_that_cannot_be_read_is_refused(clone, collected, tmp_path):
    for name in ("borrows", "hollow", "nowhere"):
        git(tmp_path, "clone", "-q", "--bare", str(clone), str(collected / name))
        armed(collected / name, tmp_path / "pwned")
    (collected / "borrows/objects/info/alternates").write_text("/elsewhere/objects\n")
    (collected / "nowhere/HEAD").write_text("ref: refs/heads/../../../etc/passwd\n")
    for file in (collected / "hollow/objects").rglob("*"):
        if file.is_file():
            file.unlink()
    read = {one.student: one.refused for one in intake.read(collected, "01").submissions}
    assert read == {
        "borrows": "it borrows objects from elsewhere (objects/info/alternates)",
        "hollow": "git cannot read it: git ls-tree failed",
        "nowhere": "its HEAD names no branch",
    }
    assert not (tmp_path / "pwned").exists()
    subprocess.run(["git", "ls-tree", "HEAD"], cwd=collected / "hollow", capture_output=True)
    assert (tmp_path / "pwned").exists()  # the control: git fetches what is missing, as it is told
