"""The texts of the exercises in one language; numbers and words are put in here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from poolviz.i18n.catalogue import say, texts, using_language
from poolviz.i18n.phrase import by, joined, number


class Word(str):
    """A key under `word` of the catalogue, to be said in the reader's language."""

    __slots__ = ()


Field = int | Fraction | str | tuple[int, ...]
Fields = Mapping[str, Field]


@dataclass(frozen=True)
class Catalogue:
    """The texts of one language: key → template.

    >>> catalogue("en").say("word.height")
    'height'
    """

    language: str
    texts: Mapping[str, str]

    def say(self, key: str, fields: Fields | None = None) -> str:
        """The text under a key, with its numbers and words."""
        with using_language(self.language):
            said = {name: self._written(value) for name, value in (fields or {}).items()}
            return say(key, **said).strip()

    def shown(self, value: Field) -> str:
        """A number, a size or a word as a reader writes it.

        >>> catalogue("en").shown((-4, 2)), catalogue("en").shown(Fraction(7, 6))
        ('−4 × 2', '≈ 1.17')
        """
        with using_language(self.language):
            return self._written(value)

    def _written(self, value: Field) -> str:
        if isinstance(value, Word):
            return self.word(value)
        if isinstance(value, tuple):
            return by(value)
        if isinstance(value, Fraction):
            return self._fraction(value)
        return value if isinstance(value, str) else number(value)

    def _fraction(self, value: Fraction) -> str:
        """A decimal number; ≈ where two decimals are not all of it."""
        if value.denominator == 1:
            return number(value.numerator)
        rounded = round(value, 2)
        digits = f"{float(rounded):.2f}".rstrip("0").rstrip(".")
        shown = digits.replace("-", "−").replace(".", say("word.point"))
        return shown if rounded == value else f"≈ {shown}"

    def word(self, key: str) -> str:
        """A word in the reader's language; the name of a layer stays as it is."""
        return self.texts.get(f"word.{key}", key)

    def word_list(self, key: str) -> tuple[str, ...]:
        """Words that are written in one text, with commas between them; () without a text."""
        return tuple(word.strip() for word in self.texts.get(key, "").split(",") if word.strip())

    def listed(self, words: list[str]) -> str:
        """Words as a list in a sentence.

        >>> catalogue("en").listed(["depth", "height", "width"])
        'depth, height and width'
        """
        with using_language(self.language):
            return joined(words)


@lru_cache(maxsize=16)
def catalogue(language: str) -> Catalogue:
    """The texts of a language; ValueError names those that there are."""
    return Catalogue(language, texts(language))
