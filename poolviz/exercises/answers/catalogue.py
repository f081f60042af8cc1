"""The texts of the exercises in one language, filled in with numbers and words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, lru_cache

from poolviz.exercises.answers.notation import Notation, plain_words, tidy
from poolviz.i18n.catalogue import say, texts, using_language
from poolviz.i18n.phrase import by, joined, number


class Word(str):
    """A key under `word` of the catalogue, replaced by the word in the language of the exercise."""

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
    bounds: tuple[str, ...] = ()  # that leave an answer open, besides those that always do

    def with_bounds(self, *keys: str) -> Catalogue:
        """Return the same texts, where the words of these keys leave an answer open."""
        return replace(self, bounds=tuple(word for key in keys for word in self.word_list(key)))

    def say(self, key: str, fields: Fields | None = None) -> str:
        """Return the text of a key, filled in with `fields`."""
        with using_language(self.language):
            said = {name: self._written(value) for name, value in (fields or {}).items()}
            return say(key, **said).strip()

    def shown(self, value: Field) -> str:
        """Return a number, a size or a word as text.

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
        """Return a decimal number, with ≈ if it has more than two decimals."""
        if value.denominator == 1:
            return number(value.numerator)
        rounded = round(value, 2)
        digits = f"{float(rounded):.2f}".rstrip("0").rstrip(".")
        shown = digits.replace("-", "−").replace(".", say("word.point"))
        return shown if rounded == value else f"≈ {shown}"

    def word(self, key: str) -> str:
        """Return a word in this language; names of layers stay as they are."""
        return self.texts.get(f"word.{key}", key)

    def word_list(self, key: str) -> tuple[str, ...]:
        """Return the words of a text that are separated by commas, in lower case; () for none."""
        words = self.texts.get(key, "").casefold().split(",")
        return tuple(word.strip() for word in words if word.strip())

    def noise(self, key: str) -> tuple[str, ...]:
        """Return the words of a key that mean nothing in an answer, with "I think" and the like."""
        return (*self.word_list(key), *self.word_list("answer.opinion"))

    def means(self, text: str, key: str) -> bool:
        """Return whether a text is the word of a key or one of its synonyms, as a sentence or not.

        >>> catalogue("en").means("An error!", "raises")
        True
        """
        words = (self.word(key), *self.word_list(f"synonym.{key}"))
        return plain_words(text) in map(plain_words, words)

    def says_it_raises(self, text: str) -> bool:
        """Return whether a text without numbers says that the call raises an error.

        >>> found = catalogue("en")
        >>> found.says_it_raises("It throws an exception."), found.says_it_raises("no error")
        (True, False)
        """
        if self.means(text, "raises"):
            return True
        words = set(plain_words(text).split())
        is_denied = words & {*self.word_list("answer.negations")}
        has_word = words & {*self.word_list("answer.raises")}
        return bool(has_word) and not is_denied and not re.search(r"\d", tidy(text))

    @cached_property
    def notation(self) -> Notation:
        """Return how this language writes numbers."""
        return Notation(
            words={word: value for value, word in enumerate(self.word_list("answer.numbers"))},
            minus=self.word_list("answer.minus"),
            times=self.word_list("answer.times"),
            noise=self.noise("answer.noise"),
            bounds=(*self.word_list("answer.bounds"), *self.bounds),
            either=self.word_list("answer.either"),
            decimal_comma=self.word("point") == ",",
        )

    def listed(self, words: list[str]) -> str:
        """Return words as an enumeration in a sentence.

        >>> catalogue("en").listed(["depth", "height", "width"])
        'depth, height and width'
        """
        with using_language(self.language):
            return joined(words)


@lru_cache(maxsize=16)
def catalogue(language: str) -> Catalogue:
    """Return the texts of a language; ValueError lists the available ones."""
    return Catalogue(language, texts(language))
