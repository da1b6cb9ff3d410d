"""Archives that are the same, byte for byte, whenever they hold the same: entries sorted, nobody's
names, one time for all."""
import gzip
import io
import tarfile
import time
import zipfile
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    data: bytes
    executable: bool = False

    @property
    def text(self) -> str:
        return self.data.decode()


def tar_gz(entries, when: int) -> bytes:
    """`entries`: path -> Entry; `when`: seconds since 1970."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path, entry in sorted(entries.items()):
            member = tarfile.TarInfo(path)
            member.size, member.mtime = len(entry.data), when
            member.mode = 0o755 if entry.executable else 0o644
            archive.addfile(member, io.BytesIO(entry.data))
    return gzip.compress(packed.getvalue(), mtime=when)


def zipped(entries, when: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, entry in sorted(entries.items()):
            member = zipfile.ZipInfo(path, time.gmtime(when)[:6])
            member.create_system, member.compress_type = 3, zipfile.ZIP_DEFLATED  # 3: Unix
            member.external_attr = (0o100755 if entry.executable else 0o100644) << 16
            archive.writestr(member, entry.data)
    return packed.getvalue()
