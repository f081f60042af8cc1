"""The other layers of a network: frozen parameters, named as in PyTorch.

As with `Pool`, any geometry is accepted; only wrong *types*, numbers below the smallest
meaningful one and unknown names are rejected here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from poolviz.arithmetic.layers.axes import AxisMap as AxisMap
from poolviz.arithmetic.layers.axes import Combination as Combination
from poolviz.arithmetic.layers.conv import Conv, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.ends import Input as Input
from poolviz.arithmetic.layers.fitted import AdaptivePool as AdaptivePool
from poolviz.arithmetic.layers.fitted import GlobalPool as GlobalPool
from poolviz.arithmetic.layers.foreign import ForeignLayer, is_foreign, own_layer
from poolviz.arithmetic.layers.pointwise import Identity as Identity
from poolviz.arithmetic.layers.pointwise import Linear as Linear
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.layers.reshape import Crop as Crop
from poolviz.arithmetic.layers.reshape import Flatten as Flatten
from poolviz.arithmetic.layers.reshape import Permute as Permute
from poolviz.arithmetic.layers.reshape import Reshape as Reshape
from poolviz.arithmetic.layers.reshape import Upsample as Upsample
from poolviz.arithmetic.layers.reshape import ZeroPad as ZeroPad
from poolviz.arithmetic.layers.specification import Specification
from poolviz.arithmetic.layers.unpool import Unpool as Unpool
from poolviz.arithmetic.layers.validation import (
    NAME,
    NUMBER,
    by,
    text,
)

Branch: TypeAlias = "tuple[Layer, ...]"


def branches_of(layer: Layer) -> tuple[Branch, ...]:
    """Return the branches of a layer that has some, () for any other.

    >>> branches_of(Output((Pool(2),))), branches_of(Pool(2))
    (((Pool(kernel_size=2),),), ())
    """
    layer = bare(layer)
    if isinstance(layer, Output):
        return (layer.branch,)
    return layer.branches if isinstance(layer, Concatenate | Add | Combine) else ()


def with_branches(layer: Layer, branches: tuple[Branch, ...]) -> Layer:
    """Return a layer with other branches, as many as it had."""
    old = bare(layer)
    if isinstance(old, Output):
        return named_as(layer, replace(old, branch=branches[0]))
    assert isinstance(old, Concatenate | Add | Combine)
    return named_as(layer, replace(old, branches=branches))


def layer_count(layers: Iterable[Layer]) -> int:
    """Number of layers as the rows of a stack count them: those in branches, and each join.

    >>> layer_count((Pool(2), Add(((), (Linear(2), Linear(3))))))
    4
    """
    total = 0
    for layer in layers:
        total += sum(map(layer_count, branches_of(layer)))
        # An output is only a place in the network: it computes nothing.
        total += not isinstance(bare(layer), Output)
    return total


def name_of(layer: Layer) -> str | None:
    """Return the name of a layer, its own or by `Named`.

    >>> name_of(Named("pool1", Pool(2))), name_of(Pool(2))
    ('pool1', None)
    """
    return layer.name


def bare(layer: Layer) -> Layer:
    """Return the layer without its name, as far as a fix could lose it: of `Named` and `Pool`."""
    if isinstance(layer, Named):
        return layer.layer
    return replace(layer, name=None) if isinstance(layer, Pool) and layer.name else layer


def named_as(old: Layer, new: Layer) -> Layer:
    """Return `new` in the `Named` of `old`, where that has one."""
    return Named(old.name, new) if isinstance(old, Named) else new


def is_layer(value: object) -> bool:
    """Return whether it is a layer of poolviz, PyTorch or Keras."""
    return isinstance(value, Layer) or is_foreign(value)


def as_layer(where: str, value: object) -> Layer:
    """Return `value` when it is a layer; a (name, layer) pair or `Pool` with a name is `Named`.

    A layer object of PyTorch or Keras is converted.

    >>> as_layer("layers[0]", ("pool1", Pool(2)))
    Named(name='pool1', layer=Pool(kernel_size=2))
    >>> as_layer("layers[0]", 3)
    Traceback (most recent call last):
    TypeError: layers[0] must be a layer such as Pool or Conv, or a (name, layer) pair, got 3 (int)
    """
    if isinstance(value, Pool) and value.name is not None:
        return Named(value.name, bare(value))
    if isinstance(value, Layer):
        return value
    if isinstance(value, Unpool):
        return value.in_network()
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str):
        return Named(*value)
    if is_foreign(value):
        return as_layer(where, own_layer(value))
    kind = f"{value!r} ({type(value).__name__})"
    raise TypeError(
        f"{where} must be a layer such as Pool or Conv, or a (name, layer) pair, got {kind}"
    )


def as_layers(where: str, values: object) -> tuple[Layer, ...]:
    """Several layers, in order.

    >>> as_layers("layers", [Pool(2)])
    (Pool(kernel_size=2),)
    """
    if not isinstance(values, Iterable) or isinstance(values, str):
        raise TypeError(f"{where} must be a list of layers, got {values!r}")
    return tuple(as_layer(f"{where}[{i}]", value) for i, value in enumerate(values))


def _unnamed(name: str, value: object) -> Layer:
    return bare(as_layer(name, value))


def _branch(name: str, value: object) -> Branch:
    # A layer alone is a branch of one.
    return (as_layer(name, value),) if isinstance(value, Layer) else as_layers(name, value)


def _branches(name: str, value: object) -> tuple[Branch, ...]:
    allowed = f"{name} must be a list of branches, each a list of layers"
    if not isinstance(value, Iterable) or isinstance(value, str):
        raise TypeError(f"{allowed}, got {value!r}")
    branches = tuple(_branch(f"{name}[{i}]", branch) for i, branch in enumerate(value))
    if not branches:
        raise ValueError(f"{allowed}, got none")
    return branches


@dataclass(frozen=True, slots=True, repr=False)
class Concatenate(Specification):
    """Branches from one input, joined along the channels: Inception, DenseNet, U-Net.

    Parameters
    ----------
    branches
        Each a tuple of layers; () is the input itself, the skip connection.
    name
        Name of the layer in the source; None without one.

    Raises
    ------
    TypeError, ValueError
        For other types, and without any branch.

    Examples
    --------
    >>> Concatenate(((), (Pool(2), Upsample(2))))
    Concatenate(branches=((), (Pool(kernel_size=2), Upsample(scale_factor=2))))
    """

    branches: tuple[Branch, ...] = field(metadata=by(_branches))
    name: str | None = field(default=None, metadata=NAME)


@dataclass(frozen=True, slots=True, repr=False)
class Add(Specification):
    """Branches from one input, added (or multiplied) element by element: ResNet.

    Parameters
    ----------
    branches
        Each a tuple of layers; () is the input itself, the skip connection.
    name
        Name of the layer in the source; None without one.

    Raises
    ------
    TypeError, ValueError
        For other types, and without any branch.

    Examples
    --------
    >>> Add(((), (Conv(8, 3, padding=1),)))
    Add(branches=((), (Conv(out_channels=8, kernel_size=3, padding=1),)))
    """

    branches: tuple[Branch, ...] = field(metadata=by(_branches))
    name: str | None = field(default=None, metadata=NAME)


def _combination(name: str, value: object) -> Combination:
    if isinstance(value, Combination):
        return value
    raise TypeError(f"{name} must be a Combination, got {value!r}")


@dataclass(frozen=True, slots=True, repr=False)
class Combine(Specification):
    """Branches from one input that neither add nor concatenate channels: a matrix product.

    Parameters
    ----------
    branches
        Each a tuple of layers; () is the input itself.
    how
        Sizes of the result, and which sizes have to be equal.
    name
        Name of the layer in the source; None without one.

    Raises
    ------
    TypeError, ValueError
        For other types, and without any branch.

    Examples
    --------
    >>> Combine(((), ()), Combination("matmul", (8, 8))).how.kind
    'matmul'
    """

    branches: tuple[Branch, ...] = field(metadata=by(_branches))
    how: Combination = field(metadata=by(_combination))
    name: str | None = field(default=None, metadata=NAME)


@dataclass(frozen=True, slots=True, repr=False)
class Output(Specification):
    """A further output of the model: layers beside the path of the data, which continues unchanged.

    Parameters
    ----------
    branch
        Layers from here to the output; () where the feature map itself is an output.
    place
        Place among the outputs of the model; the end of the stack has the one that is left.
    name
        Name of the output in the source; None without one.

    Raises
    ------
    TypeError, ValueError
        For other types, and a negative place.

    Examples
    --------
    >>> Output((Linear(2),))
    Output(branch=(Linear(out_features=2),))
    """

    branch: Branch = field(default=(), metadata=by(_branch))
    place: int = field(default=1, metadata=NUMBER)
    name: str | None = field(default=None, metadata=NAME)


@dataclass(frozen=True, slots=True, repr=False)
class Named(Specification):
    """A layer with another name: what a `Stack` makes of ``("pool1", Pool(2))``.

    Parameters
    ----------
    name
        Name of the layer in the source.
    layer
        A layer.

    Raises
    ------
    TypeError
        For a name that is not a str, and for anything that is not a layer.

    Examples
    --------
    >>> Named("block1_pool", Pool(2))
    Named(name='block1_pool', layer=Pool(kernel_size=2))
    """

    name: str = field(metadata=by(text))
    layer: Layer = field(metadata=by(_unnamed))


Same = Identity  # its name until 0.1

Layer = (
    Pool
    | Conv
    | DepthwiseConv
    | ConvTranspose
    | AdaptivePool
    | GlobalPool
    | Flatten
    | Linear
    | ZeroPad
    | Crop
    | Upsample
    | Concatenate
    | Add
    | Input
    | Output
    | Identity
    | Reshape
    | Permute
    | AxisMap
    | Combine
    | Named
)

# What functions take as a layer: one of poolviz, or an object of PyTorch or Keras.
LayerLike: TypeAlias = Layer | Unpool | ForeignLayer
