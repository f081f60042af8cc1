"""Calls worth looking at, by name: the three textbook examples and the commonest mistakes."""

from __future__ import annotations

from dataclasses import dataclass

from poolviz.arithmetic.layers import Pool


@dataclass(frozen=True, slots=True)
class Example:
    """A layer on an input, with a title that says what to look at."""

    title: str
    layer: Pool
    input_size: tuple[int, ...]


EXAMPLES: dict[str, Example] = {
    "textbook-1": Example(
        "Textbook 1: kernel 15 on 10 × 10", Pool(15, framework="keras"), (10, 10)
    ),
    "textbook-2": Example(
        "Textbook 2: stride 5 on 10 × 10", Pool(3, stride=5, framework="keras"), (10, 10)
    ),
    "textbook-3": Example(
        'Textbook 3: "same" on 11 × 11',
        Pool(3, stride=2, padding="same", framework="keras"),
        (11, 11),
    ),
    "plain": Example("A plain one: 3×3, stride 2, padding 1", Pool(3, 2, 1), (6, 7)),
    "one-axis": Example("Only the height fails", Pool((5, 3), stride=2), (4, 6)),
    "two-from-one": Example(
        '"2 from 1": a map with one row', Pool(2, framework="tensorflow"), (1, 28)
    ),
    "dilation": Example("Dilation outgrows the input", Pool(3, stride=1, dilation=4), (7, 7)),
    "padding-limit": Example("Padding over half the kernel", Pool(3, stride=2, padding=2), (7, 7)),
    "no-padding-numbers": Example(
        "Keras takes no padding numbers", Pool(2, padding=1, framework="keras"), (6, 6)
    ),
    "uneven-same": Example(
        '"same" pads unevenly', Pool(3, stride=2, padding="same", framework="keras"), (10, 10)
    ),
    "average": Example(
        "Average: does padding count?", Pool(3, stride=2, padding=1, op="avg"), (7, 7)
    ),
    "silent-empty": Example("An empty map, and no error", Pool(4, 4, framework="jax"), (3, 8)),
    "truncated": Example(
        "A kernel that does not fit, and a result", Pool(4, 4, framework="onnxruntime"), (3, 8)
    ),
    "strip": Example("A sequence", Pool((3,), (2,)), (12,)),
    "volume": Example("A volume", Pool((2, 3, 3), (2, 2, 2)), (4, 7, 7)),
}
