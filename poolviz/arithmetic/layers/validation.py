"""Checks of layer parameters: each names the parameter, the allowed values and the value given.

A check takes the name and the value of a parameter and returns the value to keep, or raises
TypeError (wrong type) or ValueError (wrong value). Layers attach checks to their fields as
metadata; `Specification` runs them.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from numbers import Integral, Real
from typing import TypeAlias, TypeGuard

from poolviz.arithmetic.framework_names import FRAMEWORK_NAMES, known_framework
from poolviz.arithmetic.open_size import OpenSize
from poolviz.i18n.sanitize import writable

Sizes: TypeAlias = int | tuple[int, ...]
Pairs: TypeAlias = tuple[tuple[int, int], ...]
Padding: TypeAlias = int | tuple[int, ...] | Pairs | str
Check: TypeAlias = Callable[[str, object], object]

MOST_AXES = 3  # spatial ones
# Texts are sequences, but not of numbers; for an int the abstract class would take the longest.
_SINGLE = (int, str, bytes, bytearray, memoryview)
LARGEST_ARGUMENT = 10**100  # beyond it, coordinates in a picture overflow
OPS = ("max", "avg")
POOL_OPS = (*OPS, "lp")
_OP_WORDS = {"mean": "avg", "average": "avg", "maximum": "max"}
PADDING_NAMES = {
    "valid": "valid",
    "same": "same",
    "same_upper": "same",
    "same_lower": "same_lower",
}


def whole_numbers(name: str, value: object, least: int, allowed: str = "") -> Sizes:
    """Return `value` as an int or a tuple of ints, each at least `least`.

    >>> whole_numbers("stride", [2, 3], least=1)
    (2, 3)
    >>> whole_numbers("stride", 0, least=1)
    Traceback (most recent call last):
    ValueError: stride must be an int ≥ 1 or one per axis, got 0
    """
    allowed = allowed or f"{name} must be an int ≥ {least} or one per axis"
    if not is_sequence(value):
        return _whole_number(allowed, value, least)
    return tuple(_whole_number(allowed, entry, least, value) for entry in _axes(allowed, value))


def sizes_or_none(name: str, value: object, least: int) -> int | tuple[int | None, ...]:
    """Return `value` as for `whole_numbers`; None keeps the size of an axis.

    >>> sizes_or_none("output_size", (7, None), least=1)
    (7, None)
    """
    if not is_sequence(value):
        return whole_number(name, value, least)
    allowed = f"{name} must be an int ≥ {least}, or one int or None per axis"
    return tuple(
        None if entry is None else _whole_number(allowed, entry, least, value)
        for entry in _axes(allowed, value)
    )


def whole_number(name: str, value: object, least: int) -> int:
    """Return `value` as one int ≥ `least`.

    >>> whole_number("out_channels", 0, least=1)
    Traceback (most recent call last):
    ValueError: out_channels must be an int ≥ 1, got 0
    """
    return _whole_number(f"{name} must be an int ≥ {least}", value, least)


def padding(name: str, value: object, names: Mapping[str, str] = PADDING_NAMES) -> Padding:
    """Elements on both sides: an int, one per axis, (before, after) pairs or one of `names`.

    >>> padding("padding", "SAME_UPPER"), padding("cropping", ((0, 1), (2, 3)), names={})
    ('same', ((0, 1), (2, 3)))
    """
    known = names.get(value.lower()) if isinstance(value, str) else None
    if known is not None:
        return known
    listed = "".join(f', "{word}"' for word in dict.fromkeys(names.values()))
    allowed = f"{name} must be an int ≥ 0, one per axis{listed} or (before, after) pairs"
    if isinstance(value, str):
        raise (ValueError if names else TypeError)(f"{allowed}, got {shown(value)}")
    if is_sequence(value) and len(value) <= MOST_AXES and any(map(is_sequence, value)):
        return _pairs(allowed, value)
    return whole_numbers(name, value, 0, allowed)


def truth(name: str, value: object) -> bool:
    """Return `value` when it is a bool, of Python or numpy."""
    if _is_bool(value):
        return bool(value)
    raise TypeError(f"{name} must be True or False, got {_with_type(value)}")


def one_of(name: str, value: object, allowed: Sequence[str]) -> str:
    """Return `value` in lower case when it is an allowed word."""
    if isinstance(value, str) and value.lower() in allowed:
        return value.lower()
    error = ValueError if isinstance(value, str) else TypeError
    names = ", ".join(f'"{word}"' for word in allowed)
    raise error(f"{name} must be one of {names}, got {shown(value)}")


def operation(name: str, value: object, allowed: Sequence[str]) -> str:
    """Return an allowed operation, "mean", "average" and "maximum" under their names here.

    >>> operation("op", "mean", OPS)
    'avg'
    """
    known = _OP_WORDS.get(value.lower()) if isinstance(value, str) else None
    return one_of(name, value, allowed) if known is None else known


def framework_name(value: object, name: str = "framework") -> str:
    """Return the framework that `value` names, "torch" and "tf" included, or one of its versions.

    >>> framework_name("torch"), framework_name("keras==3.14")
    ('pytorch', 'keras==3.14')
    """
    known = known_framework(value) if isinstance(value, str) else None
    return one_of(name, value, FRAMEWORK_NAMES) if known is None else known


def is_shape(value: object) -> bool:
    """Return whether a value is an int, or a shape or several with at least one int.

    >>> is_shape((1, 28, 28)), is_shape([(3, 8, 8), (3, 8, 8)]), is_shape([]), is_shape("28")
    (True, True, False, False)
    """
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return bool(value) and all(map(is_shape, value))
    return not isinstance(value, bool) and hasattr(value, "__index__") and not _has_axes(value)


def _has_axes(value: object) -> bool:
    return bool(getattr(value, "shape", ()))


def text(name: str, value: object, allowed: str = "a text") -> str:
    """Return `value` when it is a str, in characters that a notebook can store."""
    if isinstance(value, str):
        return writable(value)
    raise TypeError(f"{name} must be {allowed}, got {_with_type(value)}")


def any_whole(name: str, value: object) -> int:
    """Return `value` as an int of any sign; 0 is for the framework to reject."""
    try:
        return _whole_number(name, value, -LARGEST_ARGUMENT)
    except TypeError:
        raise TypeError(f"{name} must be an int or None, got {_with_type(value)}") from None


def norm(name: str, value: object) -> float:
    """Return `value` as a positive int or float, `math.inf` included.

    >>> norm("norm", 2), norm("norm", float("inf"))
    (2, inf)
    """
    if _is_bool(value) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a number > 0, got {_with_type(value)}")
    if not float(value) > 0:
        raise ValueError(f"{name} must be a number > 0, got {shown(value)}")
    return int(value) if isinstance(value, Integral) else float(value)


# --- field metadata ------------------------------------------------------------------------------


def by(check: Check) -> dict[str, Check]:
    """Metadata of a field that is checked by `check`."""
    return {"check": check}


def optional(check: Check) -> dict[str, Check]:
    """Return the metadata of a field that may be None."""
    return {"check": partial(_unless_none, check)}


def _unless_none(check: Check, name: str, value: object) -> object:
    return None if value is None else check(name, value)


COUNT = by(partial(whole_number, least=1))
COUNT_OR_NONE = optional(partial(whole_number, least=1))
NUMBER = by(partial(whole_number, least=0))
SIZES = by(partial(whole_numbers, least=1))
SIZES_OR_NONE = optional(partial(whole_numbers, least=1))
PADDING = by(padding)
SIDES = by(partial(padding, names={}))
TRUTH = by(truth)
TRUTH_OR_NONE = optional(truth)
OP = by(partial(operation, allowed=OPS))
POOL_OP = by(partial(operation, allowed=POOL_OPS))
WHOLE_OR_NONE = optional(any_whole)
NORM = by(norm)
FRAMEWORK = by(lambda name, value: framework_name(value, name))
NAME = optional(partial(text, allowed="a text or None"))


# --- single values -------------------------------------------------------------------------------


def _whole_number(allowed: str, value: object, least: int, whole: object = None) -> int:
    """Return `value` as an int; `whole` is the sequence in which it was given."""
    number = value if type(value) is int else _as_int(allowed, value, whole)
    if number < least:
        raise ValueError(f"{allowed}, got {shown(number)}{_inside(whole)}")
    if number > LARGEST_ARGUMENT:
        raise ValueError(f"{allowed}, at most 10¹⁰⁰, got {shown(number)}{_inside(whole)}")
    return number


def _as_int(allowed: str, value: object, whole: object) -> int:
    # bool is an int in Python; PyTorch rejects it, and True for a size is always a mistake.
    if _is_bool(value):
        raise TypeError(f"{allowed}, got {value!r} (bool){_inside(whole)}")
    if isinstance(value, OpenSize):
        return value
    try:
        return operator.index(value)  # type: ignore[arg-type]  # raises what is caught here
    except TypeError:
        raise TypeError(f"{allowed}, got {_with_type(value)}{_inside(whole)}") from None


def _inside(whole: object) -> str:
    return "" if whole is None else f" in {shown(whole)}"


def _axes(allowed: str, value: Sequence[object]) -> Sequence[object]:
    if not 1 <= len(value) <= MOST_AXES:
        raise ValueError(f"{allowed} (1 to {MOST_AXES} spatial axes), got {shown(value)}")
    return value


def _pairs(allowed: str, value: Sequence[object]) -> Pairs:
    pairs = [tuple(pair) if is_sequence(pair) else () for pair in value]
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError(f"{allowed}, got {shown(value)}")
    return tuple(
        (_whole_number(allowed, before, 0, value), _whole_number(allowed, after, 0, value))
        for before, after in pairs
    )


def is_sequence(value: object) -> TypeGuard[Sequence[object]]:
    """Ordered entries: a list, a tuple, a range, or an array with at least one axis."""
    if isinstance(value, _SINGLE):
        return False
    # Asking the abstract class costs more than the rest of a check.
    return isinstance(value, (tuple, list, Sequence)) or (
        hasattr(value, "__array__") and getattr(value, "ndim", 0) > 0
    )


def _is_bool(value: object) -> bool:
    return isinstance(value, bool) or type(value).__name__ in ("bool_", "bool")


def _with_type(value: object) -> str:
    return f"{shown(value)} ({type(value).__name__})"


def shown(value: object) -> str:
    """Return the repr of a value, cut where it is long."""
    try:
        text = repr(value)
    except ValueError:  # Python writes no int with more than 4,300 digits
        return f"a number with too many digits ({type(value).__name__})"
    return text if len(text) <= 60 else text[:57] + "..."
