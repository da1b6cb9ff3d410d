"""`setup.sh bench` installs web servers, but none of them starts, now or with the machine."""
import os
import subprocess

import pytest
from peers_running import KIT

STUBS = {
    "dpkg-query": "exit 1",  # nothing is installed
    "apt-cache": "exit 0",
    "apt-get": 'echo "$1 $(/usr/sbin/policy-rc.d; echo $?)" >>$LOG',
    "systemctl": 'echo "systemctl $*" >>$LOG',
    "sudo": 'exec "$@"',
}


@pytest.fixture
def said(tmp_path):
    """What was done when it ran with nothing installed, without apt: a line each."""
    for name, line in STUBS.items():
        stub = tmp_path / name
        stub.write_text(f"#!/bin/sh\n{line}\n")
        stub.chmod(0o755)
    box = "bwrap --dev-bind / / --tmpfs /usr/sbin --tmpfs /run --dir /run/systemd/system".split()
    if subprocess.run([*box, "true"], capture_output=True).returncode:
        pytest.skip("bubblewrap may not make a box here")
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "LOG": str(tmp_path / "log")}
    script = "grader/setup.sh bench && ls -A /usr/sbin >>$LOG"
    ran = subprocess.run([*box, "sh", "-c", script], cwd=KIT, env=os.environ | path, timeout=60)
    assert ran.returncode == 0
    return (tmp_path / "log").read_text().splitlines()


def test_no_service_may_start_while_they_are_installed(said):
    assert "install 101" in said


def test_no_service_starts_with_the_machine(said):
    assert {f"systemctl disable --now {s}" for s in ("nginx", "lighttpd")} <= set(said)


def test_nothing_is_left_that_forbids_services(said):
    assert said[-1].startswith("systemctl"), "the directory of policy-rc.d is empty again"
