"""Plural categories of the Unicode CLDR: one function per language.

https://www.unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

Category = Literal["zero", "one", "two", "few", "many", "other"]


def one_or_other(amount: int) -> Category:
    """Return the category in languages with a singular for 1 and a plural.

    >>> one_or_other(1), one_or_other(0)
    ('one', 'other')
    """
    return "one" if abs(amount) == 1 else "other"


CATEGORY_OF: Mapping[str, Callable[[int], Category]] = {"de": one_or_other, "en": one_or_other}
