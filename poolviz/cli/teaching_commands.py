"""The commands `slides` and `worksheet`: what they take, and what they write."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TypeAlias

from poolviz.arithmetic.framework_names import COURSES
from poolviz.arithmetic.layers.in_use import BOTH, using_framework
from poolviz.cli.notebooks import notebooks_folder
from poolviz.drawing.output.atomic_write import write_whole
from poolviz.i18n.catalogue import languages

NAMES = ("slides", "worksheet")
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add(commands: Commands) -> None:
    """Add the commands to a parser."""
    deck = commands.add_parser(
        "slides",
        help="make a slide deck of notebooks",
        description="Writes a deck in one file, from the stored outputs: a slide for each heading.",
        allow_abbrev=False,
    )
    deck.add_argument("names", nargs="+", metavar="NOTEBOOK", help="numbers, such as 01, or files")
    sheet = commands.add_parser(
        "worksheet",
        help="make a worksheet to print, with its key",
        description="Writes exercises with space for answers, then the key: HTML, to be printed.",
        allow_abbrev=False,
    )
    sheet.add_argument("names", nargs="+", metavar="ID_OR_NUMBER", help="exercises, or notebooks")
    sheet.add_argument("--seed", type=int, default=0, metavar="N", help="decides the numbers")
    sheet.add_argument("--language", choices=languages(), help="of the exercises")
    sheet.add_argument("--framework", choices=COURSES, help="for a course in this framework only")
    for command in (deck, sheet):
        command.add_argument("--to", type=Path, required=True, metavar="FILE.html", help="the file")


def run(options: argparse.Namespace) -> str:
    """Write the file; return what was written, in a line.

    Raises
    ------
    OSError
        If the file cannot be written, for unknown names, and without mistune.
    """
    try:
        page, what = _slides(options) if options.command == NAMES[0] else _worksheet(options)
    except (ValueError, ImportError) as error:
        raise OSError(str(error)) from error
    write_whole(options.to, page.encode("utf-8"))
    return f"{page.count('<section')} {what}"


def _slides(options: argparse.Namespace) -> tuple[str, str]:
    from poolviz.cli.slides import slides

    return slides([_notebook(name) for name in options.names]), "slides"


def _worksheet(options: argparse.Namespace) -> tuple[str, str]:
    from poolviz.cli.worksheet import worksheet

    with using_framework(options.framework or BOTH):
        page = worksheet(options.names, options.seed, options.language)
    return page, "questions and their key"


def _notebook(name: str) -> Path:
    path = Path(name)
    if path.suffix == ".ipynb" and path.is_file():
        return path
    found = sorted(notebooks_folder().glob(f"{name.removesuffix('.ipynb')}*.ipynb"))
    if len(found) != 1:
        raise ValueError(f"there is no notebook {name!r}")
    return found[0]
