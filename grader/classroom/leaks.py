"""Proves that an archive for students gives no answer away. It looks into the finished archive and
into everything packed inside it, and knows nothing of how the archive was made."""
import bz2
import hashlib
import io
import lzma
import tarfile
import zipfile
import zlib
from pathlib import PurePosixPath

FORBIDDEN = {".git", "__pycache__", "mutants", "corpus", "NOTES.md", "tests"}
MOST = 64 << 20  # bytes that are unpacked from one member; an archive of ours is far smaller
UNPACKERS = (
    (b"\x1f\x8b", lambda data: zlib.decompressobj(31).decompress(data, MOST)),
    (b"BZh", lambda data: bz2.BZ2Decompressor().decompress(data, MOST)),
    (b"\xfd7zXZ\0", lambda data: lzma.LZMADecompressor().decompress(data, MOST)),
    (b"x", lambda data: zlib.decompressobj().decompress(data, MOST)),  # an object of git
)


def search(name, data, secrets, expected, solved, known=None) -> list[str]:
    """Sentences about everything in the archive `data` that students must not have. `secrets`: a
    Finder; `expected`:
    path below the archive's top -> bytes of the skeletons; `solved`: paths that may lie below
    solutions/; `known`: filled with what each content gives away, for the next archive."""
    found, known = [], {} if known is None else known
    for path, content in members(name, data):
        inner = path.removeprefix(f"{name}: ").partition("/")[2]  # below the top directory
        found += [f"{path}: {why}" for why in misplaced(inner, path, solved)]
        if inner in expected and content != expected[inner]:
            found.append(f"{path}: is not the skeleton that solutions/ makes")
        digest = hashlib.sha256(content).digest()
        if path != name:
            if digest not in known:
                known[digest] = list(told(content, secrets))
            found += [f"{path}: {what}" for what in known[digest]]
    return sorted(set(found))


def members(name, data, depth=5):
    """(path, content) of an archive and all that is in it: archives in archives, packed files."""
    yield name, data
    for inner, content in opened(data) if depth else ():
        yield from members(f"{name}: {inner}", content, depth - 1)


def opened(data):
    """(name, content) of what `data` holds, if it is an archive or packed."""
    try:
        if data[:4] == b"PK\3\4":
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for member in archive.infolist():
                    with archive.open(member) as content:
                        yield member.filename, content.read(MOST)
        elif data[257:262] == b"ustar":
            with tarfile.open(fileobj=io.BytesIO(data)) as archive:
                for member in archive:
                    content = archive.extractfile(member) if member.isfile() else None
                    yield member.name, content.read(MOST) if content else b""
        for magic, unpack in UNPACKERS:
            if data.startswith(magic):
                unpacked = unpack(data)
                yield from opened(unpacked) if unpacked[257:262] == b"ustar" else [("", unpacked)]
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, tarfile.TarError,
            zipfile.BadZipFile, NotImplementedError, RuntimeError):  # fmt: skip
        return  # not what it looked like: `told` says of every member that is not text


def misplaced(inner, path, solved):
    """Why a file of this name has no place in a students' archive."""
    parts = PurePosixPath(path.replace(": ", "/")).parts
    for part in sorted(FORBIDDEN.intersection(parts)):
        yield f"`{part}` is not for students"
    if "solutions/" in path and inner.startswith("solutions/") and inner not in solved:
        if not inner.endswith("/"):
            yield "a solution, and not one that is revealed"


def told(content, secrets):
    """What a file gives away. Only text can be looked into: everything else is a leak."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = content.decode(errors="replace")
        yield "is not text, so nobody can tell what it holds"
    else:
        if "\0" in text:
            yield "holds zero bytes, so it is no text"
    for secret in secrets.found(text):
        yield f"{secret.what}: {secret.shown}"
