"""The layers beside `Pool` and the convolutions: frozen parameters in PyTorch's words.

As with `Pool`, any geometry may be written down; only wrong *types*, numbers below the smallest
meaningful one and unknown names are refused here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from poolviz.arithmetic.convolutions import Conv, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers import OPS, Padding, Pool, Sizes, whole_numbers
from poolviz.arithmetic.specification import (
    Specification,
    one_of,
    optional_number,
    sides,
    truth,
    whole_number,
)

MOST_ENTRIES = 4  # entries of a shape without the batch: three spatial axes and the channels
MODES = ("nearest", "linear", "cubic")
Branch: TypeAlias = "tuple[Layer, ...]"


@dataclass(frozen=True, slots=True, repr=False)
class AdaptivePool(Specification):
    """Pooling to a wanted size, whatever the input: PyTorch's and Keras' adaptive pooling.

    `output_size`: elements, one per axis, or an int for all; None keeps the axis (PyTorch).

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
    """One number per channel. `keepdims` None is the framework's way.

    PyTorch's AdaptiveAvgPool2d(1) and ONNX keep axes of size 1; Keras' GlobalAveragePooling2D and
    a mean over the spatial axes (JAX, TensorFlow) do not.

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
class Flatten(Specification):
    """All axes but the batch in one: C·H·W features.

    >>> Flatten()
    Flatten()
    """

    name: str | None = None

    def __post_init__(self) -> None:
        self.check_name()


@dataclass(frozen=True, slots=True, repr=False)
class Linear(Specification):
    """A dense layer over the *last* axis (PyTorch Linear, Keras Dense).

    `in_features` None: whatever comes in. When given, it is checked.

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
class ZeroPad(Specification):
    """Real zeros around the map: an int, one per axis, or (before, after) pairs.

    >>> ZeroPad(((0, 1), (0, 1)))
    ZeroPad(padding=((0, 1), (0, 1)))
    """

    padding: Padding
    name: str | None = None

    def __post_init__(self) -> None:
        self.set_checked(padding=sides("padding", self.padding))
        self.check_name()


@dataclass(frozen=True, slots=True, repr=False)
class Crop(Specification):
    """Elements taken off the map: an int, one per axis, or (before, after) pairs.

    Keras' Cropping; PyTorch's ZeroPad with negative numbers, or a slice.

    >>> Crop(1)
    Crop(cropping=1)
    """

    cropping: Padding
    name: str | None = None

    def __post_init__(self) -> None:
        self.set_checked(cropping=sides("cropping", self.cropping))
        self.check_name()


@dataclass(frozen=True, slots=True, repr=False)
class Upsample(Specification):
    """A larger map, by a whole factor or to a size; exactly one of the two is given.

    >>> Upsample(2)
    Upsample(scale_factor=2)
    >>> Upsample(size=(27, 27))
    Upsample(size=(27, 27))
    """

    scale_factor: Sizes | None = None
    size: Sizes | None = None
    mode: Literal["nearest", "linear", "cubic"] = "nearest"
    name: str | None = None

    def __post_init__(self) -> None:
        if (self.scale_factor is None) == (self.size is None):
            raise ValueError(
                "Upsample takes either scale_factor or size, "
                f"got scale_factor={self.scale_factor!r} and size={self.size!r}"
            )
        for word in ("scale_factor", "size"):
            value = getattr(self, word)
            self.set_checked(
                **{word: None if value is None else whole_numbers(word, value, least=1)}
            )
        self.set_checked(mode=one_of("mode", self.mode, MODES))
        self.check_name()


@dataclass(frozen=True, slots=True, repr=False)
class Concatenate(Specification):
    """Branches from one input, joined along the channels: Inception, DenseNet, U-Net.

    A branch is a tuple of layers; () is the input itself, the skip connection.

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
    """Keeps the shape: an activation, a normalisation, dropout. `name` says which.

    `channels`: what a normalisation was built for, checked when given. `parameters_per_channel`:
    2 for a batch norm as PyTorch counts it, 4 as Keras does. `parameters`: those that do not
    depend on the channels, the one slope of a PReLU.

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
class Reshape(Specification):
    """Another shape for the same elements, without the batch; one entry may be −1.

    PyTorch's Unflatten and view, Keras' Reshape.

    >>> Reshape((7, 7, -1))
    Reshape(shape=(7, 7, -1))
    """

    shape: tuple[int, ...]
    name: str | None = None

    def __post_init__(self) -> None:
        given = (self.shape,) if isinstance(self.shape, int) else tuple(self.shape)
        shape = tuple(-1 if entry == -1 else whole_number("shape", entry, 0) for entry in given)
        if not 1 <= len(shape) <= MOST_ENTRIES or shape.count(-1) > 1:
            raise ValueError(
                f"shape must have 1 to {MOST_ENTRIES} entries, at most one of them −1, got {shape}"
            )
        self.set_checked(shape=shape)
        self.check_name()


@dataclass(frozen=True, slots=True, repr=False)
class Permute(Specification):
    """The axes in another order; as in PyTorch and Keras the batch is 0, so they count from 1.

    >>> Permute((2, 3, 1))
    Permute(dims=(2, 3, 1))
    """

    dims: tuple[int, ...]
    name: str | None = None

    def __post_init__(self) -> None:
        dims = tuple(whole_number("dims", entry, least=1) for entry in self.dims)
        if sorted(dims) != list(range(1, len(dims) + 1)) or len(dims) > MOST_ENTRIES:
            raise ValueError(f"dims must be 1 to n in some order, n ≤ {MOST_ENTRIES}, got {dims}")
        self.set_checked(dims=dims)
        self.check_name()


@dataclass(frozen=True, slots=True, repr=False)
class Named(Specification):
    """A layer with a name, for those that have none of their own: `Pool`.

    >>> Named("block1_pool", Pool(2))
    Named(name='block1_pool', layer=Pool(kernel_size=2))
    """

    name: str
    layer: Layer

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise TypeError(f"name must be a text, got {self.name!r} ({type(self.name).__name__})")
        self.set_checked(layer=as_layer("layer", self.layer))


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
