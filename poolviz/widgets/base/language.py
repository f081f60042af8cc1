"""The language of a widget: chosen when it is made, kept for life; its words without a browser."""

from __future__ import annotations

from typing import Any

from poolviz.drawing.mpl.figure import AccessibleFigure
from poolviz.drawing.output.mime_bundle import mime_bundle
from poolviz.i18n.catalogue import texts, using_language

# What the browser says by itself: the sections that are its own, and single words.
_SECTIONS = "browser."
_WORDS = ("number.thousands", "word.length", "word.depth", "word.height", "word.width")


class LocalizedMixin:
    """Speaks the language that was chosen for it, or spoken when it was made."""

    _language: str

    @property
    def language(self) -> str:
        """The language of all that it says."""
        return self._language


class StaticReprMixin(LocalizedMixin):
    """A widget that says in a sentence what it shows, and shows it where there is no browser."""

    def _sentence(self) -> str:
        """What is shown: settings, outcome and sizes."""
        raise NotImplementedError

    def _still(self) -> AccessibleFigure | None:
        """What is shown as a picture with its words; None where there is no picture."""
        raise NotImplementedError

    def __repr__(self) -> str:
        with using_language(self.language):
            return f"{type(self).__name__}({self._sentence()})"

    def _stored(self) -> dict[str, str]:
        """What stands in its place for viewers without a kernel: the picture with its words."""
        still, text = self._still(), repr(self)
        if still is None:
            return {"text/plain": text}
        return mime_bundle(still.png(), still.alt, text, still.language)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """The live view, and what stands in its place without a kernel."""
        live = super()._repr_mimebundle_(**options)  # type: ignore[misc]
        if live is None:
            return None
        data, metadata = live if isinstance(live, tuple) else (live, {})
        with using_language(self.language):
            return {**data, **self._stored()}, metadata


def browser_texts(language: str) -> dict[str, str]:
    """What the browser says by itself, by key, and the name of the language.

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
