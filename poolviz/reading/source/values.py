"""What a name in the text may stand for. Plain Python values stand for themselves."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from poolviz.dialects.common.dialect import DIALECTS
from poolviz.i18n.phrase import Words, phrase

MOST_ENTRIES = 10_000  # of a list or a text that the reader builds
LARGEST = 10**18  # whole numbers beyond are no sizes


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that the text alone does not give, and why."""

    why: Words
    line: int | None = None


class Batch:
    """The size of the batch: never known, and never needed."""

    def __repr__(self) -> str:
        return "the batch"


BATCH = Batch()
ORDERS = {True: "channels_last", False: "channels_first"}  # are the channels last?
OPEN = phrase("reading.unread.what_arrives")
NOT_KNOWN = phrase("reading.unread.not_known")
LIST_LENGTH = phrase("reading.unread.list_length")
TOO_LONG = phrase("reading.unread.too_long")
NOT_OURS = object()  # what a reader of calls gives for those that it does not know


@dataclass(frozen=True, slots=True)
class Library:
    """Something imported, by its full name: a module, a class or a function of a library."""

    path: str

    @property
    def last(self) -> str:
        """The name without the modules that it is in."""
        return self.path.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Tensor:
    """What flows through a network. `shape` is without the batch, None where it is not known.

    `root` is the key of the input it comes from.
    """

    key: int
    root: int
    framework: str | None
    shape: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class OpenShape:
    """The shape of a tensor after a layer that fails: only its first entry, the batch, is known."""

    line: int


@dataclass(eq=False, slots=True)
class LayerObject:
    """A layer of a library with its settings, not yet applied."""

    library: Library
    settings: dict[str, Any]
    line: int
    name: str | None = None
    wrong: Words | None = None  # what the library says about the settings


@dataclass(eq=False, slots=True)
class Chain:
    """`Sequential`, `ModuleList` or `ModuleDict`: modules with names, in order."""

    kind: str
    line: int
    modules: list[Any] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    framework: str | None = None
    source: Tensor | None = None  # the `Input` of a Keras model
    name: str | None = None

    def add(self, module: Any, key: str | None = None) -> None:
        """One more at the end; without a key it is called by its place."""
        self.keys.append(str(len(self.modules)) if key is None else key)
        self.modules.append(module)


@dataclass(eq=False, slots=True)
class Scope:
    """Names of a function, and those around it."""

    names: dict[str, Any] = field(default_factory=dict)
    outer: Scope | None = None

    def __iter__(self) -> Iterator[dict[str, Any]]:
        scope: Scope | None = self
        while scope is not None:
            yield scope.names
            scope = scope.outer


@dataclass(eq=False, slots=True)
class Function:
    """A function of the text."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: Scope
    owner: UserClass | None = None

    @property
    def name(self) -> str:
        """Its name, "lambda" for one without."""
        return getattr(self.node, "name", "lambda")

    @property
    def decorators(self) -> set[str]:
        """The last names of its decorators."""
        found = getattr(self.node, "decorator_list", [])
        return {ast.unparse(entry).partition("(")[0].rpartition(".")[2] for entry in found}


@dataclass(eq=False, slots=True)
class UserClass:
    """A class of the text: its own names, and its bases."""

    name: str
    line: int
    bases: list[Any]
    names: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def family(self) -> list[UserClass]:
        """The class and those it comes from, the nearest first."""
        found = [self]
        for base in self.bases:
            if isinstance(base, UserClass):
                found += [each for each in base.family if each not in found]
        return found

    @property
    def framework(self) -> str | None:
        """The framework whose module it is, None for a plain class."""
        for each in self.family:
            for base in each.bases:
                if isinstance(base, Library):
                    return module_framework(base)
        return None

    def find(self, name: str, after: UserClass | None = None) -> Any:
        """A name of the class or its bases; of the bases of `after` only, as `super` does."""
        family = self.family
        start = 0 if after is None or after not in family else family.index(after) + 1
        for each in family[start:]:
            if name in each.names:
                return each.names[name]
        return None


def framework_of(library: Library) -> str | None:
    """The framework that a name belongs to."""
    package = library.path.partition(".")[0]
    return next((each.name for each in DIALECTS.values() if package in each.names.packages), None)


def module_framework(base: Library) -> str | None:
    """The framework whose module a base class is.

    >>> module_framework(Library("torch.nn.Module")), module_framework(Library("abc.ABC"))
    ('pytorch', None)
    """
    for each in DIALECTS.values():
        if base.last in each.names.other_bases:
            return each.name
    framework = framework_of(base)
    return framework if framework and base.last in DIALECTS[framework].names.bases else None


@dataclass(eq=False, slots=True)
class Instance:
    """An object of a class of the text."""

    made_of: UserClass
    line: int
    names: dict[str, Any] = field(default_factory=dict)
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """A method: of an object of the text (`function` is a Function), or of anything by name."""

    target: Any
    function: Function | str


@dataclass(frozen=True, slots=True)
class Partial:
    """A function with some arguments given beforehand: `functools.partial`."""

    function: Any
    args: tuple[Any, ...]
    named: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Parent:
    """`super()`: the object, and the class after which to look."""

    target: Instance
    after: UserClass | None


@dataclass(eq=False, slots=True)
class Graph:
    """A functional Keras model: from one tensor to another."""

    source: Tensor
    output: Tensor
    line: int
    name: str | None = None


def is_module(value: Any) -> bool:
    """Something that tensors go through."""
    if isinstance(value, Instance):
        return value.made_of.framework is not None
    return isinstance(value, LayerObject | Graph) or (
        isinstance(value, Chain) and value.kind == "Sequential"
    )


def is_known(value: Any) -> bool:
    """No part of it is unknown."""
    if isinstance(value, list | tuple | set):
        return all(map(is_known, value))
    return not isinstance(value, Unknown)


def is_size(value: Any) -> bool:
    """A whole number that may be the size of an axis."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def tensors_in(values: Any) -> list[Tensor]:
    """The tensors among some values, also inside lists."""
    found: list[Tensor] = []
    for value in values:
        if isinstance(value, Tensor):
            found.append(value)
        elif isinstance(value, list | tuple | dict):
            found += tensors_in(value.values() if isinstance(value, dict) else value)
    return found
