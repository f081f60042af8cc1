"""The app: one page with a decoder, a network and a layer, for users without a notebook."""

from __future__ import annotations

from itertools import chain

import ipywidgets

from poolviz.arithmetic.layers.conv import Conv
from poolviz.arithmetic.layers.pool import Pool
from poolviz.diagnosis.network.stack import Stack
from poolviz.i18n.catalogue import language as current_language
from poolviz.i18n.catalogue import say, using_language
from poolviz.i18n.html import escape
from poolviz.widgets.base.column import Column
from poolviz.widgets.decoder.widget import ErrorDecoder
from poolviz.widgets.explorer.widget import PoolExplorer
from poolviz.widgets.stack.widget import StackExplorer


class Dashboard(Column):
    """The page that `python -m poolviz app` shows.

    Parameters
    ----------
    language
        ``"en"`` or ``"de"``; the current one if left out.

    Raises
    ------
    ValueError
        For an unknown language.

    Examples
    --------
    >>> Dashboard()
    Dashboard(Pooling shapes)
    """

    def __init__(self, language: str | None = None) -> None:
        with using_language(language):
            self._language = current_language()
            super().__init__(
                [
                    _words("h1", say("app.title"), say("app.about")),
                    _words("h2", say("app.message")),
                    ErrorDecoder(),
                    _words("h2", say("app.network"), say("app.about_network")),
                    StackExplorer(_example()),
                    _words("h2", say("app.layer"), say("app.about_layer")),
                    PoolExplorer(10, kernel_size=15),
                ],
                layout=ipywidgets.Layout(max_width="960px", margin="0 auto"),
            )

    def _sentence(self) -> str:
        return say("app.title")

    def _static_figure(self) -> None:
        return None


def _words(tag: str, heading: str, about: str = "") -> ipywidgets.HTML:
    """Return a heading and a sentence."""
    words = ipywidgets.HTML(
        f'<{tag} lang="{current_language()}">{escape(heading)}</{tag}><p>{escape(about)}</p>'
    )
    words.add_class("pv-words")
    return words


def _example() -> Stack:
    """Return a small network with one pooling layer too many for its input."""
    blocks = ((Conv(channels, 3, padding=1), Pool(2)) for channels in (8, 16, 32, 64, 128))
    return Stack(tuple(chain.from_iterable(blocks)), input_shape=(1, 28, 28))
