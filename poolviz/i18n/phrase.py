"""Numbers, sizes, nouns, axes and lists in the current language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from poolviz.i18n.catalogue import language, say
from poolviz.i18n.plurals import CATEGORY_OF


def number(value: int) -> str:
    """Return an integer with a minus sign (U+2212); long ones are grouped by thousands.

    >>> number(-4), number(1000000000)
    ('−4', '1,000,000,000')
    """
    digits = str(abs(value))
    if abs(value) >= 10_000:
        digits = f"{abs(value):,}".replace(",", say("number.thousands"))
    return f"−{digits}" if value < 0 else digits


def by(sizes: Iterable[int]) -> str:
    """Return sizes with × between them.

    >>> by((3, 4)), by((-4, 2))
    ('3 × 4', '−4 × 2')
    """
    return " × ".join(map(number, sizes))


def noun(name: str, amount: int = 1) -> str:
    """Return a noun of the catalogue, singular or plural.

    >>> noun("row"), noun("row", 2)
    ('row', 'rows')
    """
    return plural(f"noun.{name}", amount)


def plural(key: str, amount: int, /, **fields: object) -> str:
    """Return the text below a key whose plural category suits the amount.

    >>> plural("chart.amounts.fits", 2, settings="2")
    '2 work'
    """
    return say(f"{key}.{CATEGORY_OF[language()](amount)}", **fields)


def count(amount: int, name: str) -> str:
    """Return `amount` things; `name` is a noun of the catalogue.

    >>> count(1, "cell"), count(3, "cell")
    ('1 cell', '3 cells')
    """
    return f"{number(amount)} {noun(name, amount)}"


def joined(words: Sequence[str]) -> str:
    """Return words as a list in a sentence.

    >>> joined(["conv1", "pool1", "pool2"])
    'conv1, pool1 and pool2'
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {say('word.and')} {words[-1]}"


def axis_word(name: str) -> str:
    """Return the name of an axis in the current language; in data the name stays in English.

    >>> axis_word("height")
    'height'
    """
    return say(f"word.{name}")


def axis_words(names: Iterable[str]) -> str:
    """Return several axes as a list in a sentence.

    >>> axis_words(("height", "width"))
    'height and width'
    """
    return joined([axis_word(name) for name in names])


# --- texts that are formatted later --------------------------------------------------------------


@dataclass(frozen=True, slots=True, repr=False)
class Phrase:
    """A text that is formatted when it is read, in the language that is current then.

    Findings, fixes and refusals keep phrases, so that they are equal in every language, and a text
    costs nothing before it is read. A phrase inside a phrase is formatted with it.

    >>> from poolviz.i18n.catalogue import using_language
    >>> found = Phrase(count, (3, "row"))
    >>> with using_language("de"):
    ...     print(found)
    3 Zeilen
    >>> print(found)
    3 rows
    """

    speak: Callable[..., str]
    arguments: tuple[Any, ...] = ()

    def __str__(self) -> str:
        return self.speak(*self.arguments)

    def __repr__(self) -> str:
        return repr(str(self))


Words = Phrase | str  # a str is the same in every language: code, a name, ""


def phrase(key: str, /, **fields: object) -> Phrase:
    """Return a text of the catalogue that is formatted later, with its numbers and sizes.

    >>> print(phrase("outcome.returns", size=(3, 4)))
    returns 3 × 4
    """
    return Phrase(_filled, (key, tuple(fields.items())))


def counted(amount: int, name: str) -> Phrase:
    """Return `count` as a phrase."""
    return Phrase(count, (amount, name))


def listed(words: Iterable[Words]) -> Phrase:
    """Return `joined` as a phrase.

    >>> print(listed(["pool1", phrase("word.height")]))
    pool1 and height
    """
    return Phrase(_joined, (tuple(words),))


def _filled(key: str, fields: tuple[tuple[str, object], ...]) -> str:
    return say(key, **{name: _written(value) for name, value in fields})


def _written(value: object) -> str:
    if isinstance(value, tuple):
        return by(value)
    return number(value) if isinstance(value, int) else str(value)


def _joined(words: tuple[Words, ...]) -> str:
    return joined([str(word) for word in words])
