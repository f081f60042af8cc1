"""Calls of Python itself and of its libraries: only those that give sizes, lists and names."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from itertools import chain, islice, product
from typing import Any

from poolviz.i18n.phrase import phrase
from poolviz.reading.graph.symbolic_tensor import Batch, SymbolicTensor
from poolviz.reading.source.contents import copied, spoil
from poolviz.reading.source.values import (
    LIST_LENGTH,
    MOST_ENTRIES,
    NOT_KNOWN,
    STARS,
    TOO_LONG,
    Args,
    Bound,
    Chain,
    Function,
    Instance,
    LayerObject,
    Library,
    Named,
    Partial,
    Unknown,
    UserClass,
    Value,
    is_known,
    known_sizes,
    words_from,
)

_BUILTINS = (
    "range len int float str bool tuple list dict set zip enumerate min max sum abs round "
    "reversed sorted isinstance issubclass print super getattr setattr delattr hasattr type map "
    "any all divmod object property staticmethod classmethod iter next vars id repr input open "
    "exec eval Exception ValueError TypeError NotImplementedError RuntimeError AssertionError "
    "filter pow slice callable chr ord"
)
BUILTINS = frozenset(_BUILTINS.split())


def _numbered(values: Iterable[Value], start: int = 0) -> list[tuple[int, Value]]:
    return list(enumerate(values, start))


_MATHS = ("floor", "ceil", "sqrt", "log", "log2", "log10", "exp", "prod")
NUMBERS = {
    f"{home}.{name}": number
    for home in ("math", "numpy", "torch")
    for name, number in (("pi", math.pi), ("e", math.e), ("inf", math.inf))
}
_SIMPLE: dict[str, Callable[..., Any]] = {
    "builtins.range": range,
    "builtins.len": len,
    "builtins.int": int,
    "builtins.float": float,
    "builtins.str": lambda value="": str(value),
    "builtins.bool": bool,
    "builtins.tuple": lambda values=(): tuple(values),
    "builtins.list": lambda values=(): list(values),
    # In the order of the text; the order of a set of texts differs between runs of Python.
    "builtins.set": lambda values=(): tuple(dict.fromkeys(values)),
    "builtins.zip": lambda *lists: list(zip(*lists, strict=False)),
    "builtins.enumerate": _numbered,
    "builtins.min": min,
    "builtins.max": max,
    "builtins.sum": sum,
    "builtins.abs": abs,
    "builtins.chr": chr,
    "builtins.ord": ord,
    "builtins.round": lambda value: round(value),
    "builtins.reversed": lambda values: list(reversed(values)),
    "builtins.sorted": sorted,
    "builtins.any": any,
    "builtins.all": all,
    "builtins.divmod": divmod,
    "builtins.iter": lambda values: values,
    **{f"{home}.{name}": getattr(math, name) for home in ("math", "numpy") for name in _MATHS},
    "math.gcd": math.gcd,
    "itertools.chain": lambda *lists: list(chain(*lists)),
    # One entry too many, so that `_bounded` rejects it, and no more.
    "itertools.repeat": lambda value, times: [value] * min(times, MOST_ENTRIES + 1),
    "itertools.product": lambda *lists: list(islice(product(*lists), MOST_ENTRIES + 1)),
}
_CHECKS_ONLY_SIZE = ("builtins.range", "builtins.len", "builtins.enumerate", "builtins.zip")
_IN_ORDER = ("builtins.list", "builtins.tuple", "builtins.reversed")
_KEEPING = (*_IN_ORDER, "itertools.chain", "itertools.repeat")
_PLAIN_FIELDS = re.compile(r"(?:[^{}]|\{\d*\})*")  # no widths: "{:9999999}" is a long text
UNTEXT = Unknown(phrase("reading.unread.unknown_text"))
_OF_TEXT = {"lower", "upper", "strip", "startswith", "endswith", "split", "title"}


def plain_call(library: Library, args: Args, named: Named) -> Value:
    """Return the value of a call of Python's own functions; Unknown for any other.

    >>> plain_call(Library("builtins.len"), [[1, 2]], {})
    2
    """
    path = library.path
    if path == "builtins.dict" or path.endswith("OrderedDict"):
        return _dict(args) | named
    if path in ("copy.deepcopy", "copy.copy") and args:
        return copied(args[0])
    if path == "builtins.int" and len(args) == 1 and isinstance(args[0], Batch):
        return args[0]
    if path in ("builtins.isinstance", "builtins.issubclass") and len(args) == 2:
        return _is_instance(*args)
    if path == "types.MethodType" and len(args) == 2 and isinstance(args[0], Function):
        return Bound(args[1], args[0])
    if path == "functools.partial" and args:
        return Partial(args[0], tuple(args[1:]), named)
    if path in _ABOUT_KINDS and len(args) == 1:
        return _ABOUT_KINDS[path](args[0])
    function = _SIMPLE.get(path)
    if function is None:
        why = phrase("reading.unread.unknown", name=library.last)
        is_builtin = path.startswith("builtins.")
        return Unknown(why, library="" if is_builtin else library.last)
    if any(isinstance(value, dict) and STARS in value for value in args):
        return Unknown(NOT_KNOWN)
    given = [_listed(value) for value in args]
    holds_anything = path in _CHECKS_ONLY_SIZE or path in _KEEPING
    known = not any(isinstance(value, Unknown | Batch) for value in (*given, *named.values()))
    if not known or (not holds_anything and not is_known(given)):
        return Unknown(NOT_KNOWN)
    try:
        return _bounded(function(*given, **named))
    except Exception as wrong:
        return Unknown(words_from(wrong))


def _listed(value: Value) -> Value:
    chain = value.chain if isinstance(value, Instance) else value
    if isinstance(chain, Chain):
        return chain.modules
    return list(value) if isinstance(value, dict) else value


def _dict(args: Args) -> dict[Any, Value]:
    entries = args[0] if args else []
    if isinstance(entries, dict):
        return dict(entries)
    if not isinstance(entries, list | tuple):
        return {STARS: Unknown(NOT_KNOWN)}
    pairs: list[Any] = [e for e in entries if isinstance(e, list | tuple) and len(e) == 2]
    return dict(pairs)


def _bounded(value: Value) -> Value:
    """Reject a list that would take long to iterate over; a range stays a range."""
    if isinstance(value, str | list | tuple | range) and len(value) > MOST_ENTRIES:
        return Unknown(TOO_LONG)
    return value


_ANY_LAYER = ("Module", "Layer")
_TYPES = {
    "int": int,
    "float": float,
    "str": str,
    "list": list,
    "tuple": tuple,
    "dict": dict,
    "bool": bool,
}
_LISTS = (list, tuple, str, range)
_ABSTRACT: dict[str, tuple[type, ...]] = {  # of `collections.abc`, `typing` and `numbers`
    "Iterable": (*_LISTS, dict),
    "Sequence": _LISTS,
    "Mapping": (dict,),
    "Number": (int, float),
    "Real": (int, float),
    "Integral": (int,),
}
_HOMES = ("collections.abc", "typing", "numbers")
_DATA = (SymbolicTensor, int, float, *_LISTS, dict, type(None))


def _is_instance(value: Value, kinds: Value) -> Value:
    """Return `isinstance(value, kinds)`; unknown where one of the classes is not known."""
    if isinstance(value, Unknown):
        return value
    for kind in kinds if isinstance(kinds, tuple) else (kinds,):
        if isinstance(kind, Library) and kind.path.startswith("builtins."):
            known = _TYPES.get(kind.last)
            if known is not None and isinstance(value, known):
                return True
        elif isinstance(kind, Library) and isinstance(value, _DATA):
            is_one = _is_one_of(value, kind)
            if is_one is not False:
                return Unknown(NOT_KNOWN) if is_one is None else True
        elif isinstance(kind, UserClass) and isinstance(value, Instance):
            if kind in value.made_of.family:
                return True
        elif isinstance(kind, Library) and isinstance(value, LayerObject):
            if kind == value.library or kind.last in _ANY_LAYER:
                return True
            if kind.last.startswith("_"):  # a base of several layers, as `_BatchNorm`
                return Unknown(NOT_KNOWN)
        elif isinstance(kind, Library) and isinstance(value, Chain | Instance):
            if kind.last in (*_ANY_LAYER, *_kinds(value)):
                return True
        else:
            return Unknown(NOT_KNOWN)
    return False


def _is_one_of(value: Value, kind: Library) -> bool | None:
    """Return whether plain data or a tensor is of a class of a library; None: not known."""
    home = kind.path.rpartition(".")[0]
    if home in _HOMES and kind.last in _ABSTRACT and not isinstance(value, SymbolicTensor):
        return isinstance(value, _ABSTRACT[kind.last])
    # A list of numbers may be a tensor of them.
    is_open = isinstance(value, list | tuple) and is_known(value) and bool(value)
    if kind.path != "torch.Tensor" or is_open:
        return None
    return isinstance(value, SymbolicTensor)


def _kinds(value: Chain | Instance) -> list[str]:
    """Return the classes of libraries that an object is one of."""
    if isinstance(value, Chain):
        return [value.kind]
    bases = [base for each in value.made_of.family for base in each.bases]
    return [base.last for base in bases if isinstance(base, Library)]


def _type(value: Value) -> Value:
    """Return the class of a value, as far as a text compares it with others."""
    if isinstance(value, Instance):
        return value.made_of
    if isinstance(value, LayerObject):
        return value.library
    if isinstance(value, Chain) and value.numbers:
        return Library(f"torch.nn.{value.kind}")
    if isinstance(value, Partial):
        return Library("functools.partial")
    if isinstance(value, Function):
        return Library("types.FunctionType")
    if isinstance(value, UserClass) or _is_class(value) is True:
        return Library("builtins.type")
    found = next((word for word, kind in _TYPES.items() if type(value) is kind), None)
    return Unknown(NOT_KNOWN) if found is None else Library(f"builtins.{found}")


def _is_function(value: Value) -> Value:
    return Unknown(NOT_KNOWN) if isinstance(value, Library | Unknown) else type(value) is Function


def _is_class(value: Value) -> Value:
    if isinstance(value, Library):
        # By its capital letter: no library is imported.
        return True if value.last[:1].isupper() else Unknown(NOT_KNOWN)
    return value if isinstance(value, Unknown) else isinstance(value, UserClass)


def _is_called(value: Value) -> Value:
    if isinstance(value, Instance | Unknown) or (value is not None and not is_known(value)):
        is_module = isinstance(value, Instance) and value.made_of.framework is not None
        return True if is_module else Unknown(NOT_KNOWN)
    return not isinstance(value, int | float | str | list | tuple | dict | range | None)


_ABOUT_KINDS: dict[str, Callable[[Value], Value]] = {
    "builtins.type": _type,
    "builtins.callable": _is_called,
    "inspect.isfunction": _is_function,
    "inspect.isclass": _is_class,
}


def plain_method(value: Value, name: str, args: Args, named: Named) -> Value:
    """Return the value of a method of a list, a dictionary or a text.

    >>> plain_method({"a": 1}, "get", ["b", 2], {})
    2
    """
    if named and name not in ("update", "format"):
        words = ", ".join(named)
        return Unknown(phrase("reading.unread.arguments_of_method", names=words, method=name))
    try:
        if isinstance(value, list):
            return _of_list(value, name, args)
        if isinstance(value, dict):
            return _of_dict(value, name, args, named)
        if isinstance(value, str) and name == "format" and _PLAIN_FIELDS.fullmatch(value):
            is_plain = all(isinstance(e, int | str) and not isinstance(e, Batch) for e in args)
            length = len(value) * (1 + max([len(str(e)) for e in args], default=0))
            return value.format(*args) if is_plain and length <= MOST_ENTRIES else UNTEXT
        if isinstance(value, str) and name in _OF_TEXT and is_known(args):
            return _method(value, name, args) if len(value) < MOST_ENTRIES else Unknown(TOO_LONG)
        if isinstance(value, int) and name in ("bit_length", "item"):
            return value.bit_length() if name == "bit_length" else value
        if isinstance(value, list | tuple) and name == "numel" and (sizes := known_sizes(value)):
            return math.prod(sizes)
        if isinstance(value, list | tuple) and name in ("index", "count") and is_known(value):
            return _method(value, name, args)
    except Exception as wrong:
        return Unknown(words_from(wrong))
    return Unknown(phrase("reading.unread.unknown_method", name=name))


def extend(value: list[Value], more: Value) -> None:
    """Run `value.extend(more)`; an unknown value adds one unknown entry."""
    if isinstance(more, list | tuple | range) and len(value) + len(more) <= MOST_ENTRIES:
        value.extend(more)
    else:
        value.append(Unknown(LIST_LENGTH))


def _method(value: Value, name: str, args: Args) -> Value:
    result: Value = getattr(value, name)(*args)
    return result


_OF_LISTS = ("append", "insert", "reverse", "pop", "copy", "clear")


def _of_list(value: list[Value], name: str, args: Args) -> Value:
    if name == "extend":
        extend(value, _listed(args[0]))
        return None
    if name == "remove" and args:
        _remove(value, args[0])
        return None
    if name in _OF_LISTS and is_known(args if name in ("insert", "pop") else []):
        return _method(value, name, args)
    if name in ("index", "count", "sort") and is_known(value):
        return _method(value, name, args)
    spoil(value, Unknown(phrase("reading.unread.unknown_method", name=name)))
    return value[0]


def _remove(value: list[Value], entry: Value) -> None:
    """Remove the first entry that is this one; where that is not known, nothing is."""
    for place, each in enumerate(value):
        if each is entry or (is_known([each, entry]) and each == entry):
            del value[place]
            return
        if not is_known([each, entry]):
            break
    spoil(value, Unknown(LIST_LENGTH))


def _of_dict(value: dict[object, Value], name: str, args: Args, named: Named) -> Value:
    """Run a method of a dictionary; of an open one, what is not listed is unknown."""
    is_open = STARS in value
    if name in ("keys", "values", "items"):
        return Unknown(LIST_LENGTH) if is_open else list(getattr(value, name)())
    if name in ("get", "pop", "setdefault"):
        if is_open and args and args[0] not in value:
            return value[STARS]
        return _method(value, name, args)
    if name == "update":
        entries = [args[0] if isinstance(args[0], dict) else _dict(args)] if args else []
        for entry in (*entries, named):
            if STARS in entry:
                value.clear()
            value.update(entry)
        return None
    if name in ("copy", "clear") or (name == "popitem" and not is_open):
        return _method(value, name, args)
    spoil(value, Unknown(phrase("reading.unread.unknown_method", name=name)))
    return value[STARS]
