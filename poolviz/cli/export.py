"""`python -m poolviz export`: all widgets of notebooks as pages, with an index."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from ipywidgets import Widget

from poolviz.cli.notebooks import notebooks_folder
from poolviz.cli.run_notebook import Cell, ExportError, read_notebook, run
from poolviz.drawing.mpl.figure import AccessibleFigure
from poolviz.drawing.output.atomic_write import at_home, write_whole
from poolviz.drawing.output.html_page import html_page
from poolviz.exercises.library import list_exercises
from poolviz.i18n.html import escape
from poolviz.i18n.sanitize import in_one_line
from poolviz.widgets.base.savable import Savable
from poolviz.widgets.exercise.widget import ExerciseCard

TITLE = "Pages without a kernel"
EXERCISES = "Exercises"
_BAR = 24  # characters

Shown = Savable | AccessibleFigure  # can be saved as a page


@dataclass(frozen=True)
class Page:
    """One page of the site: the name of its file and its title."""

    name: str
    title: str


@dataclass
class Section:
    """The pages of one notebook, or of the exercises."""

    title: str
    pages: list[Page] = field(default_factory=list)


# --- notebooks and exercises ---------------------------------------------------------------------


def sources(names: Sequence[str]) -> tuple[list[Path], list[str]]:
    """Return notebooks and ids of exercises, each once, in the order of `names`.

    Raises
    ------
    ExportError
        For a name that is neither.
    """
    known = frozenset(list_exercises())
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
    """Return a file, or one of poolviz' notebooks by its name or number."""
    path = Path(name)
    if path.suffix == ".ipynb" and path.is_file():
        return path.resolve()
    own = sorted(notebooks_folder().glob("*.ipynb"))
    if name.isdecimal():
        return next(
            (each for each in own if each.name.startswith(f"{name.lstrip('0'):0>2}_")), None
        )
    return next((each for each in own if name in (each.name, each.stem)), None)


def savable(value: object) -> Iterator[Shown]:
    """Yield the savable parts of a displayed value: itself, or the contents of a box or list."""
    if isinstance(value, Savable | AccessibleFigure):
        yield value
        return
    inside = value if isinstance(value, list | tuple) else getattr(value, "children", ())
    for each in inside if isinstance(inside, list | tuple) else ():
        yield from savable(each)


# --- the site ------------------------------------------------------------------------------------


class Site:
    """A folder of pages with an index, which is written last."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sections: list[Section] = []
        self._numbers: Counter[str] = Counter()  # of pages so far, by the stem of their names

    def add(self, section: Section, stem: str, thing: Shown) -> None:
        """Write a page."""
        kind = type(thing).__name__
        self._numbers[stem] += 1  # two notebooks may have one name
        name = f"{stem}-{self._numbers[stem]:02}-{kind}.html"
        try:
            thing.save(self.folder / name)
        except ValueError as wrong:
            raise ExportError(f"{name}: {wrong}") from wrong
        section.pages.append(Page(name, f"{kind}: {thing.headline}"))

    def write_index(self) -> Path:
        """Write the page with all links."""
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
    """Return the address of a file beside the page; quoted, since a file name can look like a URL.

    >>> link_to("javascript:alert(1) #2.html")
    'javascript%3Aalert%281%29%20%232.html'
    """
    return quote(os.fsencode(name), safe="")


def export(names: Sequence[str], folder: Path, *, force: bool = False) -> int:
    """Write the site, and return the number of its pages.

    Raises
    ------
    ExportError, OSError
        If something cannot be found, run or written.
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
    """Save each widget of a notebook once, as it is when it is shown first."""
    section = Section(title)
    shown: dict[int, Shown] = {}  # by id; kept while the notebook runs, so that no id is reused
    site.sections.append(section)

    def show(value: object) -> None:
        for thing in savable(value):
            if id(thing) not in shown:
                shown[id(thing)] = thing
                progress.say(f"{path.stem}: {type(thing).__name__}")
                site.add(section, path.stem, thing)

    progress.say(path.stem)
    for _ in run(path, cells, show):
        progress.step()
    for thing in shown.values():
        if isinstance(thing, Widget):
            thing.close()
    if not section.pages:
        site.sections.remove(section)


def _export_exercises(site: Site, progress: Progress, ids: Sequence[str]) -> None:
    section = Section(EXERCISES)
    site.sections.append(section)
    for name in ids:
        progress.say(name)
        card = ExerciseCard(name)
        site.add(section, name, card)
        card.close()
        progress.step()


class Progress:
    """A bar on a terminal; in a log one line for each step.

    Not `tqdm`, which would be a dependency for one command and fills a log with bars.
    """

    def __init__(self, total: int) -> None:
        self._total, self._done, self._what = total, 0, ""
        self._is_terminal = sys.stderr.isatty()

    def say(self, what: str) -> None:
        """Show the current step."""
        what = in_one_line(what)
        if what != self._what:
            self._what = what
            self._draw()

    def step(self) -> None:
        """Count a finished step."""
        self._done += 1
        if self._is_terminal:
            self._draw()

    def end(self) -> None:
        """End the line of the bar."""
        if self._is_terminal:
            print(file=sys.stderr, flush=True)

    def _draw(self) -> None:
        share = f"{self._done}/{self._total}"
        if not self._is_terminal:
            print(f"poolviz: {share} {self._what}", file=sys.stderr, flush=True)
            return
        full = _BAR * self._done // max(1, self._total)
        line = f"{'█' * full}{'░' * (_BAR - full)} {share} {self._what}"
        print(f"\r{line[:78]:<78}", end="", file=sys.stderr, flush=True)
