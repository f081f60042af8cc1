"""An explorer in the widgets of ipywidgets, for front ends that do not load anywidget."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets

from poolviz.i18n.catalogue import using_language
from poolviz.i18n.html import escape, lang
from poolviz.widgets.base.savable import Savable


class PlainViewsMixin(Savable):
    """Picture and words that follow every change."""

    state: dict[str, Any]
    observe_internal: Callable[..., None]

    def image(self) -> ipywidgets.Image:
        """Return picture and texts as an `ipywidgets.Image` that follows every change.

        For front ends that do not load anywidget. It has no controls, but `layer`, `input_size`,
        `input`, `show` and `position` can be assigned. An Image has no alt text (ipywidgets 8.1.9;
        a tooltip breaks its view); `words` has the text.

        >>> from poolviz import PoolExplorer
        >>> w = PoolExplorer(10, 3)
        >>> ipywidgets.VBox([w.image(), w.words()])  # doctest: +ELLIPSIS
        VBox(children=(Image(value=...
        """
        image = ipywidgets.Image(format="png", layout={"max_width": "100%"})

        def paint() -> None:
            with using_language(self.language):
                figure = self._static_figure()
                assert figure is not None
                image.value = figure.png()

        self._follow(paint)
        return image

    def words(self) -> ipywidgets.HTML:
        """Return the picture in words as an `ipywidgets.HTML` that follows every change."""
        text = ipywidgets.HTML()

        def write() -> None:
            text.value = f"<p{lang(self.language)}>{escape(self.state['alt'])}</p>"

        self._follow(write)
        return text

    def _follow(self, update: Callable[[], None]) -> None:
        """Call `update` now, and after every change that comes from Python or a control."""
        update()
        # Bypass our `observe`, which would make the browser report every pointer move.
        self.observe_internal(lambda _: update(), ["state", "position"])
