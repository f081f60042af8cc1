"""`python -m poolviz export`: all widgets of notebooks as pages, with an index."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from poolviz.cli.notebooks import notebooks_folder
from poolviz.drawing.output.atomic_write import at_home, write_whole
from poolviz.i18n.html import escape
from poolviz.i18n.sanitize import in_one_line

TITLE = "Pages without a kernel"
EXERCISES = "Exercises"
_BAR = 24  # characters


class ExportError(Exception):
    """What keeps a site from being made, in a sentence."""


@dataclass(frozen=True)
class Page:
    """One page of the site: the name of its file, and what it is called."""

    name: str
    title: str


@dataclass
class Section:
    """The pages of one notebook, or of the exercises."""

    title: str
    pages: list[Page] = field(default_factory=list)


# --- what is asked for ---------------------------------------------------------------------------


def sources(names: Sequence[str]) -> tuple[list[Path], list[str]]:
    """Notebooks and ids of exercises, each once, in the order in which they were named.

    Raises
    ------
    ExportError
        For a name that is neither.
    """
    from poolviz.exercises import exercises

    known = frozenset(exercises())
    notebooks: dict[Path, None] = {}
    ids: dict[str, None] = {}
    for name in names:
        found = _notebook(name)
        if found is not None:
            notebooks[found] = None
        elif name in known:
            ids[name] = None
        else:
            raise ExportError(
                f"there is no notebook and no exercise {name!r}: give a file, the name or number "
                "of a notebook such as 01, or an id from poolviz.exercises()"
            )
    return list(notebooks), list(ids)


def _notebook(name: str) -> Path | None:
    """A file; else one of our own notebooks, by name or number."""
    path = Path(name)
    if path.suffix == ".ipynb" and path.is_file():
        return path.resolve()
    own = sorted(notebooks_folder().glob("*.ipynb"))
    if name.isdecimal():
        return next(
            (each for each in own if each.name.startswith(f"{name.lstrip('0'):0>2}_")), None
        )
    return next((each for each in own if name in (each.name, each.stem)), None)


# --- running a notebook --------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """A code cell: its number among all cells, its source, and whether it may raise."""

    number: int
    source: str
    may_raise: bool


def read_notebook(path: Path) -> tuple[str, list[Cell]]:
    """The title of a notebook, and its code cells.

    Raises
    ------
    ExportError
        For a file that is no notebook.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        cells = found["cells"]
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


def run(path: Path, cells: Sequence[Cell], show: Callable[[Any], None]) -> Iterator[Cell]:
    """Runs cell after cell, in the folder of the notebook; `show` gets what a reader would see.

    What the cells print is left out.

    Raises
    ------
    ExportError
        For a cell that raises, and may not.
    """
    namespace: dict[str, Any] = {"__name__": "__main__", "display": _displayed(show)}
    for cell in cells:
        with _as_in_a_notebook(path.parent, show):
            try:
                show(_value_of(cell, path, namespace))
            except (Exception, SystemExit) as wrong:  # the cell may end itself, not the export
                if not cell.may_raise:
                    problem = f"{type(wrong).__name__}: {wrong}"
                    raise ExportError(f"{path.name}, cell {cell.number}: {problem}") from wrong
        yield cell


def _value_of(cell: Cell, path: Path, namespace: dict[str, Any]) -> Any:
    """The value of a cell's last expression; None where it ends with a statement or a semicolon."""
    tree = ast.parse(cell.source, f"{path.name}, cell {cell.number}")
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr):
        tree.body.pop()
    exec(compile(tree, path.name, "exec"), namespace)
    if not isinstance(last, ast.Expr):
        return None
    value = eval(compile(ast.Expression(last.value), path.name, "eval"), namespace)
    return None if cell.source.rstrip().endswith(";") else value


def _displayed(show: Callable[[Any], None]) -> Callable[..., None]:
    def display(*objects: Any, **options: Any) -> None:
        for each in objects:
            show(each)

    return display


@contextlib.contextmanager
def _as_in_a_notebook(folder: Path, show: Callable[[Any], None]) -> Iterator[None]:
    """In the notebook's folder, nothing printed, and IPython's `display` is ours."""
    import IPython.display

    original = IPython.display.display
    IPython.display.display = _displayed(show)
    try:
        with contextlib.chdir(folder), contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        IPython.display.display = original


def savable(value: Any) -> Iterator[Any]:
    """What can be saved in a value that is shown: itself, or what is in a box or a list."""
    from poolviz.drawing.mpl.figure import AccessibleFigure
    from poolviz.widgets.base.savable import Savable

    if isinstance(value, Savable | AccessibleFigure):
        yield value
        return
    inside = value if isinstance(value, list | tuple) else getattr(value, "children", ())
    for each in inside if isinstance(inside, list | tuple) else ():
        yield from savable(each)


