"""`save`: a widget as a file, live or still."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from poolviz.drawing.mpl.figure import SAVED
from poolviz.drawing.output.atomic_write import Target, target_of, write_whole
from poolviz.i18n.catalogue import using_language
from poolviz.widgets.base.language import StaticReprMixin


class Savable(StaticReprMixin):
    """A widget that can be written to a file."""

    def save(self, path: Target, *, script: bool = True) -> Path:
        """Write the widget to a file; what is written follows from the name's suffix.

        Parameters
        ----------
        path
            ".html": the widget on a page that needs no kernel and no network. ".png", ".svg": its
            picture. ".gif", ".apng": a walk through the windows of a layer.
        script
            False: a page of picture, words and table, for places that take scripts out.

        Raises
        ------
        ValueError
            For another suffix, for a picture where there is none, and for a page that would be
            too large.
        OSError
            Where nothing can be written. The file is written whole or not at all.

        Notes
        -----
        The page carries its own content security policy. It works in an
        ``<iframe sandbox="allow-scripts">``, in a browser of 2023 or newer; in others, and without
        scripts, it shows the picture and the words.
        """
        return save_widget(self, path, script, {})

    def _headline(self) -> str:
        """What a page of it is called."""
        return repr(self)

    def _still_body(self) -> str:
        """Picture and words as HTML."""
        figure = self._still()
        return "" if figure is None else figure.body()


def save_widget(widget: Savable, path: Target, script: bool, asked: Mapping[str, Any]) -> Path:
    """Writes one file; `asked` are the ranges of settings that its page shall have."""
    target = target_of(path, SAVED)
    suffix = target.suffix.lower()
    with using_language(widget.language):
        is_page = suffix == ".html"
        content = _page(widget, script, asked) if is_page else _still(widget, suffix)
    write_whole(target, content)
    return target


def _still(widget: Savable, suffix: str) -> bytes:
    figure = widget._still()
    if figure is None:
        raise ValueError(f"there is no picture to save as {suffix}: save it as .html")
    return figure.content(suffix)


def _page(widget: Savable, script: bool, asked: Mapping[str, Any]) -> bytes:
    from poolviz.widgets.page.live_page import live_page, still_page  # they know all widgets

    return live_page(widget, asked) if script else still_page(widget)
