"""Who is measured: the labs' own programs, by the key `bench` of their lab.toml, and the peers.

    [[program]]
    name = "preforked_echo"
    bench = { kind = "echo", architecture = "preforked", arguments = "{port} --workers 64" }

With `also = "--trust 1"` it takes part a second time, with these words behind the others.
"""
import pathlib
import shlex
import shutil
import subprocess
from dataclasses import dataclass

from autograder import build, labs
from autograder.labs import UsageError, tomllib
from autograder.machine import KIT

ECHO, HTTP = "echo", "http"
PEERS = pathlib.Path(__file__).resolve().parents[1] / "peers/peers.toml"
KINDS = (ECHO, HTTP)


@dataclass(frozen=True)
class Contender:
    """`command`: words, in which {port} and {root} are to be filled in; `missing`: why it cannot run
    here; `architecture`: of a lab's program; for a peer the library."""

    name: str
    kind: str
    architecture: str
    command: tuple[str, ...] = ()
    own: bool = True
    missing: str = ""
    how: str = ""
    version: str = ""

    def argv(self, port: int, root: pathlib.Path | str) -> list[str]:
        return [w.replace("{port}", str(port)).replace("{root}", str(root)) for w in self.command]


def entries(lab) -> dict[str, dict]:
    """Program -> its key `bench`, of those that have one."""
    told = tomllib.loads((lab.home / "lab.toml").read_text())
    return {p["name"]: p["bench"] for p in told["program"] if "bench" in p}


def own(tree: str, kinds=KINDS) -> list[Contender]:
    """The labs' programs, compiled from `tree` (solutions, labs, a directory), by lab. A directory
    that holds only some labs gives only those; raises UsageError when it has none."""
    found = []
    for lab in labs.all_labs():
        wanted = {name: said for name, said in entries(lab).items() if said["kind"] in kinds}
        place = labs.directory_of(lab, tree)
        if wanted and all((place / name).is_file() for name in lab.files):
            found += compiled(lab, place, wanted)
    if not found:
        raise UsageError(f"no lab in `{tree}` has a program to measure")
    return found


def compiled(lab, place, wanted) -> list[Contender]:
    built = build.build(lab, place, set(wanted), flavours=("release",))
    made = []
    for name, said in wanted.items():
        program = built.programs.get((name, "release"))
        error = "" if program else f"does not compile: {built.errors.get(name, '')}"
        command = (str(program), *shlex.split(said.get("arguments", "{port}")))
        for also in ("", said["also"]) if "also" in said else ("",):
            words = (*command, *shlex.split(also))
            title = f"{name} {also}".strip()
            made.append(Contender(title, said["kind"], said["architecture"], words, missing=error))
    return made


def peers(kinds=KINDS, path=PEERS) -> list[Contender]:
    """Other libraries' servers; one whose packages are missing says which."""
    told = tomllib.loads(path.read_text())["peer"] if path.is_file() else []
    return [peer(said) for said in told if said["kind"] in kinds]


def peer(said: dict) -> Contender:
    command = tuple(shlex.split(said["command"]))
    made = Contender(
        said["name"], said["kind"], said["library"], command, False, how=said.get("how", "")
    )
    missing = why_missing(said)
    version = "" if missing else printed(said.get("version", ""))
    return Contender(**{**vars(made), "missing": missing, "version": version})


def why_missing(said: dict) -> str:
    """Empty once the peer is built; else what to install, or what went wrong."""
    lacking = [p for p in said.get("packages", ()) if not installed(p)]
    if lacking:
        return "not here: apt-get install " + " ".join(lacking)
    if target := said.get("build"):
        made = subprocess.run(
            ["make", "-s", *target.split()], cwd=KIT, capture_output=True, text=True
        )
        if made.returncode:
            return "does not build: " + (made.stderr.strip().splitlines() or ["make failed"])[-1]
    program = shlex.split(said["command"])[0]
    here = shutil.which(program) or (KIT / program).is_file()
    return "" if here else f"not here: there is no {program}"


def installed(package: str) -> bool:
    if not shutil.which("dpkg-query"):
        return True  # another distribution: the build or the command will tell
    asked = ["dpkg-query", "-W", "-f", "${Status}", package]
    return "ok installed" in subprocess.run(asked, capture_output=True, text=True).stdout


def printed(command: str) -> str:
    """The first line of what it prints, on whichever stream (nginx -v uses stderr)."""
    if not command:
        return ""
    done = subprocess.run(command, shell=True, cwd=KIT, capture_output=True, text=True)
    return ((done.stdout + done.stderr).strip().splitlines() or [""])[0]
