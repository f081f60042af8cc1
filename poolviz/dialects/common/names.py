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
    aliases
        Regular expressions for the places from which the same can be imported → the usual one.
    ignored_arguments
        A regular expression for arguments of layers that change no shape.
    has_data_format
        True where each layer has an order of axes of its own.
    embedding_sizes
        Arguments of an embedding: number of vectors, and their size.
    batch_is_optional
        True where a layer takes a single sample without the axis of the batch.
    numbers_modules
        True where the layers of a sequence are named by their positions.
    setup_method
        The method that builds a module besides `__init__`, "" where there is none.
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
    aliases: Mapping[str, str] = field(default_factory=dict)
    ignored_arguments: str = ""
    has_data_format: bool = False
    embedding_sizes: tuple[str, ...] = ()
    batch_is_optional: bool = False
    numbers_modules: bool = False
    setup_method: str = ""

    def known_layers(self) -> Mapping[str, LayerSpec]:
        """Classes of `layer_module`."""
        if not self.layer_module:
            return {}
        home = f"{self.layer_module}."
        found = [module.classes for module in self.modules if home.startswith(module.prefix)]
        return found[0] if found else {}
