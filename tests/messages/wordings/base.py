"""Wordings of frameworks, with the numbers left open: «name» is a field.

Each is checked against the recording that it names: filled in with the parameters of a recorded
call it has to be part of what the framework said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod
from typing import Any

from hypothesis import strategies as st

from poolviz.messages.message import MessageKind as Kind

Facts = dict[str, Any]
Numbers = st.SearchStrategy[Facts]


@dataclass(frozen=True)
class Wording:
    """What a framework says of a call; `fields` and `facts` are made of the call's parameters."""

    file: str
    scenario: str
    template: str
    numbers: Numbers
    kind: Kind
    facts: Callable[[Facts], Facts]
    fields: Callable[[Facts], Facts] = field(default=lambda call: call)
    framework: str = ""

    def said(self, call: Facts) -> str:
        """Return the text for a call."""
        text = self.template
        for name, value in self.fields(call).items():
            text = text.replace(f"«{name}»", str(value))
        return text


# --- numbers -------------------------------------------------------------------------------------

SIZE = st.integers(5, 900)
SMALL = st.integers(1, 4)
NAME = st.from_regex(r"[a-z][a-z0-9]{2,8}_[0-9]{1,2}", fullmatch=True)


def numbers(**fields: st.SearchStrategy[Any]) -> Numbers:
    return st.fixed_dictionaries(fields)


def shape(least: int, most: int | None = None) -> st.SearchStrategy[list[int]]:
    return st.lists(SIZE, min_size=least, max_size=most or least)


def pair(*names: str, sizes: st.SearchStrategy[int] = SIZE) -> Numbers:
    """Two different sizes under these names."""
    two = st.lists(sizes, min_size=2, max_size=2, unique=True)
    return two.map(lambda drawn: dict(zip(names, drawn, strict=True)))


@st.composite
def maps(draw: st.DrawFn, rank: int = 4, batch: int = 1) -> Facts:
    """Two shapes that differ along one axis between batch and channels."""
    first = draw(shape(rank))
    place = draw(st.integers(batch, rank - 2))
    other = draw(SIZE.filter(lambda size: abs(size - first[place]) > 3))
    second = [other if i == place else size for i, size in enumerate(first)]
    return {"first": first, "second": second}


@st.composite
def reshaped(draw: st.DrawFn) -> Facts:
    """A feature map, and rows that its numbers do not fill."""
    sides = draw(st.lists(st.integers(2, 20), min_size=4, max_size=4))
    wanted = draw(st.integers(64, 9000).filter(lambda size: prod(sides) % size != 0))
    return {"shape": sides, "target": [-1, wanted]}


def commas(sizes: list[int]) -> str:
    return ",".join(map(str, sizes))


def tuple_(sizes: list[Any]) -> str:
    return str(tuple(sizes))


def differing(call: Facts) -> Facts:
    """Sizes that are not equal, in the order of the axes."""
    pairs = [(a, b) for a, b in zip(call["first"], call["second"], strict=True) if a != b]
    return {"expected": tuple(a for a, _ in pairs), "got": tuple(b for _, b in pairs)}


def two(expected: str, got: str) -> Callable[[Facts], Facts]:
    return lambda call: {"expected": (call[expected],), "got": (call[got],)}


def listed(*names: str, write: Callable[[list[int]], str] = commas) -> Callable[[Facts], Facts]:
    """Fields for shapes, written as the framework writes them."""
    return lambda call: {**call, **{name: write(call[name]) for name in names}}


def opened(*names: str, sign: str = "None") -> Callable[[Facts], Facts]:
    """Fields for shapes without their batch, which is added as an open size."""
    return lambda call: {
        **call,
        **{name: ", ".join([sign, *map(str, call[name])]) for name in names},
    }


@st.composite
def emptied(draw: st.DrawFn) -> Facts:
    """A batch of feature maps, of which one spatial axis is empty."""
    sides = [draw(SIZE), draw(SIZE)]
    sides[draw(st.integers(0, 1))] = 0
    return {"shape": [draw(SIZE), draw(SIZE), *sides]}


def empty_axes(call: Facts) -> Facts:
    _, channels, *sides = call["shape"]
    return {"input_sizes": sides, "channels": channels, "axis": ("height", "width")[sides.index(0)]}


def indivisible(factors: st.SearchStrategy[int], size: str, factor: str) -> Numbers:
    """A number, and one that does not divide it, under these names."""
    both = st.tuples(SIZE, factors).filter(lambda drawn: drawn[0] % drawn[1] != 0)
    return both.map(lambda drawn: {size: drawn[0], factor: drawn[1]})
