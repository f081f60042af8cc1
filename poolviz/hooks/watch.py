"""`watch` and `unwatch`: every error about shapes is explained below its traceback."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any

from poolviz.diagnosis.network.stack import Stack
from poolviz.failures.find_failure import find_failure
from poolviz.failures.found import FoundFailure
from poolviz.hooks.words import print_explained, words_of
from poolviz.i18n.catalogue import say
from poolviz.i18n.keywords import answers_keywords
from poolviz.reading.find_messages import prepare

_LOG = logging.getLogger("poolviz")
_Hook = Callable[[type[BaseException], BaseException, TracebackType | None], object]


@answers_keywords()
def watch(shell: object = None) -> None:
    """Explain errors about shapes below their traceback, until `unwatch()`.

    In a notebook the widget of the model is shown, opened at the layer that fails; in an
    interpreter, a script or IPython in a terminal, text and a table. The traceback is the usual
    one. Nothing is run again. Calling it twice changes nothing.

    Parameters
    ----------
    shell
        A shell of IPython; None is the current one, or the plain interpreter.

    Raises
    ------
    TypeError
        For anything but a shell.

    Examples
    --------
    >>> watch()
    >>> unwatch()
    """
    shell = _checked(shell)
    watcher: _Watcher = _InPython() if shell is None else _InIPython(shell)
    if not any(watcher.is_for(each.shell) for each in _WATCHERS):
        prepare()
        watcher.start()
        _WATCHERS.append(watcher)


@answers_keywords()
def unwatch(shell: object = None) -> None:
    """Stop explaining errors: undo `watch()`.

    Parameters
    ----------
    shell
        As for `watch`.

    Raises
    ------
    TypeError
        For anything but a shell.

    Examples
    --------
    >>> unwatch()
    """
    shell = _checked(shell)
    for watcher in [each for each in _WATCHERS if each.is_for(shell)]:
        watcher.stop()
        _WATCHERS.remove(watcher)


def _checked(shell: object) -> object:
    if shell is None:
        module = sys.modules.get("IPython")
        return None if module is None else module.get_ipython()
    if not hasattr(shell, "events"):
        raise TypeError(f"shell must be a shell of IPython, got {type(shell).__name__}")
    return shell


class _Watcher:
    shell: Any = None

    def is_for(self, shell: object) -> bool:
        return self.shell is shell

    def start(self) -> None: ...

    def stop(self) -> None: ...


class _InPython(_Watcher):
    """Words after the traceback that `sys.excepthook` prints."""

    def start(self) -> None:
        self._before: _Hook = sys.excepthook
        self._is_on = True
        sys.excepthook = self._hook

    def stop(self) -> None:
        self._is_on = False
        if sys.excepthook == self._hook:  # else another one was put in its place, which calls it
            sys.excepthook = self._before

    def _hook(
        self, kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        self._before(kind, error, traceback)
        if self._is_on:
            try:
                print_explained(error)
            except Exception:
                # An error of ours must not hide that of the user.
                _LOG.debug("an error could not be explained", exc_info=True)


class _InIPython(_Watcher):
    """A widget, or words, after a cell that failed; the traceback is above it."""

    def __init__(self, shell: object) -> None:
        self.shell = shell
        self._shown: dict[object, Any] = {}  # cell → widget, closed when the cell runs again

    def start(self) -> None:
        self.shell.events.register("post_run_cell", self._after)

    def stop(self) -> None:
        self.shell.events.unregister("post_run_cell", self._after)
        self._shown.clear()

    def _after(self, result: Any) -> None:
        try:
            cell = getattr(getattr(result, "info", None), "cell_id", None)
            widget = self._shown.pop(cell, None)
            if widget is not None:
                widget.close()
            # Neither an interrupted cell nor `sys.exit()`.
            if isinstance(result.error_in_exec, Exception):
                self._explain(result.error_in_exec, cell)
        except Exception:
            _LOG.debug("an error could not be explained", exc_info=True)

    def _explain(self, error: Exception, cell: object) -> None:
        found = find_failure(error)
        if found is None:
            return
        # IPython in a terminal has no kernel, and nothing that shows a widget.
        widget = widget_of(found) if hasattr(self.shell, "kernel") else None
        if widget is None:
            print(words_of(found, self._place(found)))
            return
        if sentence := found.sentence(self._place(found)):
            print(sentence)
        from IPython.display import display

        display(widget)  # type: ignore[no-untyped-call]
        if cell is not None:
            self._shown[cell] = widget

    def _place(self, found: FoundFailure) -> str:
        """Name a cell as the notebook does; "" for a file."""
        if found.made_at is None:
            return ""
        names = getattr(self.shell.compile, "_filename_map", {})
        number = names.get(found.made_at.file)
        if number is None:
            return ""
        return say("traced.cell", cell=f"[{number}]", line=found.made_at.line)


def widget_of(found: FoundFailure) -> Any:
    """Return the widget of an answer; None where the widgets are not installed."""
    try:
        from poolviz.widgets.decoder.widget import ErrorDecoder
        from poolviz.widgets.stack.widget import StackExplorer
    except ImportError:
        return None
    if isinstance(found.answer, Stack):
        return StackExplorer(found.answer)
    return ErrorDecoder(found.text)


_WATCHERS: list[_Watcher] = []
