"""Which dtypes PyTorch pools: 1.13 to 2.13 on the CPU, run by `tools.record.layers.refusals`."""

from __future__ import annotations

from poolviz.arithmetic.frameworks.array_rules import (
    FLOATS,
    INDICES,
    INTEGERS,
    LARGEST_NORM,
    UNPOOLING,
    ArrayRule,
    taking,
)
from poolviz.arithmetic.frameworks.base import since

_Version = tuple[int, int]
_OLDEST, _NEVER = (1, 13), (9999, 0)
# The first versions whose kernels take float16 and bfloat16, in 1-D and 2-D, and in 3-D.
_HALVES: dict[str, tuple[tuple[_Version, _Version], tuple[_Version, _Version]]] = {
    "max": (((2, 2), _OLDEST), ((2, 2), (2, 1))),
    "adaptive_max": (((2, 2), _OLDEST), ((2, 6), (2, 1))),
    "avg": (((2, 3), _OLDEST), (_NEVER, _NEVER)),
    "adaptive_avg": (((2, 2), _OLDEST), (_OLDEST, (2, 1))),
    "global_avg": ((_OLDEST, _OLDEST), (_OLDEST, _OLDEST)),  # runs as a mean
    UNPOOLING: (((2, 5), (2, 5)), ((2, 5), (2, 5))),
}
_KERNELS = {INDICES: "max", LARGEST_NORM: "max", "global_max": "adaptive_max", "lp": "avg"}
_POOLED_INTEGERS = {(2, 1): frozenset({"int8", "int16", "int32", "int64", "uint8"}), _OLDEST: None}
_AVERAGED_INTEGERS = {(2, 2): None, (2, 1): _POOLED_INTEGERS[2, 1], _OLDEST: None}  # adaptively
_ERRORS = {(2, 8): "NotImplementedError", _OLDEST: "RuntimeError"}
_WIDE_UNSIGNED = frozenset({"uint16", "uint32", "uint64"})
_HAS_WIDE_UNSIGNED = {(2, 3): True, _OLDEST: False}  # else no tensor of them can be made
_RAISES_WIDE_UNSIGNED = {(2, 4): True, _OLDEST: False}  # to a power
LARGEST_IS_A_MAXIMUM = {(2, 13): True, _OLDEST: False}  # LP pooling with an infinite norm


def array_rule(version: str, kind: str, ndim: int) -> ArrayRule:
    """Return the rule of one version for a kind of pooling."""
    is_power = kind == LARGEST_NORM and not since(version, LARGEST_IS_A_MAXIMUM)
    takes, returns = _taken(version, "lp" if is_power else kind, ndim), dict[str, str]()
    if kind == "lp" or is_power:
        powers = {"int64", "bool"} if kind == "lp" else {*INTEGERS, "bool"}
        if not since(version, _RAISES_WIDE_UNSIGNED):
            powers -= _WIDE_UNSIGNED
        returns = dict.fromkeys(sorted(powers), "float32")
    rejected = taking(takes | set(returns), _error(version, kind))
    if not since(version, _HAS_WIDE_UNSIGNED):
        rejected |= dict.fromkeys(sorted(_WIDE_UNSIGNED), "TypeError")
    pools_nothing = kind == "global_avg" or (kind == "adaptive_avg" and ndim < 3)
    wraps = kind == "adaptive_avg"  # of integers: 2.1 adds them in their dtype
    return ArrayRule(rejected, returns, None if pools_nothing else "RuntimeError", wraps=wraps)


def _error(version: str, kind: str) -> str:
    return "RuntimeError" if kind == "global_avg" else since(version, _ERRORS)


def _taken(version: str, kind: str, ndim: int) -> set[str]:
    """Return the dtypes that come back as they are."""
    kernel = _KERNELS.get(kind, kind)
    halves = zip(("float16", "bfloat16"), _HALVES[kernel][ndim == 3], strict=True)
    takes = FLOATS - {name for name, first in halves if not since(version, {first: 1, (0, 0): 0})}
    integers = None
    if kernel == "max" and (ndim > 1 or kind == INDICES):  # max_pool1d alone has its own kernel
        integers = since(version, _POOLED_INTEGERS)
    elif kind == "adaptive_avg" and ndim < 3:
        integers = since(version, _AVERAGED_INTEGERS)
    elif kind == "avg":
        integers = frozenset({"int64"})
    return set(takes | (integers or frozenset()))
