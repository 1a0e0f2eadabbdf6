"""Code of multicnn cut down to what some of its functions need, to run where multicnn is not installed.

A file of the package is kept as its functions, classes and constants that are reached, with the imports these need;
annotations are never evaluated, so what only they name is left out. Imports within functions are followed too.
"""

import ast
import symtable
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]  # multicnn/
PACKAGE = "multicnn"
FOLDER = "parts"  # what the package is called in a bundle
LAZY = "from __future__ import annotations\n"

Statement = ast.stmt
Thing = Callable[..., Any]
Place = tuple[str, str]  # a module, and a name in it


@dataclass
class Module:
    """A file of the package.

    bound: the statements that make each name.  imports: what each imported name stands for, a module and a name in it;
    no name for the module itself.
    """

    docstring: str
    statements: list[Statement]
    bound: dict[str, list[int]] = field(default_factory=dict)
    imports: dict[str, Place] = field(default_factory=dict)


def cut_out(things: Iterable[Thing], instead: Mapping[Thing, Thing] | None = None) -> dict[str, str]:
    """The files that hold these functions or classes and all they need: path below the bundle -> source.

    instead: classes that a bundle does without, and what stands for them there.
    """
    swap = {place_of(left_out): place_of(there) for left_out, there in (instead or {}).items()}
    kept: dict[str, set[int]] = {}
    todo, done = [place_of(thing) for thing in things], set()
    while todo:
        where = todo.pop()
        where = swap.get(where, where)
        if where not in done:
            done.add(where)
            todo += reached(*where, kept)
    files = {module: written(read(module), places, swap) for module, places in kept.items()}
    return {path_of(module): text for module, text in files.items()} | packages(files)


def place_of(thing: Thing) -> Place:
    """Module and name."""
    return thing.__module__, thing.__qualname__


def reached(name_of_module: str, name: str, kept: dict[str, set[int]]) -> list[Place]:
    """What the statements that make a name need; they go into `kept`."""
    module = read(name_of_module)
    if name in module.imports:
        return _inside([module.imports[name]])
    found: list[Place] = []
    for place in module.bound.get(name, ()):
        kept.setdefault(name_of_module, set()).add(place)
        statement = module.statements[place]
        found += [(name_of_module, n) for n in bare_names(statement)]
        found += [*attributes(module, statement), *_inside(local_imports(statement))]
    return found


def packages(modules: Iterable[str]) -> dict[str, str]:
    """The empty files that make folders of these modules packages."""
    parents = {Path(path_of(m)).parents[i] for m in modules for i in range(len(Path(path_of(m)).parents) - 1)}
    return {f"{folder.as_posix()}/__init__.py": "" for folder in parents}


def path_of(module: str) -> str:
    """`multicnn.audio.wave` -> `parts/audio/wave.py`"""
    return FOLDER + module.removeprefix(PACKAGE).replace(".", "/") + ".py"


@lru_cache
def read(module: str) -> Module:
    """A file of the package, its names sorted."""
    tree = ast.parse(source_of(module).read_text(encoding="utf-8"))
    found = Module(ast.get_docstring(tree, clean=False) or "", tree.body)
    for place, statement in enumerate(tree.body):
        if isinstance(statement, ast.Import | ast.ImportFrom):
            found.imports |= imported(statement)
        for name in targets(statement):
            found.bound.setdefault(name, []).append(place)
    return found


