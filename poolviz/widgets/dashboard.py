"""One page for a reader who has a question and no notebook: message, network, single layer."""

from __future__ import annotations

from itertools import chain

import ipywidgets

from poolviz.arithmetic.layers.conv import Conv
from poolviz.arithmetic.layers.pool import Pool
from poolviz.diagnosis.network.stack import Stack
from poolviz.i18n.catalogue import language as spoken
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
        ``"en"`` or ``"de"``; None is the one that is spoken.

    Raises
    ------
    ValueError
        For a language that there is not.

    Examples
    --------
    >>> Dashboard()
    Dashboard(Pooling shapes)
    """

    def __init__(self, language: str | None = None) -> None:
        with using_language(language):
            self._language = spoken()
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
    """A heading and a sentence, with room above."""
    return ipywidgets.HTML(
        f'<{tag} lang="{spoken()}" style="margin: 1.2em 0 0.3em; line-height: 1.2">'
        f'{escape(heading)}</{tag}><p style="margin: 0; line-height: 1.4">{escape(about)}</p>'
    )


def _example() -> Stack:
    """A small network that is one pool too deep for its pictures."""
    blocks = ((Conv(channels, 3, padding=1), Pool(2)) for channels in (8, 16, 32, 64, 128))
    return Stack(tuple(chain.from_iterable(blocks)), input_shape=(1, 28, 28))
