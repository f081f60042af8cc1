"""Sums of products, written term by term; the browser builds the same from the same texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from poolviz.arithmetic.convolution.trace import ConvTrace
from poolviz.arithmetic.values import Array
from poolviz.drawing.convolution.operands import Operands, Products, kernel_of
from poolviz.drawing.scene.numerals import value_text, value_texts
from poolviz.i18n.catalogue import say

MOST_TERMS = 12  # of a sum


def term(weight: str, value: str) -> str:
    """Write one product, negative factors in parentheses.

    >>> term("2", "-3")
    '2·(-3)'
    """
    return f"{bracketed(weight)}·{bracketed(value)}"


def sum_text(terms: Iterable[str], rest: str, total: str) -> str:
    """Write a sum and its value; behind `MOST_TERMS` terms the others are left out."""
    listed = [*terms]
    shown = listed[:MOST_TERMS] + (["…"] if len(listed) > MOST_TERMS else [])
    return f"{' + '.join(shown or ['0'])}{rest} = {total}"


def rest_texts(traced: ConvTrace, operands: Operands, found: Products) -> list[list[str]] | None:
    """Write what is added to the products of the shown channel; None for nothing."""
    bias = None if operands.bias is None else operands.bias[operands.out_channel]
    others = traced.channels // traced.groups - 1
    if not others and not bias:
        return None
    rest = found.rest if found.rest.ndim > 1 else found.rest[None]
    rows = value_texts(rest.reshape(-1, rest.shape[-1]))
    added = "" if not bias else f" + {say('browser.window.bias', value=value_text(bias))}"
    if not others:
        return [[added] * len(row) for row in rows]
    return [
        [f" + {say('browser.window.others', value=bracketed(one))}{added}" for one in row]
        for row in rows
    ]


def bracketed(value: str) -> str:
    """Write a negative number in parentheses."""
    return f"({value})" if value.startswith("-") else value


def window_terms(traced: ConvTrace, operands: Operands, places: tuple[int, ...]) -> Iterator[str]:
    """Yield the products of one window; a cell in the padding is 0."""
    kernel, x = kernel_of(traced, operands), operands.x[operands.in_channel]
    for index in np.ndindex(kernel.shape):
        cell = tuple(
            axis.window_starts[place] + t * axis.dilation
            for axis, place, t in zip(traced.axes, places, index, strict=True)
        )
        inside = all(
            0 <= one < axis.input_size for one, axis in zip(cell, traced.axes, strict=True)
        )
        yield term(value_text(kernel[index]), value_text(x[cell]) if inside else "0")


def written_terms(traced: ConvTrace, operands: Operands, places: tuple[int, ...]) -> Iterator[str]:
    """Yield the products that one input element of a transposed convolution writes."""
    kernel: Array = kernel_of(traced, operands)
    value = value_text(operands.x[operands.in_channel][places])
    for index in np.ndindex(kernel.shape):
        yield term(value_text(kernel[index]), value)
