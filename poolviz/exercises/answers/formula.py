"""Calculations in answers: "(10 − 3) // 2 + 1", "⌊10 / 3⌋", "floor(7 / 2)"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from math import ceil, floor, trunc

from poolviz.exercises.answers.notation import ROUNDING_SIGNS, within

_CALCULATION = re.compile(r"[\d\s.+*/()x×·^⌊⌋⌈⌉↓↑↧-]+")
_OPERATION = re.compile(r"\s*(\d+(?:\.\d+)?|//|[-+*/()^⌊⌋⌈⌉↓↑↧])\s*")
_OPERATOR = re.compile(r"[x×·*/+(^⌊⌈=]")
_RATIO = re.compile(r"(\d+)\s*:\s*(\d+)")  # 1:2
_BRACKETS: dict[str, tuple[str, Callable[[Fraction], Fraction | int]]] = {
    "(": (")", lambda value: value),
    "⌊": ("⌋", floor),
    "⌈": ("⌉", ceil),
}
# int() of Python cuts the decimals off: int(-2.5) is −2.
_ROUNDINGS: dict[str, Callable[[Fraction], int]] = {"floor": floor, "ceil": ceil, "int": trunc}
_FUNCTIONS = {sign: _ROUNDINGS[name] for name, sign in ROUNDING_SIGNS.items()}


def calculated(text: str) -> Iterator[Fraction]:
    """Yield the value of a product, quotient or sum; of an equation, that of its last side."""
    text = _RATIO.sub(r"\1/\2", text) if _RATIO.fullmatch(text) else text
    if not _OPERATOR.search(text):  # 3-6 may be a range
        return
    sides = text.split("=")
    if all(_CALCULATION.fullmatch(side) for side in sides if side.strip()):
        side = re.sub(r"[x×·]", "*", sides[-1])
        tokens = _OPERATION.findall(side)
        if "".join(tokens) == "".join(side.split()):
            yield from _value(tokens)


def _value(tokens: list[str]) -> Iterator[Fraction]:
    """Yield the value of a formula; nothing if it is none."""
    rest = tokens[::-1]

    def factor() -> Fraction:
        token = rest.pop()
        if token == "-":
            return -factor()
        if token in _FUNCTIONS:
            return Fraction(_FUNCTIONS[token](factor()))
        if token in _BRACKETS:
            end, rounded = _BRACKETS[token]
            inner = Fraction(rounded(total()))
            if rest.pop() != end:
                raise ValueError
            return inner
        return within(Fraction(token))

    def power() -> Fraction:
        value = factor()
        if rest and rest[-1] == "^":
            rest.pop()
            exponent = factor()
            # Bounded before it is computed: 9^99999999 would not end.
            if exponent.denominator != 1 or not 0 <= exponent < 10:
                raise ValueError
            value **= int(exponent)
        return within(value)

    def product() -> Fraction:
        value = power()
        while rest and rest[-1] in ("*", "/", "//"):
            sign = rest.pop()
            value = value * power() if sign == "*" else value / power()
            value = Fraction(floor(value)) if sign == "//" else value
        return within(value)

    def total() -> Fraction:
        value = product()
        while rest and rest[-1] in "+-":
            value = value + product() if rest.pop() == "+" else value - product()
        return within(value)

    try:
        value = total()
    except (IndexError, ValueError, ZeroDivisionError, RecursionError):
        return
    if not rest:
        yield value
