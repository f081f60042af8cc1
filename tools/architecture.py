"""What the architecture forbids, read off the source; every check takes a package's folder.

Each check returns a list of violations, one line each, so an empty list is a pass.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from poolviz.arithmetic.framework_names import FRAMEWORK_NAMES
from tools.imports import Import, dotted, imports, modules, scripts

# Who may import whom: a folder imports itself and the folders before it in its list.
LAYERS = (
    ("i18n",),
    ("arithmetic",),
    ("messages",),
    ("dialects",),
    ("diagnosis",),
    ("reading", "drawing"),
    ("exercises", "browser", "failures"),
    ("widgets",),
    ("hooks", "teaching"),
    ("cli",),
)
WIDGET_LAYERS = (
    ("page",),
    ("base",),
    ("explorer", "exercise"),
    ("stack", "size_map", "comparison"),
    ("decoder",),
)
LEVELS = {name: level for level, names in enumerate(LAYERS) for name in names}
WIDGET_LEVELS = {name: level for level, names in enumerate(WIDGET_LAYERS) for name in names}
TOP = len(LAYERS)  # modules of the package itself: __init__, __main__
LARGEST_SHARE = 0.20  # of all lines that one folder may hold, subfolders included
MOST_MODULES = 15  # in one folder, without its __init__
SOURCES = (".py", ".js", ".css")

WITH_NUMPY = (
    *("arithmetic/values.py", "arithmetic/gradients.py", "arithmetic/windows.py"),
    *("arithmetic/unpooling.py", "arithmetic/convolution/values.py"),
    "diagnosis/layer/arrays.py",
    "diagnosis/layer/convolved.py",
)
MATPLOTLIB = "drawing/mpl/"
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

# A framework's rules and words are in these folders; elsewhere its name is only passed on.
FRAMEWORK_FOLDERS = ("arithmetic/frameworks/", "arithmetic/framework_names.py", "dialects/")


# --- the checks ----------------------------------------------------------------------------------


def unknown_folders(package: Path) -> list[str]:
    """Folders that LAYERS or WIDGET_LAYERS do not list: nothing would be checked in them."""
    files = (*modules(package), *scripts(package))
    parts = [path.relative_to(package).parts[:-1] for path in files]
    inside = {folders[1] for folders in parts if len(folders) > 1 and folders[0] == "widgets"}
    return [
        f"{folder}/ is not in LAYERS"
        for folder in sorted({folders[0] for folders in parts if folders} - LEVELS.keys())
    ] + [
        f"widgets/{folder}/ is not in WIDGET_LAYERS"
        for folder in sorted(inside - WIDGET_LEVELS.keys())
    ]


def upward_imports(package: Path) -> list[str]:
    """Imports of a higher or a neighbouring layer; those for typing count too."""
    return [str(found) for found in imports(package) if _is_upward(found, package)]


def _level(found: Import) -> int | None:
    """Return the level of the importing module; None for a folder that is not in LAYERS."""
    folder, _, rest = found.module.partition("/")
    return LEVELS.get(folder) if rest else TOP


def _is_upward(found: Import, package: Path) -> bool:
    first, *target = found.target.split(".")
    if first != package.name or (own := _level(found)) is None:
        return False
    folder = target[0] if target else ""
    source = found.module.split("/")
    if folder == source[0] == "widgets":
        return _is_upward_in_widgets(source[1], target[1] if len(target) > 1 else "")
    level = LEVELS.get(folder, TOP)
    return level > own or (level == own < TOP and folder != source[0])


def _is_upward_in_widgets(source: str, target: str) -> bool:
    """Modules of the folder `widgets` itself are above all of its folders."""
    above = len(WIDGET_LAYERS)
    own, other = WIDGET_LEVELS.get(source, above), WIDGET_LEVELS.get(target, above)
    return other > own or (other == own < above and source != target)


def circles(package: Path) -> list[str]:
    """Modules that import each other, however late and for whatever reason."""
    return [f"these import each other: {', '.join(sorted(one))}" for one in _loops(_graph(package))]


def folder_circles(package: Path) -> list[str]:
    """Folders side by side that import each other; a folder and one in it are no circle."""
    graph: defaultdict[str, set[str]] = defaultdict(set)
    for module, targets in _graph(package).items():
        source = _folder(module)
        beside = {one for one in map(_folder, targets) if not _is_within(one, source)}
        graph[source] |= beside
    return [f"these folders import each other: {', '.join(sorted(one))}" for one in _loops(graph)]


def _folder(module: str) -> str:
    return module.rpartition(".")[0] or module


def _is_within(one: str, other: str) -> bool:
    """Whether one of two folders is in the other."""
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def _loops(graph: Mapping[str, set[str]]) -> list[set[str]]:
    """Return the sets of nodes that reach each other."""
    found, done = [], set[str]()
    for node in sorted(graph):
        if node not in done:
            loop = {other for other in _reached(graph, node) if node in _reached(graph, other)}
            done |= loop
            if loop:
                found.append(loop | {node})
    return found


def _graph(package: Path) -> dict[str, set[str]]:
    """Module → the modules of the package that it imports, dotted."""
    files = (*modules(package), *scripts(package))
    names = {dotted(path.relative_to(package.parent)) for path in files}
    graph: dict[str, set[str]] = {name: set() for name in names}
    for found in imports(package):
        source = dotted(Path(package.name) / found.module)
        for target in (found.target, found.target.rpartition(".")[0]):
            if target in names:
                graph[source].add(target)
                break
    return {name: targets - {name} for name, targets in graph.items()}


def _reached(graph: Mapping[str, set[str]], start: str) -> set[str]:
    """Return all modules behind `start`; itself only where a way leads back."""
    found, left = set[str](), list(graph[start])
    while left:
        module = left.pop()
        if module not in found:
            found.add(module)
            left += graph[module]
    return found


def crowded_folders(package: Path, largest_share: float = LARGEST_SHARE) -> list[str]:
    """Folders with more than MOST_MODULES modules, or more than a share of all lines."""
    files = [path for path in sorted(package.rglob("*")) if path.suffix in SOURCES]
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    found = []
    for folder in sorted({parent for path in files for parent in path.parents[:-1]}):
        if not folder.is_relative_to(package) or folder == package:
            continue
        own = [path for path in files if path.parent == folder and path.name != "__init__.py"]
        share = sum(lines[path] for path in files if folder in path.parents) / sum(lines.values())
        name = folder.relative_to(package).as_posix()
        if len(own) > MOST_MODULES:
            found.append(f"{name}/ has {len(own)} modules")
        if share > largest_share and sum(lines.values()) > 1000:
            found.append(f"{name}/ holds {share:.0%} of the lines")
    return found


def misplaced_numpy(package: Path) -> list[str]:
    """numpy outside of drawing and widgets, but in the modules that compute values."""
    return _violations(
        package,
        ("numpy",),
        lambda found: (
            not _is_in(found, "drawing", "widgets", "cli") and found.module not in WITH_NUMPY
        ),
    )


def misplaced_matplotlib(package: Path) -> list[str]:
    """matplotlib anywhere but in `drawing/mpl`."""
    return _violations(
        package,
        ("matplotlib", "mpl_toolkits"),
        lambda found: not found.module.startswith(MATPLOTLIB),
    )


def _is_in(found: Import, *folders: str) -> bool:
    return found.module.partition("/")[0] in folders


def misplaced_widgets(package: Path) -> list[str]:
    """Widget libraries below the widgets."""
    return _violations(
        package,
        WIDGET_LIBRARIES,
        lambda found: not _is_in(found, "widgets", "cli"),
    )


def pyplot_imports(package: Path) -> list[str]:
    """pyplot, anywhere: it keeps every figure, and chooses a backend for the whole process."""
    return _violations(package, PYPLOT, lambda found: True)


def framework_imports(package: Path) -> list[str]:
    """A deep-learning framework, anywhere."""
    return _violations(package, DEEP_LEARNING, lambda found: True)


def framework_names(package: Path) -> list[str]:
    """Framework names compared, matched or used as keys outside of the frameworks' folders."""
    found = {path.relative_to(package).as_posix(): path for path in modules(package)}
    return [
        f"{module}:{line} asks for the name of a framework"
        for module, path in found.items()
        if not module.startswith(FRAMEWORK_FOLDERS)
        for line in _lines_with_names(path)
    ]


