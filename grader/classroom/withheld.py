"""What students must not read: the answers of the steps, the instructor's notes, the mutants, the
right servers of the corpus, the hidden checks. Each becomes patterns that are found again in other
clothes: indented, quoted, commented out, escaped in a string, put on one line."""
import ast
import html
import re
from dataclasses import dataclass

import skeleton

from .hiding import CHECKS

LONG = 40  # characters of a line that is a secret by itself
SHORTEST = 24  # characters of a pattern, without white space: less is found anywhere
LEAST = 10  # characters of a line that says something


def plain(text):
    return re.sub(r"\s+", "", text)


def unprefixed(text):
    """Without what stands in front of the words of a line: "> ", "+", "//", "12: "."""
    return plain(re.sub(r"^[\W\d_]+", "", text, flags=re.MULTILINE))


def unescaped(text):
    """As a string means it: no escapes, and the parts of a literal that is continued in one."""
    for escape, meant in (("\\n", "\n"), ("\\t", "\t"), ('\\"', '"'), ("\\\\", "\\")):
        text = text.replace(escape, meant)
    return re.sub(r'"[fr]*"', "", plain(html.unescape(text)))


VIEWS = (plain, unprefixed, unescaped)


@dataclass(frozen=True)
class Secret:
    what: str  # "answer of step 05.2"
    shown: str  # the first line of it
    patterns: tuple[str, ...]  # one for each of VIEWS; "": too short to be looked for

    @property
    def step(self) -> str:
        """Of an answer: 05.2."""
        return self.what.split()[-1]


class Finder:
    """Finds secrets in a text. What stands at the head of a pattern is looked up for every place of
    the text at once: thousands of searches would take a minute for a kit."""

    HEAD = 10  # characters

    def __init__(self, secrets):
        self.heads = [{} for _ in VIEWS]
        for one in secrets:
            for heads, pattern in zip(self.heads, one.patterns):
                if pattern:
                    heads.setdefault(pattern[: self.HEAD], []).append((pattern, one))

    def found(self, text):
        """The secrets that `text` holds, however it is dressed."""
        for view, heads in zip(VIEWS, self.heads):
            seen = view(text)
            places = {seen[i : i + self.HEAD] for i in range(len(seen))}
            for head in places & heads.keys():
                yield from (one for pattern, one in heads[head] if pattern in seen)


def secret(what, text, shortest=SHORTEST) -> Secret:
    patterns = [view(text) for view in VIEWS]
    shown = text.strip().splitlines()[0].strip()[:80]
    return Secret(what, shown, tuple(p if len(p) >= shortest else "" for p in patterns))


def unless_given(secrets, given) -> list[Secret]:
    """Those that do not stand in the text `given`, which students have anyway."""
    views = [view(given) for view in VIEWS]
    return [s for s in secrets if not any(p and p in seen for p, seen in zip(s.patterns, views))]


def answers(kit):
    """Of every step: each line that is long, and each two lines in a row."""
    for path in sorted(kit):
        if path.startswith("solutions/") and f".{path.rpartition('.')[2]}" in skeleton.CODE:
            left_out = []
            skeleton.skeleton(kit[path].text, answers=left_out)
            for label, lines in left_out:
                for span in spans(lines):
                    yield secret(f"answer of step {label}", span)


def spans(lines):
    """What is looked for of an answer: lines that say something, long or with their successor."""
    telling = [i for i, line in enumerate(lines) if tells(line)]
    yield from (lines[i] for i in telling if len(lines[i].strip()) >= LONG)
    yield from ("\n".join(lines[i : k + 1]) for i, k in zip(telling, telling[1:]))


def tells(line) -> bool:
    return len(plain(line)) >= LEAST and re.search("[A-Za-z]", line) is not None


def instructors(kit):
    """The long lines of what is written for instructors and for the kit's own tests."""
    for path in sorted(kit):
        if path.endswith("/NOTES.md") or path.startswith(
            ("grader/mutants/", "grader/corpus/right/")
        ):
            for line in kit[path].data.decode(errors="replace").splitlines():
                if len(re.sub(r"[^A-Za-z]", "", line)) >= 28 and len(line.strip()) >= LONG:
                    yield secret(f"a line of {path}", line)


def hidden_checks(hidden, kept):
    """Ids and messages of hidden checks; `kept`: the sources of the checks that are not hidden."""
    known = unescaped("\n".join(kept.values()))
    for check in hidden:
        for text in (check.id, check.name):
            if text not in known:  # a visible check may have the same name in another step
                yield Secret("hidden check", text, (text, "", ""))
        for text in messages(check):
            if len(plain(text)) >= SHORTEST and unescaped(text) not in known:
                yield secret(f"message of the hidden check {check.id}", text)


def messages(check):
    """The texts in a check's source: its promise and what it may say."""
    if check.path.endswith(".py"):
        for node in ast.walk(ast.parse(check.source)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
    else:
        yield re.match(r"(// .*\n)*", check.source)[0]
        yield from re.findall(r'"((?:[^"\\]|\\.)*)"', check.source)


def everything(kit, archive, hidden) -> list[Secret]:
    """All secrets of the kit in view of `archive`, path -> Entry: what its labs are given, code of
    skeletons, given headers and revealed files, is none."""
    given = [
        entry.text
        for path, entry in archive.items()
        if path.startswith(("labs/", "solutions/", "support/async/include/"))
        and not path.endswith((".md", ".toml"))
    ]
    kept = {p: e.text for p, e in archive.items() if p.startswith((CHECKS, "grader/whitebox/"))}
    found = unless_given([*answers(kit), *instructors(kit)], "\n".join(given))
    return [*found, *hidden_checks(hidden, kept)]
