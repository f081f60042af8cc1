"""Values of the interpreter.

Numbers, texts, lists, tuples, dictionaries, ranges and slices are Python's.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property, lru_cache
from types import EllipsisType
from typing import Any, TypeAlias, TypeGuard

from poolviz.dialects.common.dialect import DIALECTS
from poolviz.i18n.phrase import Words, phrase
from poolviz.reading.graph.symbolic_tensor import Batch, SymbolicTensor, leaves

MOST_ENTRIES = 10_000  # of a list or a text that the interpreter builds
LARGEST_SIZE = 10**18  # larger integers are not sizes
ORDERS = {True: "channels_last", False: "channels_first"}  # whether the channels are last
OF_LAYERS = ("weight", "bias", "running_mean", "running_var")  # tensors
RUNS = ("forward", "call", "__call__")  # methods that apply a model
STARS = "**"  # key of unknown arguments or entries: there may be any others
OPEN = phrase("reading.unread.what_arrives")
NOT_KNOWN = phrase("reading.unread.not_known")
LIST_LENGTH = phrase("reading.unread.list_length")
TOO_LONG = phrase("reading.unread.too_long")


class Unhandled(Enum):
    """Result of a module for calls that does not know the function."""

    UNHANDLED = "unhandled"


UNHANDLED = Unhandled.UNHANDLED


class MapSize(int):
    """Size of a spatial axis, until an expression of the text takes it out of a shape."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that the text alone does not give, and why."""

    why: Words
    line: int | None = None
    library: str = ""  # the function or class of a library that is not known
    raises: bool = False  # whether Python raises instead


@dataclass(frozen=True, slots=True)
class Library:
    """Something imported, by its full name: a module, a class or a function of a library."""

    path: str

    @property
    def last(self) -> str:
        """The name without the modules that it is in."""
        return self.path.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class OpenShape:
    """The shape of a tensor after a layer that fails: only its first entry, the batch, is known."""

    line: int


@dataclass(eq=False, slots=True)
class LayerObject:
    """A layer of a library with its settings, not yet applied."""

    library: Library
    settings: dict[str, Value]
    line: int
    name: str | None = None
    wrong: Words | None = None  # the remarks of the library on the settings
    notes: list[tuple[int, Words]] = field(default_factory=list)  # what was not read, by its line
    assigned: dict[str, Value] = field(default_factory=dict)  # attributes; not all are settings


@dataclass(eq=False, slots=True)
class Chain:
    """`Sequential`, `ModuleList` or `ModuleDict`: modules with names, in order."""

    kind: str
    line: int
    modules: list[Value] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    framework: str | None = None
    source: SymbolicTensor | None = None  # the `Input` of a Keras model
    name: str | None = None
    is_called: bool = False  # on a symbolic tensor of Keras
    ends: FunctionalModel | None = None  # its input and output, once the text names them

    @property
    def numbers(self) -> bool:
        """Whether its framework names modules by number, and keeps attributes among them."""
        return self.framework is not None and DIALECTS[self.framework].names.numbers_layers

    def add(self, module: Value, key: str | None = None) -> None:
        """Append a module; without a key it is named by its position."""
        self.keys.append(str(len(self.modules)) if key is None else key)
        self.modules.append(module)

    def put(self, place: int | str, module: Value) -> None:
        """Replace a module, or append one under a new name; IndexError where there is none."""
        if isinstance(place, str) and place not in self.keys:
            self.add(module, place)
            return
        self.modules[self.keys.index(place) if isinstance(place, str) else place] = module

    def insert(self, place: int, module: Value) -> None:
        """Insert a module before a place."""
        self.modules.insert(place, module)
        self._number()

    def remove(self, place: int | slice | str) -> None:
        """Remove one module or several; the others are numbered anew, unless names choose them."""
        if isinstance(place, str):
            index = self.keys.index(place)
            del self.modules[index], self.keys[index]
            return
        del self.modules[place]
        self._number()

    def _number(self) -> None:
        self.keys = [str(i) for i in range(len(self.modules))]


