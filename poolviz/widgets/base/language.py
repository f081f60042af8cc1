"""The language of a widget, fixed when it is created, and its output without a browser."""

from __future__ import annotations

from typing import Any

from poolviz.drawing.mpl.figure import AccessibleFigure
from poolviz.drawing.output.mime_bundle import mime_bundle
from poolviz.i18n.catalogue import texts, using_language
from poolviz.widgets.base.known_names import KnownNamesMixin

# The texts that JavaScript needs: its own sections of the catalogue, and single words.
_SECTIONS = "browser."
_WORDS = ("number.thousands", "word.length", "word.depth", "word.height", "word.width")


class LocalizedMixin(KnownNamesMixin):
    """Has the language that was chosen when the widget was created."""

    _language: str

    @property
    def language(self) -> str:
        """The language of all texts."""
        return self._language


class StaticReprMixin(LocalizedMixin):
    """A widget that shows itself as a sentence and a picture where there is no browser."""

    def _sentence(self) -> str:
        """Return what is shown in a sentence: settings, outcome and sizes."""
        raise NotImplementedError

    def _static_figure(self) -> AccessibleFigure | None:
        """Return what is shown as a picture with its words; None where there is no picture."""
        raise NotImplementedError

    def __repr__(self) -> str:
        with using_language(self.language):
            return f"{type(self).__name__}({self._sentence()})"

    def _static_bundle(self) -> dict[str, str]:
        """Return the output for viewers without a kernel: the picture with its words."""
        figure, text = self._static_figure(), repr(self)
        if figure is None:
            return {"text/plain": text}
        return mime_bundle(figure.png(), figure.alt, text, figure.language)

    def _repr_mimebundle_(self, **options: object) -> Any:
        """Return the live view with the output for viewers without a kernel."""
        live = super()._repr_mimebundle_(**options)  # type: ignore[misc]
        if live is None:
            return None
        data, metadata = live if isinstance(live, tuple) else (live, {})
        with using_language(self.language):
            return {**data, **self._static_bundle()}, metadata


def browser_texts(language: str) -> dict[str, str]:
    """Return the texts that JavaScript needs, by key, and the name of the language.

    >>> browser_texts("de")["player.walk"]
    'abspielen'
    """
    catalogue = texts(language)
    own = {
        key.removeprefix(_SECTIONS): text
        for key, text in catalogue.items()
        if key.startswith(_SECTIONS)
    }
    return {"language": language, **own, **{key: catalogue[key] for key in _WORDS}}
