"""Run the cells of a notebook in this process, as a kernel would, and collect their output."""

from __future__ import annotations

import atexit
import builtins
import contextlib
import io
import json
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from IPython.core.formatters import DisplayFormatter
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

Show = Callable[[Any], None]  # receives each displayed object


class ExportError(Exception):
    """Why notebooks cannot be exported, in one sentence."""


@dataclass(frozen=True)
class Cell:
    """A code cell: its number among all cells, its source, and whether it may raise."""

    number: int
    source: str
    may_raise: bool


def read_notebook(path: Path) -> tuple[str, list[Cell]]:
    """Return the title of a notebook, and its code cells.

    Raises
    ------
    ExportError
        If the file is no notebook.
    """
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts = ["".join(cell["source"]) for cell in cells]
        code = [
            Cell(number, text, "raises-exception" in cell.get("metadata", {}).get("tags", ()))
            for number, (cell, text) in enumerate(zip(cells, texts, strict=True), start=1)
            if cell["cell_type"] == "code" and text.strip()
        ]
        words = (t for c, t in zip(cells, texts, strict=True) if c["cell_type"] == "markdown")
        first = next(words, "")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
        raise ExportError(f"{path} is no notebook: {type(wrong).__name__}: {wrong}") from wrong
    lines = (line.lstrip("#").strip() for line in first.splitlines())
    return next(filter(None, lines), path.stem), code


def run(path: Path, cells: Sequence[Cell], show: Show) -> Iterator[Cell]:
    """Run cell after cell in the notebook's folder, and yield each cell that was run.

    `show` receives each displayed object; printed output is dropped.

    Raises
    ------
    ExportError
        If a cell raises that may not.
    """
    with _shell() as shell:
        shell.display_formatter = formatter = _Recorder(parent=shell)
        for cell in cells:
            with contextlib.chdir(path.parent), _silence():
                result = shell.run_cell(cell.source, store_history=True)  # type: ignore[no-untyped-call]
            for value in formatter.take():
                show(value)
            try:
                result.raise_error()
            except (Exception, SystemExit) as wrong:  # a cell may exit, but not end the export
                if not cell.may_raise:
                    problem = f"{type(wrong).__name__}: {wrong}"
                    raise ExportError(f"{path.name}, cell {cell.number}: {problem}") from wrong
            yield cell


class _Shell(InteractiveShell):
    def enable_gui(self, gui: str | None = None) -> None:
        """Ignore `%matplotlib`: no event loop runs here."""


class _Recorder(DisplayFormatter):
    """Keeps the objects that a cell displays instead of formatting them."""

    def __init__(self, **traits: object) -> None:
        super().__init__(**traits)
        self._shown: list[object] = []

    def format(
        self, obj: object, include: object = None, exclude: object = None
    ) -> tuple[Any, Any]:
        self._shown.append(obj)
        return {}, {}

    def take(self) -> list[object]:
        """Return the objects displayed since the last call."""
        shown, self._shown = self._shown, []
        return shown


@contextlib.contextmanager
def _shell() -> Iterator[InteractiveShell]:
    """Make a new shell the current one, without a history and without the user's profile."""
    # `display` and `get_ipython` use the current shell; inside a notebook there is one already,
    # and traitlets has no other way to set it aside.
    outer = getattr(InteractiveShell, "_instance", None)
    setattr(InteractiveShell, "_instance", None)  # noqa: B010
    # IPython does not set `_` where builtins has one, which Python's own display hook puts there.
    last = {name: vars(builtins).pop(name) for name in ("_",) if name in vars(builtins)}
    with TemporaryDirectory() as folder:
        config = Config(HistoryManager={"enabled": False})
        shell = _Shell.instance(config=config, ipython_dir=folder)
        try:
            yield shell
        finally:
            _Shell.clear_instance()
            setattr(InteractiveShell, "_instance", outer)  # noqa: B010
            shell.restore_sys_module_state()  # type: ignore[no-untyped-call]
            atexit.unregister(shell.atexit_operations)
            shell.atexit_operations()  # type: ignore[no-untyped-call]
            vars(builtins).update(last)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "To exit: use")  # IPython's advice after SystemExit
        yield
