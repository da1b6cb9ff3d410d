"""Files that are written whole or not at all."""
import os
import pathlib
import tempfile


def write(path: pathlib.Path, data: str | bytes, lasting=False):
    """`data` or what was there before; text as UTF-8. Makes the directory. `lasting`: also after a power
    cut (rename(2), fsync(2)). Raises OSError, and leaves nothing behind then."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fd, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data if isinstance(data, bytes) else data.encode())
            os.fchmod(fd, 0o644)
            if lasting:
                file.flush()
                os.fsync(fd)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    if lasting:
        sync(path.parent)


def sync(directory: pathlib.Path):
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