@dataclass(eq=False, slots=True)
class Scope:
    """Names of a function, and those around it."""

    names: dict[str, Value] = field(default_factory=dict)
    outer: Scope | None = None
    stars: list[str] = field(default_factory=list)  # modules of `from … import *`
    elsewhere: dict[str, Scope] = field(default_factory=dict)  # names of `global` and `nonlocal`
    package: str = ""  # of a module: from where it imports

    @property
    def top(self) -> Scope:
        """The names of the module."""
        return self if self.outer is None else self.outer.top

    def bind(self, name: str, value: Value) -> None:
        """Assign a name here, or where `global` or `nonlocal` says."""
        self.elsewhere.get(name, self).names[name] = value

    def delete(self, name: str) -> None:
        """Remove a name."""
        self.elsewhere.get(name, self).names.pop(name, None)

    def __iter__(self) -> Iterator[dict[str, Value]]:
        scope: Scope | None = self
        while scope is not None:
            yield scope.names
            scope = scope.outer


@dataclass(eq=False, slots=True)
class Function:
    """A function of the text; its defaults are those at its definition."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: Scope
    owner: UserClass | None = None
    defaults: dict[str, Value] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name, "lambda" for one without."""
        return getattr(self.node, "name", "lambda")

    @property
    def decorators(self) -> set[str]:
        """The last names of its decorators."""
        found = getattr(self.node, "decorator_list", [])
        return {ast.unparse(entry).partition("(")[0].rpartition(".")[2] for entry in found}


@dataclass(eq=False)
class UserClass:
    """A class of the text: its names, and its bases."""

    name: str
    line: int
    bases: list[Value]
    names: dict[str, Value] = field(default_factory=dict)
    fields: dict[str, Value] = field(default_factory=dict)
    node: ast.ClassDef | None = None
    assumed: str | None = None  # the framework, where a base class is not known

    @cached_property
    def family(self) -> list[UserClass]:
        """The class and those it inherits from, in the order in which Python looks them up."""
        bases = [base for base in self.bases if isinstance(base, UserClass)]
        # C3, as in Python; where Python would raise for the order of the bases, any order does.
        open_lists = [*(base.family for base in bases), list(bases)]
        found = [self]
        while open_lists := [each for each in open_lists if each]:
            heads = (each[0] for each in open_lists)
            free = (head for head in heads if not any(head in each[1:] for each in open_lists))
            following = next(free, open_lists[0][0])
            found.append(following)
            open_lists = [[one for one in each if one is not following] for each in open_lists]
        return found

    @cached_property
    def framework(self) -> str | None:
        """The framework whose module it is, None for a plain class."""
        bases = [base for each in self.family for base in each.bases if isinstance(base, Library)]
        known = filter(None, map(module_framework, bases))
        return next(known, next(filter(None, (each.assumed for each in self.family)), None))

    def find(self, name: str, after: UserClass | None = None) -> Value:
        """Look up a name in the class and its bases; with `after` only in its bases."""
        family = self.family
        start = 0 if after is None or after not in family else family.index(after) + 1
        for each in family[start:]:
            if name in each.names:
                return each.names[name]
        return None

    def defines(self, name: str) -> bool:
        """Return whether the class or a base of the text has a name, which may stand for None."""
        return any(name in each.names for each in self.family)


@dataclass(eq=False, slots=True)
class Instance:
    """An object of a class of the text."""

    made_of: UserClass
    line: int
    names: dict[str, Value] = field(default_factory=dict)
    name: str | None = None
    chain: Chain | None = None  # what it passed to the `__init__` of `Sequential`
    args: Args = field(default_factory=list)  # of the call that made it
    named: Named = field(default_factory=dict)
    fails_at: int | None = None  # the tensor at which its constructor raises

    @property
    def as_layer(self) -> LayerObject | None:
        """The layer of PyTorch that it is, where its class is derived from one."""
        held = [] if self.chain is None else self.chain.modules
        if len(held) != 1 or not isinstance(held[0], LayerObject):
            return None
        library = held[0].library
        is_base = any(library in each.bases for each in self.made_of.family)
        is_own = library.path.startswith("torch.nn.") and library.last != "Module"
        return held[0] if is_base and is_own else None


