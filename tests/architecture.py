"""What the architecture forbids, read off the source; every check takes a package's folder.

Each check returns a list of violations, one line each, so an empty list is a pass.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FLOORS = {
    name: floor
    for floor, names in enumerate(
        (
            ["i18n"],
            ["arithmetic"],
            ["dialects"],
            ["diagnosis"],
            ["reading", "drawing"],
            ["exercises"],
            ["widgets"],
            ["cli"],
        ),
        start=-1,
    )
    for name in names
}
CELLAR = min(FLOORS.values())
ROOF = 1 + max(FLOORS.values())  # modules of the package itself: __init__, __main__

NUMPY_BELOW_DRAWING = ("arithmetic/values.py", "diagnosis/layer/arrays.py")
MATPLOTLIB_IN_DRAWING = ("drawing/draw.py", "drawing/mpl/")
WIDGET_LIBRARIES = ("ipywidgets", "anywidget", "traitlets")
PYPLOT = ("matplotlib.pyplot", "matplotlib.pylab", "pylab")
DEEP_LEARNING = (
    "torch",
    "torchvision",
    "lightning",
    "tensorflow",
    "tf_keras",
    "keras",
    "jax",
    "jaxlib",
    "flax",
    "onnx",
    "onnxruntime",
    "paddle",
    "mxnet",
)


@dataclass(frozen=True)
class Import:
    """One imported name: `module` is relative to the package's folder, `target` dotted."""

    module: str
    line: int
    target: str

    @property
    def floor(self) -> int | None:
        """The floor of the importing module; None for a folder that is on no floor."""
        folder, _, rest = self.module.partition("/")
        return FLOORS.get(folder) if rest else ROOF

    def reaches(self, *names: str) -> bool:
        """Is the target one of `names`, or inside one of them?"""
        return any(self.target == name or self.target.startswith(f"{name}.") for name in names)

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.target}"


def modules(package: Path) -> list[Path]:
    """Every Python file of a package."""
    return sorted(package.rglob("*.py"))


def imports(package: Path) -> list[Import]:
    """Every import of every module, wherever it stands: at the top, in functions, for typing."""
    return [
        Import(path.relative_to(package).as_posix(), line, target)
        for path in modules(package)
        for line, target in _imports_of(path, package)
    ]


def _imports_of(path: Path, package: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = _source(node, path, package)
            yield from ((node.lineno, f"{source}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call):
            yield from ((node.lineno, name) for name in _imported_by_call(node))


def _source(node: ast.ImportFrom, path: Path, package: Path) -> str:
    """The module that a `from` names, with leading dots resolved."""
    if node.level == 0:
        return node.module or ""
    folder = path.parents[node.level - 1].relative_to(package.parent)
    return ".".join([*folder.parts, *([node.module] if node.module else [])])


def _imported_by_call(node: ast.Call) -> Iterator[str]:
    """The module in import_module("…") and __import__("…")."""
    called = node.func
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", None)
    if name in ("import_module", "__import__") and node.args:
        first = node.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value


# --- the checks ----------------------------------------------------------------------------------


def modules_on_no_floor(package: Path) -> list[str]:
    """Folders that the list of floors does not know: nothing would be checked in them."""
    folders = {path.relative_to(package).parts[0] for path in modules(package)}
    return sorted(
        f"{folder}/ is on no floor"
        for folder in folders
        if folder not in FLOORS and not folder.endswith(".py")
    )


def upward_imports(package: Path) -> list[str]:
    """Imports of a higher floor; for typing counts too. The package itself is the roof."""
    return [
        str(found)
        for found in imports(package)
        if found.floor is not None and _target_floor(found, package) > found.floor
    ]


def _target_floor(found: Import, package: Path) -> int:
    first, *rest = found.target.split(".")
    if first != package.name:
        return CELLAR
    return FLOORS.get(rest[0], ROOF) if rest else ROOF


def misplaced_numpy(package: Path) -> list[str]:
    """numpy below the drawing, but in the two modules that compute values."""
    return _violations(
        package,
        ("numpy",),
        lambda found: _is_below_drawing(found) and found.module not in NUMPY_BELOW_DRAWING,
    )


def misplaced_matplotlib(package: Path) -> list[str]:
    """matplotlib below the drawing, or in a module that plans a picture and does not paint it."""
    return _violations(
        package,
        ("matplotlib", "mpl_toolkits"),
        lambda found: (
            _is_below_drawing(found)
            or (
                found.module.startswith("drawing/")
                and not found.module.startswith(MATPLOTLIB_IN_DRAWING)
            )
        ),
    )


def _is_below_drawing(found: Import) -> bool:
    return found.floor is not None and found.floor < FLOORS["drawing"]


def misplaced_widgets(package: Path) -> list[str]:
    """Widget libraries below the widgets."""
    return _violations(
        package,
        WIDGET_LIBRARIES,
        lambda found: found.floor is not None and found.floor < FLOORS["widgets"],
    )


def pyplot_imports(package: Path) -> list[str]:
    """pyplot, anywhere: it keeps every figure, and chooses a backend for the whole process."""
    return _violations(package, PYPLOT, lambda found: True)


def framework_imports(package: Path) -> list[str]:
    """A deep-learning framework, anywhere."""
    return _violations(package, DEEP_LEARNING, lambda found: True)


def _violations(
    package: Path, names: Sequence[str], is_forbidden: Callable[[Import], bool]
) -> list[str]:
    return [
        str(found) for found in imports(package) if found.reaches(*names) and is_forbidden(found)
    ]


def loaded_by(code: str, names: Sequence[str], folder: Path, **environment: str) -> list[str]:
    """Which of `names` a fresh Python has loaded after running `code` in `folder`."""
    question = f"import sys\nprint(*(name for name in {list(names)!r} if name in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{question}"],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout.split()


# --- the shelf -----------------------------------------------------------------------------------


def shelf(package: Path) -> dict[str, str]:
    """Public name → module, from the dict _SHELF of the package's __init__."""
    for node in _top(package).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_SHELF":
            found: Mapping[str, str] = ast.literal_eval(node.value)
            return dict(found)
    return {}


def names_for_editors(package: Path) -> dict[str, str]:
    """Public name → module, from the TYPE_CHECKING block of the package's __init__."""
    return {
        alias.asname or alias.name: node.module or ""
        for block in _top(package).body
        if isinstance(block, ast.If) and ast.unparse(block.test).endswith("TYPE_CHECKING")
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def _top(package: Path) -> ast.Module:
    return ast.parse((package / "__init__.py").read_text(encoding="utf-8"))
