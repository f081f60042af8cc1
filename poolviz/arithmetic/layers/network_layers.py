"""The layers beside `Pool` and the convolutions: frozen parameters in PyTorch's words.

As with `Pool`, any geometry may be written down; only wrong *types*, numbers below the smallest
meaningful one and unknown names are refused here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from poolviz.arithmetic.layers.conv import Conv, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.pool import OPS, Pool, whole_numbers
from poolviz.arithmetic.layers.reshape import Crop as Crop
from poolviz.arithmetic.layers.reshape import Flatten as Flatten
from poolviz.arithmetic.layers.reshape import Permute as Permute
from poolviz.arithmetic.layers.reshape import Reshape as Reshape
from poolviz.arithmetic.layers.reshape import Upsample as Upsample
from poolviz.arithmetic.layers.reshape import ZeroPad as ZeroPad
from poolviz.arithmetic.layers.validation import (
    Specification,
    one_of,
    optional_number,
    truth,
    whole_number,
)
from poolviz.i18n.sanitize import writable

Branch: TypeAlias = "tuple[Layer, ...]"


@dataclass(frozen=True, slots=True, repr=False)
class AdaptivePool(Specification):
    """Pooling to a wanted size, whatever the input: PyTorch's and Keras' adaptive pooling.

    Parameters
    ----------
    output_size
        Elements, ≥ 1: an int for all axes, or one per axis; None keeps an axis (PyTorch).
    op
        "max" or "avg".
    name
        What the source calls the layer, None where it has no name.

    Raises
    ------
    TypeError, ValueError
        For other types, sizes below 1, and an unknown op.

    Notes
    -----
    Window i reads the elements from ⌊i·n / o⌋ to ⌈(i + 1)·n / o⌉ − 1 (PyTorch 2.13.0).

    Examples
    --------
    >>> AdaptivePool((7, None))
    AdaptivePool(output_size=(7, None))
    """

    output_size: int | tuple[int | None, ...]
    op: Literal["max", "avg"] = "avg"
    name: str | None = None

    def __post_init__(self) -> None:
        size = self.output_size
        if isinstance(size, Iterable) and not isinstance(size, str):
            entries = tuple(size)
            known = [1 if entry is None else entry for entry in entries]
            whole_numbers("output_size", known, least=1)
            size = entries
        else:
            size = whole_number("output_size", size, least=1)
        self.set_checked(output_size=size, op=one_of("op", self.op, OPS))
        self.check_name()


@dataclass(frozen=True, slots=True, repr=False)
class GlobalPool(Specification):
    """One number per channel, whatever the size of the map.

    Parameters
    ----------
    op
        "max" or "avg".
    keepdims
        Do axes of size 1 stay? None is the framework's way.
    name
        What the source calls the layer, None where it has no name.

    Raises
    ------
    TypeError, ValueError
        For other types, and an unknown op.

    Notes
    -----
    PyTorch 2.13.0 (AdaptiveAvgPool2d(1)) and ONNX keep axes of size 1; Keras 3.15.1
    (GlobalAveragePooling2D) and a mean over the spatial axes (JAX, TensorFlow) do not.

    Examples
    --------
    >>> GlobalPool()
    GlobalPool()
    """

    op: Literal["max", "avg"] = "avg"
    keepdims: bool | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        keeps = self.keepdims
        self.set_checked(op=one_of("op", self.op, OPS))
        self.set_checked(keepdims=None if keeps is None else truth("keepdims", keeps))
        self.check_name()


@dataclass(frozen=True, slots=True, repr=False)
class Linear(Specification):
    """A dense layer over the *last* axis (PyTorch Linear, Keras Dense).

    Parameters
    ----------
    out_features
        Numbers that come out, ≥ 1.
    in_features
        What the layer was built for. None: whatever comes in. When given, it is checked.
    bias
        Is a number added to each feature? It counts among the parameters.
    name
        What the source calls the layer, None where it has no name.

    Raises
    ------
    TypeError, ValueError
        For other types, and numbers below 1.

    Examples
    --------
    >>> Linear(10, in_features=9216)
    Linear(out_features=10, in_features=9216)
    """

    out_features: int
    in_features: int | None = None
    bias: bool = True
    name: str | None = None

    def __post_init__(self) -> None:
        self.set_checked(
            out_features=whole_number("out_features", self.out_features, least=1),
            in_features=optional_number("in_features", self.in_features),
            bias=truth("bias", self.bias),
        )
        self.check_name()


@dataclass(frozen=True, slots=True, repr=False)
class Concatenate(Specification):
    """Branches from one input, joined along the channels: Inception, DenseNet, U-Net.

    Parameters
    ----------
    branches
        Each a tuple of layers; () is the input itself, the skip connection.
    name
        What the source calls the layer, None where it has no name.

    Raises
    ------
    TypeError, ValueError
        For other types, and without any branch.

    Examples
    --------
    >>> Concatenate(((), (Pool(2), Upsample(2))))
    Concatenate(branches=((), (Pool(kernel_size=2), Upsample(scale_factor=2))))
    """

    branches: tuple[Branch, ...]
    name: str | None = None

    def __post_init__(self) -> None:
        self.set_checked(branches=_branches(self.branches))
        self.check_name()


@dataclass(frozen=True, slots=True, repr=False)
class Add(Specification):
    """Branches from one input, added (or multiplied) element by element: ResNet.

    Parameters
    ----------
    branches
        Each a tuple of layers; () is the input itself, the skip connection.
    name
        What the source calls the layer, None where it has no name.

    Raises
    ------
    TypeError, ValueError
        For other types, and without any branch.

    Examples
    --------
    >>> Add(((), (Conv(8, 3, padding=1),)))
    Add(branches=((), (Conv(out_channels=8, kernel_size=3, padding=1),)))
    """

    branches: tuple[Branch, ...]
    name: str | None = None

    def __post_init__(self) -> None:
        self.set_checked(branches=_branches(self.branches))
        self.check_name()


@dataclass(frozen=True, slots=True, repr=False)
class Same(Specification):
    """Keeps the shape: an activation, a normalisation, dropout.

    Parameters
    ----------
    name
        Which one it is.
    channels
        What a normalisation was built for, checked when given.
    parameters_per_channel
        2 for a batch norm as PyTorch counts it, 4 as Keras does.
    parameters
        Those that do not depend on the channels: 1, the slope of a PReLU.

    Raises
    ------
    TypeError, ValueError
        For other types, and negative numbers.

    Examples
    --------
    >>> Same("ReLU")
    Same(name='ReLU')
    """

    name: str | None = None
    channels: int | None = None
    parameters_per_channel: int = 0
    parameters: int = 0

    def __post_init__(self) -> None:
        self.set_checked(channels=optional_number("channels", self.channels))
        for word in ("parameters_per_channel", "parameters"):
            self.set_checked(**{word: whole_number(word, getattr(self, word), least=0)})
        self.check_name()


@dataclass(frozen=True, slots=True, repr=False)
class Named(Specification):
    """A layer with a name, for those that have none of their own: `Pool`.

    Parameters
    ----------
    name
        What the source calls the layer.
    layer
        A layer.

    Raises
    ------
    TypeError
        For a name that is no text, and what is no layer.

    Examples
    --------
    >>> Named("block1_pool", Pool(2))
    Named(name='block1_pool', layer=Pool(kernel_size=2))
    """

    name: str
    layer: Layer

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise TypeError(f"name must be a text, got {self.name!r} ({type(self.name).__name__})")
        self.set_checked(name=writable(self.name), layer=as_layer("layer", self.layer))


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
    | Same
    | Reshape
    | Permute
    | Named
)


def as_layer(where: str, value: Any) -> Layer:
    """`value` when it is a layer; a (name, layer) pair becomes a `Named`.

    >>> as_layer("layers[0]", ("pool1", Pool(2)))
    Named(name='pool1', layer=Pool(kernel_size=2))
    >>> as_layer("layers[0]", 3)
    Traceback (most recent call last):
    TypeError: layers[0] must be a layer such as Pool or Conv, or a (name, layer) pair, got 3 (int)
    """
    if isinstance(value, Layer):
        return value
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str):
        return Named(*value)
    kind = f"{value!r} ({type(value).__name__})"
    raise TypeError(
        f"{where} must be a layer such as Pool or Conv, or a (name, layer) pair, got {kind}"
    )


def as_layers(where: str, values: Any) -> tuple[Layer, ...]:
    """Several layers, in order.

    >>> as_layers("layers", [Pool(2)])
    (Pool(kernel_size=2),)
    """
    if not isinstance(values, Iterable) or isinstance(values, str):
        raise TypeError(f"{where} must be a list of layers, got {values!r}")
    return tuple(as_layer(f"{where}[{i}]", value) for i, value in enumerate(values))


def _branches(value: Any) -> tuple[Branch, ...]:
    allowed = "branches must be a list of branches, each a list of layers"
    if not isinstance(value, Iterable) or isinstance(value, str):
        raise TypeError(f"{allowed}, got {value!r}")
    branches = tuple(
        (branch,) if isinstance(branch, Layer) else as_layers(f"branches[{i}]", branch)
        for i, branch in enumerate(value)
    )
    if not branches:
        raise ValueError(f"{allowed}, got none")
    return branches
