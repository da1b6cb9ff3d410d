"""peers.toml, build.mk and the directory belong together."""
import subprocess

import pytest
from peers_running import ENTRIES, KIT, PEERS, lacking

SOURCES = {p.name for p in PEERS.iterdir() if p.is_file()} - {"peers.toml", "build.mk"}


def test_names_are_unique():
    assert len({entry["name"] for entry in ENTRIES}) == len(ENTRIES)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_an_entry_is_whole(entry):
    assert {"name", "kind", "library", "packages", "command", "version", "how"} <= entry.keys()
    assert entry["kind"] in ("echo", "http")
    assert "{port}" in entry["command"]
    assert ("{root}" in entry["command"]) == (entry["kind"] == "http")
    if "build" in entry:
        assert entry["command"].split()[0] == entry["build"]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_its_version_is_told(entry):
    if lacking(entry):
        pytest.skip("not here")
    said = subprocess.run(entry["version"], shell=True, cwd=KIT, capture_output=True, text=True)
    assert said.returncode == 0 and any(c.isdigit() for c in said.stdout + said.stderr)


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_every_source_is_of_some_peer(source):
    named = (PEERS / "peers.toml").read_text() + (PEERS / "build.mk").read_text()
    stem = source.split(".")[0]
    assert stem in named