# --- the site ------------------------------------------------------------------------------------


class Site:
    """Pages that are written one by one; the index last."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sections: list[Section] = []
        self._numbers: Counter[str] = Counter()  # of the pages so far, by the stem of their names

    def add(self, section: Section, stem: str, thing: Any) -> None:
        """One more page; its name says what it is."""
        kind = type(thing).__name__
        self._numbers[stem] += 1  # two notebooks may have one name
        name = f"{stem}-{self._numbers[stem]:02}-{kind}.html"
        try:
            thing.save(self.folder / name)
        except ValueError as wrong:
            raise ExportError(f"{name}: {wrong}") from wrong
        section.pages.append(Page(name, f"{kind}: {thing.headline}"))

    def write_index(self) -> Path:
        """The page with all links."""
        from poolviz.drawing.output.html_page import html_page

        body = "\n".join(map(_section, self.sections))
        target = self.folder / "index.html"
        write_whole(target, html_page(TITLE, body))
        return target


def _section(section: Section) -> str:
    links = "".join(
        f'<li><a href="{link_to(page.name)}">{escape(page.title)}</a></li>'
        for page in section.pages
    )
    return f"<h2>{escape(section.title)}</h2>\n<ul>{links}</ul>"


def link_to(name: str) -> str:
    """The address of a file beside the page; a name may begin as another kind of address does.

    >>> link_to("javascript:alert(1) #2.html")
    'javascript%3Aalert%281%29%20%232.html'
    """
    return quote(os.fsencode(name), safe="")


def export(names: Sequence[str], folder: Path, *, force: bool = False) -> int:
    """Makes the site; the number of its pages.

    Raises
    ------
    ExportError, OSError
        For what cannot be found, run or written.
    """
    notebooks, ids = sources(names)
    read = [(path, *read_notebook(path)) for path in notebooks]
    folder = _ready(folder, force)
    site, progress = Site(folder), Progress(sum(len(cells) for *_, cells in read) + len(ids))
    for path, title, cells in read:
        _export_notebook(site, progress, path, title, cells)
    if ids:
        _export_exercises(site, progress, ids)
    progress.end()
    pages = sum(len(section.pages) for section in site.sections)
    if pages == 0:
        raise ExportError("nothing in these notebooks can be saved: they show no widget")
    site.write_index()
    return pages


def _ready(folder: Path, force: bool) -> Path:
    folder = at_home(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()) and not force:
        raise ExportError(f"{folder} is not empty; --force writes into it all the same")
    return folder


def _export_notebook(
    site: Site, progress: Progress, path: Path, title: str, cells: Sequence[Cell]
) -> None:
    section, seen = Section(title), set[int]()
    kept: list[Any] = []  # as long as the notebook runs, so that no id is given twice
    site.sections.append(section)

    def show(value: Any) -> None:
        for thing in savable(value):
            if id(thing) not in seen:
                seen.add(id(thing))
                kept.append(thing)
                progress.say(f"{path.stem}: {type(thing).__name__}")
                site.add(section, path.stem, thing)

    progress.say(path.stem)
    for _ in run(path, cells, show):
        progress.step()
    for thing in kept:
        if hasattr(thing, "close"):
            thing.close()
    if not section.pages:
        site.sections.remove(section)


def _export_exercises(site: Site, progress: Progress, ids: Sequence[str]) -> None:
    from poolviz.widgets.exercise.widget import ExerciseCard

    section = Section(EXERCISES)
    site.sections.append(section)
    for name in ids:
        progress.say(name)
        card = ExerciseCard(name)
        site.add(section, name, card)
        card.close()
        progress.step()


class Progress:
    """A bar on a terminal; in a log a line for each thing that is done."""

    def __init__(self, total: int) -> None:
        self._total, self._done, self._what = total, 0, ""
        self._on_screen = sys.stderr.isatty()

    def say(self, what: str) -> None:
        """What is being done now."""
        what = in_one_line(what)
        if what == self._what:
            return
        self._what = what
        self._draw()

    def step(self) -> None:
        """One more is done."""
        self._done += 1
        if self._on_screen:
            self._draw()

    def end(self) -> None:
        """Leaves the line."""
        if self._on_screen:
            print(file=sys.stderr, flush=True)

    def _draw(self) -> None:
        share = f"{self._done}/{self._total}"
        if not self._on_screen:
            print(f"poolviz: {share} {self._what}", file=sys.stderr, flush=True)
            return
        full = _BAR * self._done // max(1, self._total)
        line = f"{'█' * full}{'░' * (_BAR - full)} {share} {self._what}"
        print(f"\r{line[:78]:<78}", end="", file=sys.stderr, flush=True)
