"""What frameworks do with the dtype of an array, and with arrays that have no example or channel.

The rules were recorded by `tools.record.layers.refusals` with the newest version of each framework.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from poolviz.arithmetic.frameworks.refusals import Refusal
from poolviz.arithmetic.layers.fitted import AdaptivePool, GlobalPool, PoolingLayer
from poolviz.i18n.phrase import phrase

FLOATS = frozenset({"float16", "bfloat16", "float32", "float64"})
INTEGERS = frozenset(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))
DTYPES = FLOATS | INTEGERS | {"bool"}
INDICES, UNPOOLING, LARGEST_NORM = "indices", "unpooling", "lp_inf"
NARROWED = MappingProxyType({"float64": "float32", "int64": "int32", "uint64": "uint32"})


class ArrayRule(NamedTuple):
    """One kind of pooling in one framework.

    Attributes
    ----------
    rejected
        The class of the exception by dtype.
    returns
        The dtype that comes back where it is another one.
    no_channels, no_examples
        The class of the exception for an array without channels, or without examples.
    wraps
        Whether sums of integers overflow in the dtype of the input.
    """

    rejected: Mapping[str, str] = MappingProxyType({})
    returns: Mapping[str, str] = MappingProxyType({})
    no_channels: str | None = None
    no_examples: str | None = None
    wraps: bool = False

    def returned(self, dtype: str) -> str:
        """Return the dtype that comes back.

        >>> ArrayRule(returns={"float64": "float32"}).returned("float64")
        'float32'
        """
        return self.returns.get(dtype, dtype)


def taking(dtypes: Iterable[str], error: str) -> dict[str, str]:
    """Refuse every other dtype with one class of exception.

    >>> sorted(taking(INTEGERS | FLOATS, "TypeError").items())
    [('bool', 'TypeError')]
    """
    return dict.fromkeys(sorted(DTYPES - frozenset(dtypes)), error)


def kind_of(layer: PoolingLayer, ndim: int, global_is_adaptive: bool) -> str:
    """Return the kind of pooling that has one rule: "avg", "global_max", "adaptive_avg", "lp_inf".

    >>> kind_of(AdaptivePool(1), 2, global_is_adaptive=True)
    'global_avg'
    """
    if isinstance(layer, GlobalPool):
        return f"global_{layer.op}"
    if isinstance(layer, AdaptivePool):
        is_global = layer.with_axes(ndim).output_size == (1,) * ndim and global_is_adaptive
        return f"{'global' if is_global else 'adaptive'}_{layer.op}"
    is_largest = layer.op == "lp" and math.isinf(layer.norm)
    return LARGEST_NORM if is_largest else layer.op


def refuse_array(
    rule: ArrayRule, kind: str, title: str, dtype: str, shape: tuple[int, ...], ndim: int
) -> Iterator[Refusal]:
    """Yield what a framework rejects of an array (C, *spatial) or (N, C, *spatial)."""
    if dtype in rule.rejected:
        what = phrase(f"pooling_kind.{kind}")
        fields = {"framework": title, "kind": what, "dtype": dtype, "axes": ndim}
        why = phrase("refusal.no_dtype", **fields)
        yield Refusal("dtype", "array", why, 'x.astype("float32")', rule.rejected[dtype])
    lead = shape[: len(shape) - ndim]
    for size, error, key in zip(
        lead[::-1],
        (rule.no_channels, rule.no_examples),
        ("refusal.no_channels", "refusal.no_examples"),
        strict=False,
    ):
        if size == 0 and error is not None:
            instead = phrase("instead.layer_before")
            yield Refusal("shape", "array", phrase(key, framework=title), instead, error)
