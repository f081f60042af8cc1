"""Fixes that messages of several kinds offer."""

from __future__ import annotations

from poolviz.i18n.phrase import phrase
from poolviz.messages.message import Reason, Remedy


def because(key: str, **fields: object) -> Reason:
    """Return a cause that the numbers allow."""
    return Reason(phrase(f"reading.reason.{key}", **fields))


def fix(key: str, snippet: str = "", /, **fields: int | str) -> Remedy:
    """Return a fix; `fields` are filled into its line of code."""
    words = phrase(f"reading.fix.{key}", **fields)
    return Remedy(words, snippet=snippet, fields=tuple(fields.items()))


ADD_BATCH = fix("add_batch", "add_batch")
ADD_CHANNEL = fix("add_channel", "add_channel")
ADD_BOTH = fix("add_both", "add_both")
FLATTEN = fix("flatten", "flatten")
FLATTEN_EACH = fix("flatten_per_sample", "flatten")
GLOBAL_POOL = fix("global_pooling", "global_pool")
DIVISIBLE_INPUT = fix("divisible_input")
PRINT_SHAPE = fix("print_shapes", "print_shape")
OTHER_DATA = fix("shape_of_model")
REMOVE_AXIS = fix("remove_axis")
