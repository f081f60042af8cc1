"""Every import in a package, read off the source of its Python modules and scripts."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path


@dataclass(frozen=True)
class Import:
    """One imported name: `module` is relative to the package's folder, `target` dotted."""

    module: str
    line: int
    target: str

    def reaches(self, *names: str) -> bool:
        """Return whether the target is one of `names`, or inside one of them."""
        return any(self.target == name or self.target.startswith(f"{name}.") for name in names)

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.target}"


def modules(package: Path) -> list[Path]:
    """Return every Python file of a package."""
    return sorted(package.rglob("*.py"))


def scripts(package: Path) -> list[Path]:
    """Return every JavaScript module of a package."""
    return sorted(package.rglob("*.js"))


def imports(package: Path) -> list[Import]:
    """Every import of every module, wherever it stands: at the top, in functions, for typing."""
    return [
        Import(path.relative_to(package).as_posix(), line, target)
        for path in (*modules(package), *scripts(package))
        for line, target in _imports_of(path.read_text(encoding="utf-8"), path, package)
    ]


@lru_cache(maxsize=1024)  # each check needs all of them
def _imports_of(text: str, path: Path, package: Path) -> tuple[tuple[int, str], ...]:
    if path.suffix == ".js":
        return tuple(_imported_by_script(text, path, package))
    return tuple(_imported(ast.parse(text, str(path)), path, package))


# import … from "./a.js", import("./a.js"), and for types @import { A } from "./a.js"
_SCRIPT_IMPORT = re.compile(r'\b(?:from|import)\b\s*\(?\s*"(\.[^"]+\.js)"')


def _imported_by_script(text: str, path: Path, package: Path) -> Iterator[tuple[int, str]]:
    for found in _SCRIPT_IMPORT.finditer(text):
        target = Path(os.path.normpath(path.parent / found[1]))
        yield text.count("\n", 0, found.start()) + 1, dotted(target.relative_to(package.parent))


def _imported(module: ast.Module, path: Path, package: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = _source(node, path, package)
            yield from ((node.lineno, f"{source}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call):
            yield from ((node.lineno, name) for name in _imported_by_call(node))


def _source(node: ast.ImportFrom, path: Path, package: Path) -> str:
    """Return the module that a `from` names, with leading dots resolved."""
    if node.level == 0:
        return node.module or ""
    folder = path.parents[node.level - 1].relative_to(package.parent)
    return ".".join([*folder.parts, *([node.module] if node.module else [])])


def _imported_by_call(node: ast.Call) -> Iterator[str]:
    """Yield the module in import_module("…") and __import__("…")."""
    called = node.func
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", None)
    if name in ("import_module", "__import__") and node.args:
        first = node.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value


def dotted(path: Path) -> str:
    """Return the name of a module; a script has its ending, as Python may have the same name."""
    end = ":js" if path.suffix == ".js" else ""
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__") + end
