"""Tensors of a network that do not come from its first input."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from math import prod
from typing import Literal

from poolviz.arithmetic.layers.reshape import MOST_ENTRIES
from poolviz.arithmetic.layers.specification import Specification
from poolviz.arithmetic.layers.validation import NAME, by, one_of, whole_number

EndKind = Literal["input", "constant", "parameter"]
KINDS = ("input", "constant", "parameter")


def _whole_shape(name: str, value: object) -> tuple[int, ...]:
    given = value if isinstance(value, tuple | list) else (value,)
    shape = tuple(whole_number(name, entry, 0) for entry in given)
    if not 1 <= len(shape) <= MOST_ENTRIES:
        raise ValueError(f"{name} must have 1 to {MOST_ENTRIES} entries, got {shape}")
    return shape


@dataclass(frozen=True, slots=True, repr=False)
class Input(Specification):
    """A tensor that is not computed from the input of the stack: the beginning of a branch.

    Parameters
    ----------
    shape
        Elements, without the batch, in the order of the data.
    kind
        "input" for another input of the model, "constant" for numbers that the model creates,
        "parameter" for numbers that it learns (a class token, a positional embedding).
    name
        Name of the tensor in the source; None without one.

    Raises
    ------
    TypeError, ValueError
        For other types, negative sizes, more than four axes, and an unknown kind.

    Examples
    --------
    >>> Input((4,))
    Input(shape=(4,))
    >>> Input((1, 64), "parameter").parameters
    64
    """

    shape: tuple[int, ...] = field(metadata=by(_whole_shape))
    kind: EndKind = field(default="input", metadata=by(partial(one_of, allowed=KINDS)))
    name: str | None = field(default=None, metadata=NAME)

    @property
    def parameters(self) -> int:
        """Number of elements that are learned."""
        return prod(self.shape) if self.kind == "parameter" else 0
