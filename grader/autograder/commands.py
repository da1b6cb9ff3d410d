"""What is compiled when a check first asks for it, once however many ask; different flavours side by
side. So the checks of one step need not wait for what only others use."""
import threading

from . import build, verdict
from .failure import Failed, Lacking


class OnDemand:
    """(program, flavour) -> Built. `make`: as Grading.build()."""

    def __init__(self, make):
        self._make, self._lock, self._locks, self._built = make, threading.Lock(), {}, {}

    def built(self, program, flavour) -> build.Built:
        wanted = program, flavour
        with self._lock:
            lock = self._locks.setdefault(wanted, threading.Lock())
        with lock:
            if wanted not in self._built:
                flavours = () if flavour == build.WHITEBOX else (flavour,)
                self._built[wanted] = self._make({program}, flavours)
            return self._built[wanted]


class Commands(dict):
    """Flavour -> command line of a program. `used` gets what is asked for."""

    def __init__(self, grading, program: str, used: set):
        super().__init__(
            {
                flavour: [str(path), "{port}"]
                for (name, flavour), path in grading.built.programs.items()
                if name == program
            }
        )
        self.grading, self.program, self.used = grading, program, used

    def __getitem__(self, flavour):
        self.used.add((self.program, flavour))
        return super().__getitem__(flavour)

    def __missing__(self, flavour):
        made = ask(self.grading, self.program, flavour)
        if (self.program, flavour) not in made.programs:
            self[build.FLAVOURS[0]]  # the program's own fault shows in every flavour
            raise Lacking(
                f"{self.program} cannot be built for ThreadSanitizer here, though it compiles: g++"
                " and the libtsan of its version are needed, `make setup`"
            )
        return self.setdefault(flavour, [str(made.programs[self.program, flavour]), "{port}"])


class Suites(dict):
    """White-box suite -> executable."""

    def __init__(self, grading, used):
        super().__init__(grading.built.whitebox)
        self.grading, self.used = grading, used

    def __getitem__(self, suite):
        self.used.add((suite, build.WHITEBOX))
        return super().__getitem__(suite)

    def __missing__(self, suite):
        return ask(self.grading, suite, build.WHITEBOX).whitebox[suite]


def ask(grading, program, flavour) -> build.Built:
    made = grading.on_demand.built(program, flavour)
    grading.built.files.update(made.files)
    if program in made.errors:
        raise uncompiled(made, program, made.errors[program])
    return made


def uncompiled(built, program, errors) -> Failed:
    limited = getattr(built, "limits", {}).get(program)
    return Failed(
        f"{program} does not compile:\n{errors}",
        "the compiler's first error is the one to mend",
        verdict=verdict.COMPILE_LIMIT if limited else verdict.COMPILE_ERROR,
    )
