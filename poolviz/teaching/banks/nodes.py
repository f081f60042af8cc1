"""What both formats share: a file of XML, a written number, and what each choice of a set adds."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from fractions import Fraction
from typing import TypeVar

Item = TypeVar("Item")


def as_file(root: ET.Element) -> bytes:
    """Return the file of an XML document."""
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def shares_of(items: Sequence[Item], right: frozenset[Item]) -> dict[Item, Fraction]:
    """Return what marking each item adds: the sum is what `Exercise.check` gives for a set.

    >>> shares_of("abc", frozenset("a"))
    {'a': Fraction(1, 1), 'b': Fraction(-1, 2), 'c': Fraction(-1, 2)}
    """
    good, bad = len(right), len(items) - len(right)
    return {item: Fraction(1, good) if item in right else Fraction(-1, bad) for item in items}


def decimal(value: Fraction) -> str:
    """Return a number as both formats write it.

    >>> decimal(Fraction(20, 3)), decimal(Fraction(-8))
    ('6.6666667', '-8')
    """
    return f"{float(value):.7f}".rstrip("0").rstrip(".")