@dataclass(frozen=True, slots=True)
class Bound:
    """A method: of an object of the text (`function` is a Function), or of anything by name."""

    target: Value
    function: Function | str

    @property
    def is_open(self) -> bool:
        """Whether only its name is known: it may be any attribute, too."""
        is_tensor = isinstance(self.target, LayerObject) and self.function in OF_LAYERS
        return isinstance(self.function, str) and not is_tensor


@dataclass(frozen=True, slots=True)
class Partial:
    """A function with some arguments fixed: `functools.partial`."""

    function: Value
    args: tuple[Value, ...]
    named: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Parent:
    """`super()`: the object, and the class after which to look."""

    target: Instance
    after: UserClass | None


@dataclass(eq=False, slots=True)
class FunctionalModel:
    """A functional Keras model: from tensors to others."""

    sources: tuple[SymbolicTensor, ...]
    outputs: tuple[SymbolicTensor, ...]
    line: int
    name: str | None = None


Module: TypeAlias = Instance | LayerObject | FunctionalModel | Chain
Value: TypeAlias = (
    "bool | int | float | str | EllipsisType | slice | range | list[Value] | tuple[Value, ...] "
    "| dict[Any, Value] | Unknown | Library | OpenShape | SymbolicTensor | Module | Function "
    "| UserClass | Bound | Partial | Parent | None"
)
Args: TypeAlias = list[Value]
Named: TypeAlias = dict[str, Value]


@lru_cache(maxsize=1024)
def framework_of(library: Library) -> str | None:
    """Return the framework that a name belongs to."""
    package = library.path.partition(".")[0]
    return next((each.name for each in DIALECTS.values() if package in each.names.packages), None)


@lru_cache(maxsize=256)
def module_framework(base: Library) -> str | None:
    """Return the framework whose module a base class is.

    >>> module_framework(Library("torch.nn.Module")), module_framework(Library("abc.ABC"))
    ('pytorch', None)
    """
    for each in DIALECTS.values():
        if base.last in each.names.other_bases:
            return each.name
    framework = framework_of(base)
    if framework is None:
        return None
    names = DIALECTS[framework].names
    is_layer = base.last[:1].isupper() and base.path.startswith(names.layer_modules)
    return framework if base.last in names.bases or is_layer else None


# Packages whose functions leave the lists and dictionaries that they are given as they are.
_PACKAGES = (
    "types easydict munch box ml_collections builtins logging json yaml pprint warnings os sys "
    "math time copy collections itertools "
    "functools dataclasses typing pathlib argparse numpy matplotlib seaborn pandas wandb mlflow "
    "tqdm einops poolviz torchsummary torchinfo torchvision timm transformers sklearn"
)
_READING = frozenset(_PACKAGES.split())


def is_unknown_function(value: Value) -> bool:
    """Return whether a function is neither in the text nor of a package that is known."""
    if isinstance(value, Library):
        return framework_of(value) is None and value.path.partition(".")[0] not in _READING
    return isinstance(value, Unknown)


def may_be_model(base: Value) -> bool:
    """Return whether a base class that is not known may be a model."""
    packages = ("torchvision", "timm", "transformers")
    is_of_models = isinstance(base, Library) and base.path.startswith(packages)
    return is_of_models or is_unknown_function(base)


def known_sizes(values: Sequence[Value]) -> tuple[int, ...] | None:
    """Return the sizes among some values; None if one of them is not a size, or unknown."""
    found = tuple(value for value in values if is_size(value))
    return found if len(found) == len(values) else None


def is_module(value: Value) -> TypeGuard[Module]:
    """Return whether tensors can go through a value."""
    if isinstance(value, Instance):
        return value.made_of.framework is not None
    return isinstance(value, LayerObject | FunctionalModel) or (
        isinstance(value, Chain) and value.kind == "Sequential"
    )


def is_known(value: Value) -> bool:
    """Return whether no part of a value is unknown; the size of the batch is."""
    return not any(isinstance(each, Unknown | Batch) for each in leaves([value]))


def is_size(value: Value) -> TypeGuard[int]:
    """Return whether a value is an integer that may be the size of an axis."""
    return isinstance(value, int) and not isinstance(value, bool | Batch) and value >= 0
