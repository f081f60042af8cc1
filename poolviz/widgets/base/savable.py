"""`save`: a widget as a file, live or static."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from poolviz.drawing.mpl.figure import SAVED
from poolviz.drawing.output.atomic_write import Target, target_of, write_whole
from poolviz.drawing.output.html_page import html_page
from poolviz.i18n.catalogue import using_language
from poolviz.widgets.base.language import StaticReprMixin
from poolviz.widgets.base.live_page import live_module, live_page
from poolviz.widgets.page.recording import Storable
from poolviz.widgets.page.scorm import checked_package, run_time_of, scorm_package

MODULE = ".mjs"

Ranges = Mapping[str, object]  # parameter → the values that a user of a page can choose
Method = TypeVar("Method", bound=Callable[..., object])


def extends_docs(base: Callable[..., object]) -> Callable[[Method], Method]:
    """Put the sections of a docstring before those of a method that extends it.

    >>> def save(path):
    ...     "Summary.\\n\\nRaises\\n------\\nOSError"
    >>> @extends_docs(save)
    ... def save_more(path):
    ...     "Own summary.\\n\\nRaises\\n------\\nTypeError"
    >>> print(save_more.__doc__)
    Own summary.
    <BLANKLINE>
    Raises
    ------
    OSError
    TypeError
    """

    def extended(method: Method) -> Method:
        common, own = _sections(base), _sections(method)
        texts = {
            title: "\n".join(part[title] for part in (common, own) if title in part)
            for title in common | own
        }
        titled = [f"{title}\n{'-' * len(title)}\n{text}" for title, text in texts.items() if title]
        method.__doc__ = "\n\n".join([own[""], *titled])
        return method

    return extended


def _sections(method: Callable[..., object]) -> dict[str, str]:
    """Return the numpydoc sections of a docstring by their titles; the summary has none."""
    text = inspect.getdoc(method) or ""  # python -OO removes docstrings
    summary, *rest = re.split(r"^(\w+)\n-{3,}\n", text, flags=re.MULTILINE)
    return {"": summary.strip()} | {
        title: body.strip() for title, body in zip(rest[::2], rest[1::2], strict=True)
    }


class Savable(StaticReprMixin):
    """A widget that can be written to a file."""

    def save(self, path: Target, *, script: bool = True, package: str | None = None) -> Path:
        """Write the widget to a file; its suffix decides what is written.

        Parameters
        ----------
        path
            ".html": the widget on a page that needs no kernel and no network. ".mjs": the same
            as a module for a page of another site, such as MyST's ``{anywidget}`` directive in
            Jupyter Book 2. ".png", ".svg": its picture. ".gif", ".apng": an animation of the
            windows of a layer.
        script
            False: a page of picture, words and table, for sites that remove scripts. A module
            is a script: for ".mjs" it raises ValueError.
        package
            "scorm" (1.2) or "scorm2004", with a path that ends with ".zip": a page that reports
            score, completion and answers to a learning platform, and continues where it ended.

        Raises
        ------
        ValueError
            For another suffix, for a picture where there is none, for a page that would be
            too large, and for a package of something that has no score.
        OSError
            If the file cannot be written. It is written as a whole or not at all.

        Notes
        -----
        The page carries its own content security policy. It works in an
        ``<iframe sandbox="allow-scripts">``, in a browser from 2023 or later; in others, and
        without scripts, it shows the picture and the text.
        """
        return self._save(path, script, {}, package)

    @property
    def headline(self) -> str:
        """Title of the widget's page."""
        return repr(self)

    def _record(self, ranges: Ranges) -> Storable:
        """Return everything that the widget's page can show."""
        raise NotImplementedError

    def _static_html(self) -> str:
        """Return picture and words as HTML without a script."""
        figure = self._static_figure()
        return "" if figure is None else figure.body()

    def _save(self, path: Target, script: bool, ranges: Ranges, package: str | None = None) -> Path:
        if package is not None:
            return self._save_package(path, ranges, checked_package(package))
        target = target_of(path, (*SAVED, MODULE))
        suffix = target.suffix.lower()
        with using_language(self.language):
            if suffix == ".html":
                content = self._page(script, ranges)
            elif suffix == MODULE:
                content = self._module(script, ranges)
            else:
                content = self._picture_file(suffix)
        write_whole(target, content)
        return target

    def _save_package(self, path: Target, ranges: Ranges, package: str) -> Path:
        target = target_of(path, [".zip"])
        with using_language(self.language):
            recording = self._record(ranges)
            if not recording.is_scored:
                raise ValueError("there is nothing to score: give the explorer a task")
            parts = (self.headline, self._static_html(), recording, self.language)
            page = live_page(*parts, run_time_of(package))
            content = scorm_package(package, self.headline, page)
        write_whole(target, content)
        return target

    def _module(self, script: bool, ranges: Ranges) -> bytes:
        if not script:
            raise ValueError(f"{MODULE} is a script: leave out script=False, or save as .html")
        return live_module(self._record(ranges), self.language)

    def _page(self, script: bool, ranges: Ranges) -> bytes:
        if not script:
            return html_page(self.headline, self._static_html(), language=self.language)
        recording = self._record(ranges)
        return live_page(self.headline, self._static_html(), recording, self.language)

    def _picture_file(self, suffix: str) -> bytes:
        figure = self._static_figure()
        if figure is None:
            raise ValueError(f"there is no picture to save as {suffix}: save it as .html")
        return figure.content(suffix)
