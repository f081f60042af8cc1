"""Find the notebooks of this installation, and copy them into a folder of the user."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from poolviz.arithmetic.framework_names import COURSES
from poolviz.cli.course import for_course

PACKAGE = Path(__file__).resolve().parents[1]
START = "00_start_here.ipynb"

_LEFT_OUT = {".ipynb_checkpoints", "__pycache__"}


class Copied(NamedTuple):
    """A notebook, and whether it was copied into the user's folder."""

    path: Path
    what: Literal["new", "overwritten", "kept", "unchanged"]


def checkout_notebooks(package: Path = PACKAGE) -> Path | None:
    """Return the folder `notebooks` of a checkout; None if poolviz runs from a wheel."""
    root = package.parent
    is_checkout = (root / "pyproject.toml").is_file() and (root / "notebooks" / START).is_file()
    return root / "notebooks" if is_checkout else None


def notebooks_folder(package: Path = PACKAGE) -> Path:
    """Return the folder of the notebooks, in the checkout or in the installed package."""
    folder = checkout_notebooks(package) or package / "notebooks"
    if not (folder / START).is_file():
        raise FileNotFoundError(f"this installation has no notebooks: {folder / START} is missing")
    return folder


def copy_notebooks(
    source: Path, target: Path, *, force: bool = False, framework: str | None = None
) -> list[Copied]:
    """Copy every notebook, or those of a course in a framework.

    Existing files are overwritten with `force` only.
    """
    files = [name for name in _files(source) if _belongs(source / name, framework)]
    return [_copy(source / name, target / name, force, framework) for name in files]


def _belongs(path: Path, framework: str | None) -> bool:
    """Return whether a file is part of a course: a lab in the other framework is not."""
    other = [name for name in COURSES if framework not in (None, name)]
    return not any(path.stem.endswith(f"_{name}") for name in other)


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and _LEFT_OUT.isdisjoint(name.parts):
            yield name


def _copy(source: Path, target: Path, force: bool, framework: str | None) -> Copied:
    content = source.read_bytes()
    if framework is not None and source.suffix == ".ipynb":
        content = for_course(content.decode("utf-8"), framework).encode("utf-8")
    is_there = target.exists()
    if is_there and target.read_bytes() == content:
        return Copied(target, "unchanged")
    if is_there and not force:
        return Copied(target, "kept")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return Copied(target, "overwritten" if is_there else "new")
