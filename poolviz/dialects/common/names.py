"""Names of a framework in source code: modules, usual imports, base classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from poolviz.dialects.common.vocabulary import LayerSpec


@dataclass(frozen=True, kw_only=True)
class Module:
    """A module of a library with the classes and functions that poolviz knows.

    `prefix` begins their dotted names, like "torch.".
    """

    prefix: str
    classes: Mapping[str, LayerSpec] = field(default_factory=dict)
    functions: Mapping[str, LayerSpec] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SourceNames:
    """Names by which source code of the framework is read; the default has none.

    Attributes
    ----------
    packages
        Top-level packages of the framework.
    modules
        Modules whose classes and functions are known.
    methods
        Methods of a tensor that stand for layers.
    bases
        Classes of its packages that a model derives from.
    other_bases
        Classes of other packages that do the same.
    signs
        A regular expression for what only texts of this framework have.
    usual
        Names that everyone imports alike → what they stand for, whatever the framework.
    own
        Names that stand for this only in a text of this framework.
    layer_module
        The module whose classes are used by their bare names, "" where that is not usual.
    layer_modules
        Modules whose classes are layers, also those that are not known.
    function_path
        A regular expression for the dotted names of its functions of tensors.
    aliases
        Regular expressions for the places from which the same can be imported → the usual one.
    argument_aliases
        Other words for arguments of its functions of tensors → the usual one.
    ignored_arguments
        A regular expression for arguments of layers that change no shape.
    has_data_format
        True where each layer has a `data_format` argument.
    array_packages
        Packages whose functions create tensors.
    embedding
        Arguments of its embedding: the number of vectors and their size.
    setup
        The method of a module that creates its layers, "" where that is the constructor.
    adds_batch
        True where a layer also accepts a map without the batch.
    numbers_layers
        True where the layers of a container are named by their number.
    read_at_calls
        Regular expressions for classes of layers → the attributes that they read at every call, so
        that a new value counts. Without any, a layer has the settings with which it was made.
    weights
        Attributes that hold the weights of a layer, where they can be replaced.
    """

    packages: tuple[str, ...] = ()
    modules: tuple[Module, ...] = ()
    methods: Mapping[str, LayerSpec] = field(default_factory=dict)
    bases: frozenset[str] = frozenset()
    other_bases: frozenset[str] = frozenset()
    signs: str = ""
    usual: Mapping[str, str] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)
    layer_module: str = ""
    layer_modules: tuple[str, ...] = ()
    function_path: str = ""
    aliases: Mapping[str, str] = field(default_factory=dict)
    argument_aliases: Mapping[str, str] = field(default_factory=dict)
    ignored_arguments: str = ""
    has_data_format: bool = False
    array_packages: tuple[str, ...] = ()
    embedding: tuple[str, str] = ("", "")
    setup: str = ""
    adds_batch: bool = False
    numbers_layers: bool = False
    read_at_calls: Mapping[str, frozenset[str]] = field(default_factory=dict)
    weights: tuple[str, ...] = ()

    def known_layers(self) -> Mapping[str, LayerSpec]:
        """Classes of `layer_module`."""
        if not self.layer_module:
            return {}
        home = f"{self.layer_module}."
        found = [module.classes for module in self.modules if home.startswith(module.prefix)]
        return found[0] if found else {}
