"""A file is written whole, or what was there stays."""
import os

import pytest
from autograder import whole


def test_text_and_bytes_are_readable_by_all(tmp_path):
    whole.write(tmp_path / "new/a", "Zoë\r\n", lasting=True)
    whole.write(tmp_path / "new/b", b"\xff")
    assert (tmp_path / "new/a").read_bytes() == "Zoë\r\n".encode()
    assert (tmp_path / "new/b").read_bytes() == b"\xff"
    assert os.stat(tmp_path / "new/a").st_mode & 0o777 == 0o644


@pytest.mark.parametrize("fault", ["no UTF-8", "a directory"])
def test_what_fails_changes_nothing(tmp_path, fault):
    path = tmp_path / "a"
    if fault == "a directory":
        (path / "full").mkdir(parents=True)
        with pytest.raises(OSError):
            whole.write(path, "text")
    else:
        path.write_text("old")
        with pytest.raises(UnicodeEncodeError):
            whole.write(path, "\ud800")
        assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a"]
