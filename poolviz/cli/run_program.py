"""`python -m poolviz run train.py ARGS`: a program, and what the error that ends it means."""

from __future__ import annotations

import logging
import runpy
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from poolviz.failures.find_failure import find_failure
from poolviz.hooks.words import print_explained
from poolviz.i18n.sanitize import in_one_line

_LOG = logging.getLogger("poolviz")


def run_program(program: Path, arguments: Sequence[str], html: Path | None) -> int:
    """Run a program as `python` does; return 0, or 1 after an error. SystemExit passes.

    `html` is the page that explains the error, if it is one about shapes.
    """
    before = sys.argv, sys.path[:]
    sys.argv = [str(program), *arguments]
    sys.path[:1] = [str(program.parent.resolve())]
    try:
        runpy.run_path(str(program), run_name="__main__")
    except Exception as error:
        own = _of_program(error.__traceback__, str(program))
        sys.excepthook(type(error), error.with_traceback(own), own)
        try:
            print_explained(error)
        except Exception:
            _LOG.debug("an error could not be explained", exc_info=True)
        if html is not None:
            _write_page(error, html)
        return 1
    finally:
        sys.argv, sys.path[:] = before
    return 0


def _of_program(traceback: TracebackType | None, file: str) -> TracebackType | None:
    """Leave out the frames before the program; all stay where it has none (a SyntaxError)."""
    own = traceback
    while own is not None and own.tb_frame.f_code.co_filename != file:
        own = own.tb_next
    return own or traceback


def _write_page(error: BaseException, html: Path) -> None:
    try:
        from poolviz.hooks.watch import widget_of

        found = find_failure(error)
        widget = None if found is None else widget_of(found)
        if widget is not None:
            widget.save(html)
            widget.close()
            return
        why = "the error is not explained" if found is None else "ipywidgets is not installed"
    except Exception as wrong:
        why = f"{type(wrong).__name__}: {wrong}"
    print(in_one_line(f"poolviz: {html} was not written: {why}"), file=sys.stderr)
