"""Cuts functions out of Python sources by their syntax tree, and then what nobody uses any more."""
import ast
from dataclasses import replace

from autograder.labs import UsageError


def source(text, node) -> str:
    """The lines of a node, decorators and the blank lines behind it included."""
    lines = text.splitlines(keepends=True)
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))]) - 1
    last = node.end_lineno
    while last < len(lines) and not lines[last].strip():
        last += 1
    return "".join(lines[first:last])


def constants(tree) -> dict[str, object]:
    """Names of a module that are assigned a constant, alone or in a tuple."""
    found = {}
    for node in (node for node in tree.body if isinstance(node, ast.Assign)):
        target, value = node.targets[0], node.value
        pairs = [(target, value)]
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            pairs = zip(target.elts, value.elts)
        found |= {t.id: v.value for t, v in pairs if isinstance(v, ast.Constant)}
    return found


def is_check(call) -> bool:
    return isinstance(call, ast.Call) and getattr(call.func, "id", "") == "check"


def decorated(text):
    """(step, name, points, source) of every function under @check(step, points, ...)."""
    tree = ast.parse(text)
    known = constants(tree)
    for node in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
        for call in filter(is_check, node.decorator_list):
            step, points = (
                argument.value if isinstance(argument, ast.Constant) else known[argument.id]
                for argument in call.args[:2]
            )
            yield step, node.name, points, source(text, node)


def used(trees) -> set[str]:
    """Every name that is read anywhere: as a name, as an attribute, or by an import."""
    found = set()
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.name for alias in node.names}
    return found


def tidied(before, after, package, gone) -> dict:
    """The modules of `package` without references to the functions `gone` (path -> names), and
    without the functions and constants that were used before these went and are used no more."""
    texts = {path: after[path].text for path in after if path.startswith(package)}
    texts = {
        path: unreferenced(path, text, known_in(text, path, gone)) for path, text in texts.items()
    }
    others = [ast.parse(e.text) for p, e in after.items() if p.endswith(".py") and p not in texts]
    once = used([*others, *(ast.parse(before[path].text) for path in texts)])
    while True:
        trees = {path: ast.parse(text) for path, text in texts.items()}
        unused = once - used([*others, *trees.values()])
        smaller = {path: without(text, trees[path], unused) for path, text in texts.items()}
        if smaller == texts:
            return {p: replace(after[p], data=text.encode()) for p, text in texts.items()}
        texts = smaller


def known_in(text, path, gone) -> set[str]:
    """Which of the functions `gone` a module knows: its own, and those that it imports."""
    known = set(gone.get(path, ()))
    stems = {other.rpartition("/")[2].removesuffix(".py"): names for other, names in gone.items()}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            known |= {a.name for a in node.names} & set(stems.get(node.module or "", ()))
    return known


def without(text, tree, unused) -> str:
    """`text` without the definitions of the names `unused`; checks are used by being there."""
    sources = []
    for node in tree.body:
        name = getattr(node, "name", "")
        if isinstance(node, ast.Assign):
            name = getattr(node.targets[0], "id", "")
        if name in unused and not any(map(is_check, getattr(node, "decorator_list", ()))):
            sources.append(source(text, node))
    for one in sources:
        text = text.replace(one, "")
    return text


def unreferenced(path, text, gone) -> str:
    """`text` whose `needs=(a.id, b.id)` and imports do not name the functions `gone`."""
    for node in ast.walk(ast.parse(text)):
        old = (
            ast.get_source_segment(text, node)
            if isinstance(node, (ast.Tuple, ast.ImportFrom))
            else ""
        )
        if isinstance(node, ast.Tuple) and any(is_id(item, gone) for item in node.elts):
            kept = [ast.get_source_segment(text, i) for i in node.elts if not is_id(i, gone)]
            new = f"({', '.join(kept)}{',' if len(kept) == 1 else ''})"
            return unreferenced(path, text.replace(old, new), gone)
        if isinstance(node, ast.ImportFrom) and any(alias.name in gone for alias in node.names):
            kept = [alias.name for alias in node.names if alias.name not in gone]
            new = f"from {'.' * node.level}{node.module or ''} import {', '.join(kept)}"
            return unreferenced(path, text.replace(old, new if kept else "pass"), gone)
    if still := used([ast.parse(text)]) & gone:
        raise UsageError(f"{path} uses {', '.join(sorted(still))}: it cannot be hidden")
    return text


def is_id(node, gone) -> bool:
    return isinstance(node, ast.Attribute) and getattr(node.value, "id", "") in gone
