"""Objects that only keep values: namespaces, configurations, the arguments of a command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from poolviz.i18n.phrase import phrase
from poolviz.reading.source.context import ReadingContext
from poolviz.reading.source.values import (
    UNHANDLED,
    Args,
    Instance,
    Library,
    Named,
    Unhandled,
    Unknown,
    UserClass,
    Value,
)

RECORD = UserClass("configuration", 0, [])
PARSER = UserClass("ArgumentParser", 0, [])
_RECORDS = ("SimpleNamespace", "Namespace", "EasyDict", "AttrDict", "Munch", "Box", "ConfigDict")
# Of dataclasses, attrs and pydantic; only pydantic takes the default by position.
_FIELDS = ("field", "ib", "attrib", "Field")
_WITH_FIELDS = ("dataclasses.", "attr.", "attrs.", "pydantic.")
_METHODS = (
    "add_argument parse_args parse_known_args add_argument_group add_mutually_exclusive_group "
    "set_defaults"
)
PARSER_METHODS = frozenset(_METHODS.split())
_TYPES: dict[str, Callable[[str], Value]] = {"int": int, "float": float, "str": str}
_OFF = (
    "is_scripting is_tracing is_grad_enabled is_in_onnx_export is_exporting is_compiling "
    "is_autocast_enabled is_available"
)
EVALUATED = frozenset(_OFF.split())


def is_off(library: Library) -> bool:
    """Return whether a function of torch is False in plain evaluation."""
    return library.last in EVALUATED and library.path.startswith("torch.")


def record(
    context: ReadingContext, library: Library, args: Args, named: Named, line: int
) -> Value | Unhandled:
    """Return a namespace, a configuration, a field of one, or a parser of arguments."""
    if library.last in _FIELDS and library.path.startswith(_WITH_FIELDS):
        return _field(context, args, named, line)
    if library.path == "dataclasses.replace" and args and isinstance(args[0], Instance):
        return replace(args[0], names=args[0].names | named)
    if library.last == "ArgumentParser":
        return Instance(PARSER, line)
    if library.last not in _RECORDS or library.path.startswith("builtins."):
        return UNHANDLED
    found: Named = {}
    for given in args:
        if not isinstance(given, dict):
            return UNHANDLED
        found |= {str(key): _nested(value, line) for key, value in given.items()}
    return Instance(RECORD, line, found | named)


def _field(context: ReadingContext, args: Args, named: Named, line: int) -> Value:
    """Return the default of a field of a dataclass, also one that a function makes."""
    for name in ("default", "default_factory", "factory"):
        if name in named:
            value = named[name]
            return value if name == "default" else context.call(value, [], {}, line)
    return args[0] if args else Unknown(phrase("reading.unread.not_given", name="field"), line)


def saved_arguments(target: Instance, given: Named, args: Args, ignored: Value) -> Instance:
    """Return `self.hparams` after `self.save_hyperparameters(…)`: arguments of the constructor."""
    names = [arg for arg in args if isinstance(arg, str)]
    found: Named = {}
    for name, value in given.items():
        if isinstance(value, dict) and name not in target.named:  # of `**kwargs`
            found |= {str(key): each for key, each in value.items()}
        else:
            found[name] = value
    for arg in args:
        if isinstance(arg, Instance):
            found |= arg.names
        elif isinstance(arg, dict):
            found |= {str(key): each for key, each in arg.items()}
    left_out = ignored if isinstance(ignored, list | tuple) else [ignored]
    kept = {name: value for name, value in found.items() if name not in left_out}
    kept = {name: kept[name] for name in names if name in kept} if names else kept
    return Instance(RECORD, target.line, {k: _nested(v, target.line) for k, v in kept.items()})


def _nested(value: Value, line: int) -> Value:
    if not isinstance(value, dict):
        return value
    names = {str(key): _nested(entry, line) for key, entry in value.items()}
    return Instance(RECORD, line, names)


def parser_method(parser: Instance, name: str, args: Args, named: Named, line: int) -> Value:
    """Run a method of `argparse.ArgumentParser`: the defaults are the arguments."""
    if name == "add_argument":
        _add(parser, args, named, line)
        return None
    if name == "set_defaults":
        parser.names |= named
        return None
    if name in ("parse_args", "parse_known_args"):
        found = Instance(RECORD, line, parser.names | _typed(parser, args, line))
        return found if name == "parse_args" else (found, [])
    return parser


def _add(parser: Instance, args: Args, named: Named, line: int) -> None:
    flags = [flag for flag in args if isinstance(flag, str)]
    long = [flag for flag in flags if flag.startswith("--")] or flags
    dest = named.get("dest", long[0].lstrip("-").replace("-", "_") if long else None)
    if not isinstance(dest, str):
        return
    action = named.get("action")
    parser.named |= {flag: (dest, named.get("type"), action) for flag in flags}
    if action in ("store_true", "store_false"):
        parser.names[dest] = named.get("default", action == "store_false")
        return
    value = named.get("default")
    if value is None:
        value = Unknown(phrase("reading.unread.not_given", name=dest), line)
    parser.names[dest] = _converted(value, named.get("type"), dest, line)


def _converted(value: Value, kind: Value, dest: str, line: int) -> Value:
    """Return a text as the type of its argument."""
    if isinstance(value, str) and isinstance(kind, Library) and kind.last in _TYPES:
        try:
            return _TYPES[kind.last](value)
        except ValueError:
            return Unknown(phrase("reading.unread.not_given", name=dest), line)
    return value


def _typed(parser: Instance, args: Args, line: int) -> Named:
    """Return what a list of arguments changes: `parse_args(["--width", "32"])`."""
    words = args[0] if args else None
    if not isinstance(words, list | tuple):
        return {}
    found: Named = {}
    unknown = Unknown(phrase("reading.unread.not_given", name="parse_args"), line)
    open_words = list(words)
    while open_words:
        word = open_words.pop(0)
        flag, has_value, text = word.partition("=") if isinstance(word, str) else ("", "", "")
        facts: Any = parser.named.get(flag)
        if facts is None:  # a place, or several values of one flag
            return dict.fromkeys(parser.names, unknown)
        dest, kind, action = facts
        if action in ("store_true", "store_false"):
            found[dest] = action == "store_true"
            continue
        value = text if has_value else open_words.pop(0) if open_words else unknown
        found[dest] = _converted(value, kind, dest, line)
    return found