def _lines_with_names(path: Path) -> list[int]:
    """Comparisons, cases and dictionary keys with a name, and constants that list several."""
    lines = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Compare):
            asked: list[ast.expr] = [node.left, *node.comparators]
        elif isinstance(node, ast.MatchValue):
            asked = [node.value]
        elif isinstance(node, ast.Dict):
            asked = [key for key in node.keys if key is not None]
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).isupper():
            asked = [node.value] if len(_names(node.value)) > 1 else []
        else:
            continue
        lines |= {part.lineno for part in asked if _names(part)}
    return sorted(lines)


def _names(node: ast.expr) -> list[str]:
    """The framework names that an expression is, or holds as the entries of a collection."""
    if isinstance(node, ast.Constant):
        return [node.value] if node.value in FRAMEWORK_NAMES else []
    if isinstance(node, ast.Call):  # frozenset(("pytorch", "jax"))
        return [name for part in node.args for name in _names(part)]
    entries = getattr(node, "elts", ()) if not isinstance(node, ast.Subscript) else ()
    return [name for part in entries for name in _names(part)]


def _violations(
    package: Path, names: Sequence[str], is_forbidden: Callable[[Import], bool]
) -> list[str]:
    return [
        str(found) for found in imports(package) if found.reaches(*names) and is_forbidden(found)
    ]


def loaded_by(code: str, names: Sequence[str], folder: Path, **environment: str) -> list[str]:
    """Return those of `names` that a fresh Python has loaded after running `code` in `folder`."""
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


# --- public names --------------------------------------------------------------------------------


def public_names(package: Path) -> dict[str, str]:
    """Public name → module, from the dict _MODULES of the package's __init__."""
    for node in _top(package).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_MODULES":
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
