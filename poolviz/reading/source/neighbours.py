"""Files beside a text: modules of its package or folder that it imports. They are never run."""

from __future__ import annotations

import ast
from pathlib import Path

MOST_FILES = 60
MOST_BYTES = 250_000  # of all files that are read for one text
MOST_FOLDERS = 8  # of packages within each other
_START = "__init__.py"


class Neighbours:
    """The modules around a file, by their full names.

    Parameters
    ----------
    file
        The file whose imports are followed.
    """

    def __init__(self, file: Path) -> None:
        folder = file.resolve().parent
        parts: list[str] = []
        while (folder / _START).is_file() and len(parts) < MOST_FOLDERS:
            parts.insert(0, folder.name)
            folder = folder.parent
        self.package = ".".join(parts)  # the one that holds the file
        self.root = folder
        self._files, self._bytes = MOST_FILES, MOST_BYTES
        self._paths: dict[str, Path | None] = {}

    def absolute(self, package: str, module: str | None, level: int) -> str:
        """Return the full name of a module that is imported in a package.

        >>> Neighbours(Path("net.py")).absolute("models.blocks", "common", 2)
        'models.common'
        """
        parts = package.split(".") if package else []
        parts = parts[: len(parts) + 1 - level] if level else []
        return ".".join([*parts, *([module] if module else [])])

    def path_of(self, module: str) -> Path | None:
        """Return the file of a module; None for one that is not among the neighbours."""
        if module not in self._paths:
            self._paths[module] = self._found(module)
        return self._paths[module]

    def _found(self, module: str) -> Path | None:
        parts = module.split(".")
        if not all(part.isidentifier() for part in parts):
            return None
        inside = parts[1:] if parts[0] == self.root.name else parts  # `models.x` in models/y.py
        for names in (parts, inside):
            place = self.root.joinpath(*names)
            for path in (place / _START, place.with_suffix(".py")):
                # A symbolic link may lead out of the folder.
                if names and path.is_file() and path.resolve().is_relative_to(self.root):
                    return path
        return None

    def split(self, path: str) -> tuple[str, str] | None:
        """Return a module and the name in it; None for a module itself, and for what is elsewhere.

        >>> Neighbours(Path("net.py")).split("torch.nn.Conv2d") is None
        True
        """
        module, _, name = path.rpartition(".")
        is_inside = bool(module) and self.path_of(module) is not None
        return (module, name) if is_inside and self.path_of(path) is None else None

    def package_of(self, module: str) -> str:
        """Return the package from which a module imports."""
        path = self.path_of(module)
        is_package = path is not None and path.name == _START
        return module if is_package else module.rpartition(".")[0]

    def statements(self, module: str, line: int) -> list[ast.stmt]:
        """Return the statements of a module, all on the line of its import; [] past the limits."""
        path = self.path_of(module)
        try:
            size = 0 if path is None else path.stat().st_size
            if path is None or not self._files or size > self._bytes:
                return []
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, SyntaxError, RecursionError):
            return []
        self._files, self._bytes = self._files - 1, self._bytes - size
        for node in ast.walk(tree):
            if hasattr(node, "lineno"):
                node.lineno = line
        return tree.body
