"""A module of Flax written out as source, for `read_code`.

A linen module is a frozen dataclass, so its class and fields describe it fully. A module of nnx
holds its layers as attributes, which are written in place of its `__init__`. Read off Flax
0.12.8; it is not imported.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from functools import partial
from textwrap import dedent
from types import CodeType, ModuleType
from typing import Any

from poolviz.diagnosis.network.source import NoModel
from poolviz.i18n.phrase import phrase

MODEL = "model_to_read"
_OWN_FIELDS = ("parent", "name")
_LIBRARIES = ("flax.", "jax.")
_NNX_SETTINGS = [
    "in_features",
    "out_features",
    "num_features",
    "kernel_size",
    "strides",
    "padding",
    "input_dilation",
    "kernel_dilation",
    "feature_group_count",
    "num_groups",
    "use_bias",
    "use_scale",
    "rate",
]
_PLAIN = (bool, int, float, str, type(None))


def is_linen(value: object) -> bool:
    """Return whether it is a module of flax.linen."""
    return _has_base(value, "flax.linen.module")


def is_nnx(value: object) -> bool:
    """Return whether it is a module of flax.nnx."""
    return _has_base(value, "flax.nnx.module")


def _has_base(value: object, home: str) -> bool:
    return any(cls.__name__ == "Module" and cls.__module__ == home for cls in type(value).__mro__)


def written_out(module: object) -> str:
    """Source that makes an equal module, or such a list one after the other, named `MODEL`.

    Raises NoModel for a class whose source is not known.
    """
    if is_nnx(module) and _is_of_library(type(module)):
        module = [module]  # a single layer is not a model
    writer = _Writer()
    made = writer.expression(module)
    if isinstance(module, list):
        is_new = is_nnx(module[0])
        made = f"nnx.Sequential(*{made})" if is_new else f"nn.Sequential({made})"
    parts = [
        "import flax.linen as nn\nfrom flax import nnx",
        *writer.definitions.values(),
        f"{MODEL} = {made}",
    ]
    return "\n\n".join(parts) + "\n"


class _Writer:
    """Writes values as expressions, with the definitions that they need before them."""

    def __init__(self) -> None:
        self.definitions: dict[str, str] = {}

    def expression(self, value: Any) -> str:
        """Return a value as Python source; an undefined name where it cannot be written."""
        if isinstance(value, _PLAIN):
            return repr(value)
        if isinstance(value, Mapping):
            return f"{{{', '.join(f'{k!r}: {self.expression(v)}' for k, v in value.items())}}}"
        if _is_nnx_list(value):
            value = list(value)
        if is_nnx(value):
            return self._nnx(value)
        if isinstance(value, Sequence):
            entries = "".join(f"{self.expression(entry)}, " for entry in value)
            return f"({entries})" if isinstance(value, tuple) else f"[{entries}]"
        if is_linen(value):
            return self._module(value)
        if isinstance(value, partial):
            bound = [*map(self.expression, value.args), *self._words(value.keywords)]
            return f"partial({', '.join([self.expression(value.func), *bound])})"
        return self._named(value)

    def _module(self, module: Any) -> str:
        given = {
            field.name: getattr(module, field.name)
            for field in fields(module)
            if field.init and field.name not in _OWN_FIELDS
        }
        # Defaults, which are mostly functions of Flax or JAX, are omitted.
        changed = {
            field.name: given[field.name]
            for field in fields(module)
            if field.name in given and given[field.name] is not field.default
        }
        return f"{self._named(type(module))}({', '.join(self._words(changed))})"

    def _nnx(self, module: object) -> str:
        kind = type(module)
        held = {name: value for name, value in vars(module).items() if not name.startswith("_")}
        # A layer of nnx keeps its settings under the arguments' names; a user's class may not.
        if not kind.__module__.startswith("flax."):
            return self._own_nnx(kind, held)
        if kind.__name__ == "Sequential":
            return f"nnx.Sequential(*{self.expression(list(held['layers']))})"
        settings = {name: held[name] for name in _NNX_SETTINGS if name in held}
        return f"nnx.{kind.__name__}({', '.join(self._words(settings))})"

    def _own_nnx(self, kind: type, held: Mapping[str, object]) -> str:
        """Return a user's class with the contents of this module in place of its `__init__`."""
        lines = [f"        self.{name} = {self.expression(value)}" for name, value in held.items()]
        base = self._named(kind)
        name = f"{base}_{len(self.definitions)}"
        body = "\n".join(lines or ["        pass"])
        self.definitions[name] = f"class {name}({base}):\n    def __init__(self):\n{body}"
        return f"{name}()"

    def _words(self, settings: Mapping[str, object]) -> Iterator[str]:
        return (f"{name}={self.expression(value)}" for name, value in settings.items())

    def _named(self, value: object) -> str:
        """Return the name of a class or function; a user's one is defined before."""
        name = str(getattr(value, "__name__", type(value).__name__))
        home = str(getattr(value, "__module__", ""))
        if home.startswith(_LIBRARIES) or home == "flax":
            return f"nn.{name}"
        if not name.isidentifier() or not (inspect.isclass(value) or inspect.isfunction(value)):
            # Read as an unknown name: what uses it is then reported, not guessed.
            return "something_else"
        self._define(name, value)
        return name

    def _define(self, name: str, value: object) -> None:
        if name in self.definitions:
            return
        self.definitions[name] = ""  # so that a class may refer to itself
        source = _source(value)
        for word, needed in _needed(value):
            if needed is partial:
                self.definitions.setdefault(word, f"from functools import partial as {word}")
            elif isinstance(needed, ModuleType):
                self.definitions.setdefault(word, f"import {needed.__name__} as {word}")
            elif _is_of_library(needed):
                self.definitions.setdefault(word, f"{word} = {self._named(needed)}")
            elif inspect.isclass(needed) or inspect.isfunction(needed):
                self._define(word, needed)
            elif isinstance(needed, (*_PLAIN, list, tuple)):
                self.definitions.setdefault(word, f"{word} = {self.expression(needed)}")
        # Moved to the end: what it needs was defined meanwhile, and comes before it.
        self.definitions[name] = self.definitions.pop(name) or source


def _is_nnx_list(value: object) -> bool:
    kind = type(value)
    return kind.__name__ == "List" and kind.__module__.startswith("flax.")


def _is_of_library(value: object) -> bool:
    """Return whether it is a class or function of Flax or JAX."""
    return callable(value) and str(getattr(value, "__module__", "")).startswith(_LIBRARIES)


def _source(value: Any) -> str:
    try:
        return dedent(inspect.getsource(inspect.unwrap(value)))
    except (OSError, TypeError):
        raise NoModel(phrase("reading.model.no_source", name=value.__name__)) from None


def _needed(value: object) -> Iterator[tuple[str, Any]]:
    """Yield the global names that a class or function uses, with their values."""
    methods = vars(value).values() if inspect.isclass(value) else [value]
    for method in methods:
        function: Any = inspect.unwrap(method) if callable(method) else None
        code = getattr(function, "__code__", None)
        if code is None:
            continue
        outside = dict(function.__globals__)
        cells = zip(code.co_freevars, function.__closure__ or (), strict=False)
        outside |= {name: cell.cell_contents for name, cell in cells if name != "__class__"}
        for name in dict.fromkeys(_names(code)):
            if name in outside:
                yield name, outside[name]


def _names(code: CodeType) -> Iterator[str]:
    yield from (*code.co_names, *code.co_freevars)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
