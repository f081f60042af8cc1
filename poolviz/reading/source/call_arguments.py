"""Arguments of a call → the parameters by name."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from poolviz.arithmetic.open_size import OpenSize
from poolviz.i18n.phrase import Words, phrase
from poolviz.reading.graph.symbolic_tensor import Batch, SymbolicTensor, leaves
from poolviz.reading.source.values import NOT_KNOWN, STARS, Function, Named, Unknown, Value

_UNCHECKED = ("in_channels", "in_features", "num_features", "num_channels", "input_size")
_COUNTS = frozenset(
    {
        "out_channels", "out_features", "filters", "units", "features", "hidden_size",
        "embed_dim", "d_model", "nhead", "num_heads", "dim_feedforward", "num_groups", "groups",
        "normalized_shape", "num_parameters",
    }
)  # fmt: skip
_SWITCHES = ("bias", "use_bias")  # they change no shape


class NotKnown(ValueError):  # noqa: N818  # a fact, not an error
    """A setting that the text alone does not give."""


class Settings(dict[str, Any]):
    """Settings of a layer; one that is not known raises as soon as it matters.

    The sizes a layer was built for are only checked. An unknown one is omitted, and listed
    in `unchecked`. An unknown number of channels or features is an `OpenSize`, listed in `open`.
    """

    def __init__(self, values: Named) -> None:
        super().__init__(values)
        self.unchecked: list[str] = []
        self.open: dict[str, Words] = {}

    def __getitem__(self, word: str) -> Any:
        value = dict.__getitem__(self, word)
        why = _unknown_in(value)
        if why is None:
            return value
        if isinstance(value, Unknown) and value.raises:
            raise _not_known(word, why)
        if word in _UNCHECKED:
            self.unchecked.append(word)
            return None
        if word in _COUNTS and isinstance(value, Unknown):
            self.open[word] = why
            return OpenSize()
        if word in _SWITCHES:
            self.open[word] = why
            return True
        raise _not_known(word, why)

    def get(self, word: str, default: object = None) -> Any:
        if word in self:
            return self[word]
        if STARS in self and word in _UNCHECKED:
            self.unchecked.append(word)
            return None
        if STARS in self:
            raise _not_known(word, _unknown_in(self.get_raw(STARS)) or NOT_KNOWN)
        return default

    def get_raw(self, word: str) -> Value:
        """Return a value as it is, known or not."""
        return super().__getitem__(word)  # type: ignore[no-any-return]


def _not_known(word: str, why: Words) -> NotKnown:
    if why == NOT_KNOWN:
        return NotKnown(phrase("reading.unread.unknown_setting", name=word))
    return NotKnown(phrase("reading.unread.setting", name=word, why=why))


_PLAIN = frozenset({int, bool, str, type(None)})


def _unknown_in(value: Value) -> Words | None:
    if type(value) in _PLAIN:  # as nearly every setting of every layer
        return None
    for each in leaves([value]):
        if isinstance(each, Unknown | Batch | SymbolicTensor):
            return each.why if isinstance(each, Unknown) else NOT_KNOWN
    return None


def by_name(
    words: Sequence[str], args: Sequence[Value], named: Named, title: str
) -> dict[str, Value]:
    """Return the settings of a call to something whose arguments are named `words`, in order.

    >>> by_name(("kernel_size", "stride"), [3], {"stride": 2}, "MaxPool2d")
    {'kernel_size': 3, 'stride': 2}
    >>> by_name(("*shape",), [1, -1], {}, "view")
    {'shape': (1, -1)}
    """
    if words and words[0].startswith("*"):
        is_list = len(args) == 1 and isinstance(args[0], list | tuple)
        given: Named = {words[0][1:]: args[0] if is_list else tuple(args)} if args else {}
        return given | named
    if len(args) > len(words):
        most, count = len(words), len(args)
        raise TypeError(phrase("reading.unread.arguments", title=title, most=most, count=count))
    return dict(zip(words, args, strict=False)) | named


def bound(function: Function, args: Sequence[Value], named: Named) -> dict[str, Value]:
    """Return the parameters of a function of the text; what is missing is unknown."""
    spec = function.node.args
    names = [arg.arg for arg in (*spec.posonlyargs, *spec.args)]
    found = function.defaults | dict(zip(names, args, strict=False))
    every = {*names, *(arg.arg for arg in spec.kwonlyargs)}
    found |= {name: value for name, value in named.items() if name in every}
    if spec.vararg is not None:
        found[spec.vararg.arg] = tuple(args[len(names) :])
    if spec.kwarg is not None:
        more = {name: value for name, value in named.items() if name not in every}
        found[spec.kwarg.arg] = more
    if STARS in named:
        rest = named[STARS]
        given = {*names[: len(args)], *named}
        found |= {name: rest for name in every if name not in given}
        if spec.vararg is not None and len(args) >= len(names):
            found[spec.vararg.arg] = rest
    for name in every:
        if name not in found:
            why = phrase("reading.unread.not_given", name=name)
            found[name] = Unknown(why, function.node.lineno)
    return found


def default_nodes(function: Function) -> dict[str, ast.expr]:
    """Return the expressions of the defaults, by parameter."""
    spec = function.node.args
    names = [arg.arg for arg in (*spec.posonlyargs, *spec.args)]
    # From the end: the last parameters have the defaults.
    found = dict(zip(names[::-1], spec.defaults[::-1], strict=False))
    for arg, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
        if default is not None:
            found[arg.arg] = default
    return found


def tensor_parameters(function: Function) -> list[str]:
    """Return the first parameters without a default, up to one that is annotated as no tensor."""
    spec = function.node.args
    every = [*spec.posonlyargs, *spec.args]
    needed = every[: len(every) - len(spec.defaults)]
    found: list[str] = []
    for place, arg in enumerate(needed):
        # The first one is `self`, whatever its annotation.
        kind = "" if arg.annotation is None or place == 0 else ast.unparse(arg.annotation)
        if kind and not any(word in kind for word in ("Tensor", "Array", "ndarray")):
            break
        found.append(arg.arg)
    return found
