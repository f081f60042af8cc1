"""`python -m poolviz run train.py ARGS`: a program, and what the error that ends it means."""

from __future__ import annotations

import builtins
import io
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from poolviz.failures.find_failure import find_failure
from poolviz.hooks.words import print_explained
from poolviz.i18n.sanitize import in_one_line

_LOG = logging.getLogger("poolviz")


def run_program(program: Path, arguments: Sequence[str], html: Path | None) -> int:
    """Run a program as `python` does; return 0, 1 after an error, 2 without it. SystemExit passes.

    `html` is the page that explains the error, if it is one about shapes.
    """
    if not program.is_file():
        print(in_one_line(f"poolviz: there is no file {program}"), file=sys.stderr)
        return 2
    before = sys.argv, sys.path[:], sys.modules["__main__"]
    file = os.path.abspath(program)  # as tracebacks of `python` name it
    sys.argv = [str(program), *arguments]
    # As `python` does; `-m` has put the current folder there.
    sys.path[:1] = [str(program.parent.resolve())]
    try:
        _run(file)
    except SystemExit:
        raise
    except BaseException as error:
        _without_ours(error, file)
        sys.excepthook(type(error), error, error.__traceback__)
        if isinstance(error, KeyboardInterrupt):
            return _interrupted()
        try:
            print_explained(error)
        except Exception:
            _LOG.debug("an error could not be explained", exc_info=True)
        if html is not None:
            _write_page(error, html)
        return 1
    finally:
        sys.argv, sys.path[:], sys.modules["__main__"] = before
    return 0


def _run(file: str) -> None:
    """Run a file as the main module, which stays there: pickle and multiprocessing look for it."""
    with io.open_code(file) as opened:
        code = compile(opened.read(), file, "exec")
    main = ModuleType("__main__")
    vars(main).update(__file__=file, __builtins__=builtins)
    sys.modules["__main__"] = main
    exec(code, vars(main))


def _without_ours(error: BaseException, file: str) -> None:
    """Leave out the frames before the program; a SyntaxError has no other."""
    own = error.__traceback__
    while own is not None and own.tb_frame.f_code.co_filename != file:
        own = own.tb_next
    error.__traceback__ = own


def _interrupted() -> int:
    """End as `python` does: by the signal, so that a shell stops its loop."""
    if os.name == "posix":
        sys.stdout.flush()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    return 130


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