def source_of(module: str) -> Path:
    """The file of a module or of a package."""
    path = ROOT.joinpath(*module.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def targets(statement: Statement) -> list[str]:
    """The names that a statement makes."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.Assign):
        return [n.id for target in statement.targets for n in ast.walk(target) if isinstance(n, ast.Name)]
    if isinstance(statement, ast.AnnAssign | ast.AugAssign) and isinstance(statement.target, ast.Name):
        return [statement.target.id]
    return []


def imported(statement: ast.Import | ast.ImportFrom) -> dict[str, Place]:
    """What each name stands for."""
    if isinstance(statement, ast.Import):
        return {a.asname or a.name.split(".")[0]: (a.name, "") for a in statement.names}
    module = statement.module or ""
    return {a.asname or a.name: resolved(module, a.name) for a in statement.names}


def resolved(module: str, name: str) -> Place:
    """Where a name that is imported from a module or package of ours is made; others are left as they are."""
    if module.split(".")[0] != PACKAGE:
        return module, name
    if source_of(f"{module}.{name}").exists():
        return f"{module}.{name}", ""
    if source_of(module).name == "__init__.py" and name in (handed_on := read(module).imports):
        return handed_on[name]
    return module, name


def local_imports(statement: Statement) -> list[Place]:
    """What a function or class imports when it is called."""
    inner = [n for n in ast.walk(statement) if isinstance(n, ast.ImportFrom) and n is not statement]
    return [where for n in inner for where in imported(n).values()]


def _inside(places: Iterable[Place]) -> list[Place]:
    """Those within the package that name a thing."""
    return [(module, name) for module, name in places if module.split(".")[0] == PACKAGE and name]


def attributes(module: Module, statement: Statement) -> Iterator[Place]:
    """What a statement reads of modules of ours that are imported as a whole."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            where, name = module.imports.get(node.value.id, ("", ""))
            if where.split(".")[0] == PACKAGE and not name:
                yield where, node.attr


class _Bare(ast.NodeTransformer):
    """Statements without their annotations."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(node.arg)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        if ast.unparse(node.annotation) == "KW_ONLY":  # which dataclasses do read
            return ast.Expr(node.annotation)
        return ast.Assign([node.target], node.value, lineno=0) if node.value else ast.Pass()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        node.returns = None
        return self.generic_visit(node)


def bare_names(statement: Statement) -> set[str]:
    """The names of its file that a statement reads when it runs, those of its own scopes not among them."""
    bare = _Bare().visit(ast.parse(ast.unparse(statement)))
    top = symtable.symtable(ast.unparse(bare), "", "exec")
    found = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_referenced()}
    todo = top.get_children()
    while todo:
        scope = todo.pop()
        found |= {s.get_name() for s in scope.get_symbols() if s.is_global() and s.is_referenced()}
        todo += scope.get_children()
    return found


class _Renamed(ast.NodeTransformer):
    """Imports within functions as those of the bundle's folder."""

    def __init__(self, swap: Mapping[Place, Place]) -> None:
        self.swap = swap

    def visit_ImportFrom(self, node: ast.ImportFrom) -> Any:
        return ast.parse("\n".join(import_lines(imported(node), self.swap))).body


def written(module: Module, places: set[int], swap: Mapping[Place, Place]) -> str:
    """The source of what is kept of a module."""
    statements = [module.statements[place] for place in sorted(places)]
    names = {name for statement in statements for name in bare_names(statement)}
    lines = import_lines({n: where for n, where in module.imports.items() if n in names}, swap)
    renamed = [ast.unparse(_Renamed(swap).visit(ast.parse(ast.unparse(statement)))) for statement in statements]
    return f'"""{module.docstring}"""\n\n' + "\n".join([LAZY, *lines, "\n", "\n\n\n".join(renamed)]) + "\n"


def import_lines(imports: Mapping[str, Place], swap: Mapping[Place, Place]) -> list[str]:
    """An import a name, those of the package from the bundle's folder."""
    return [_line(name, *swap.get(where, where)) for name, where in sorted(imports.items(), key=lambda item: item[1])]


def _line(alias: str, module: str, name: str) -> str:
    own = module.split(".")[0] == PACKAGE
    module = FOLDER + module.removeprefix(PACKAGE) if own else module
    if own and not name:
        module, _, name = module.rpartition(".")
    if not name:
        return f"import {module}" + (f" as {alias}" if alias != module.split(".")[0] else "")
    return f"from {module} import {name}" + (f" as {alias}" if alias != name else "")
