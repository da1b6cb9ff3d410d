"""The catalogue finds every program that a lab.toml names, and says what is missing."""
from types import SimpleNamespace

import pytest
from autograder import labs
from benchmark import contenders
from benchmark.contenders import KINDS, Contender

ARCHITECTURES = {
    *("iterative", "forking", "preforked", "threaded", "prethreaded"),
    *("select", "poll", "epoll", "io_uring"),
}


def test_every_architecture_has_a_program_that_its_lab_lists():
    found = set()
    for lab in labs.all_labs():
        for name, said in contenders.entries(lab).items():
            assert name in lab.programs and name not in lab.serverless
            assert said["kind"] in KINDS and "{port}" in said.get("arguments", "{port}")
            found |= {said["architecture"]} if said["kind"] == "echo" else set()
    assert found == ARCHITECTURES


def test_a_program_is_built_and_gets_its_port(tmp_path):
    lab = labs.find("01")
    for name in lab.files:
        (tmp_path / lab.name).mkdir(exist_ok=True)
        (tmp_path / lab.name / name).write_bytes(
            (labs.KIT / "solutions" / lab.name / name).read_bytes()
        )
    (only,) = contenders.own(str(tmp_path))
    assert (only.name, only.architecture, only.missing) == ("blocking_echo", "iterative", "")
    assert only.argv(8000, "/x")[1:] == ["8000"]


def test_a_program_may_take_part_a_second_time_with_more_words(monkeypatch):
    built = SimpleNamespace(programs={("x", "release"): "/x"}, errors={})
    monkeypatch.setattr(contenders.build, "build", lambda *_, **__: built)
    said = {"kind": "http", "architecture": "a", "arguments": "{port} {root}", "also": "--trust 1"}
    found = contenders.compiled(None, None, {"x": said})
    assert [c.name for c in found] == ["x", "x --trust 1"]
    assert [c.argv(80, "/r")[1:] for c in found] == [["80", "/r"], ["80", "/r", "--trust", "1"]]


def test_what_does_not_compile_says_so(tmp_path):
    (tmp_path / "01-blocking-echo").mkdir()
    (tmp_path / "01-blocking-echo/blocking_echo.cpp").write_text("int main() { return oops; }")
    (only,) = contenders.own(str(tmp_path))
    assert only.missing.startswith("does not compile: ") and "oops" in only.missing


def test_a_tree_without_programs_is_an_error(tmp_path):
    with pytest.raises(labs.UsageError, match="no lab in .* has a program"):
        contenders.own(str(tmp_path))


def test_a_missing_peer_says_what_to_install(tmp_path):
    path = tmp_path / "peers.toml"
    path.write_text(
        '[[peer]]\nname = "x"\nkind = "echo"\nlibrary = "X"\npackages ='
        ' ["asynclab-no-such-package"]\ncommand = "x {port}"\nversion = "x --version"\nhow = "A'
        ' sentence."\n'
    )
    (peer,) = contenders.peers(path=path)
    assert peer.missing == "not here: apt-get install asynclab-no-such-package" and not peer.own


def test_words_are_filled_in():
    who = Contender("x", "http", "x", ("x", "--root={root}", "{port}"))
    assert who.argv(80, "/srv") == ["x", "--root=/srv", "80"]
