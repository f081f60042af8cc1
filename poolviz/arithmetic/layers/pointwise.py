"""Layers without a window: a dense layer, and those that keep the shape."""

from __future__ import annotations

from dataclasses import dataclass, field

from poolviz.arithmetic.layers.specification import Specification
from poolviz.arithmetic.layers.validation import COUNT, COUNT_OR_NONE, NAME, NUMBER, TRUTH


@dataclass(frozen=True, slots=True, repr=False)
class Linear(Specification):
    """A dense layer over the *last* axis (PyTorch Linear, Keras Dense).

    Parameters
    ----------
    out_features
        Number of output features, ≥ 1.
    in_features
        Number of input features, checked when given. None accepts any.
    bias
        Whether a bias is added to each feature; it counts as a parameter.
    name
        Name of the layer in the source; None without one.
    error
        Class of the exception for other features; None for the usual one of the framework.

    Raises
    ------
    TypeError, ValueError
        For other types, and numbers below 1.

    Examples
    --------
    >>> Linear(10, in_features=9216)
    Linear(out_features=10, in_features=9216)
    """

    out_features: int = field(metadata=COUNT)
    in_features: int | None = field(default=None, metadata=COUNT_OR_NONE)
    bias: bool = field(default=True, metadata=TRUTH)
    name: str | None = field(default=None, metadata=NAME)
    error: str | None = field(default=None, kw_only=True, repr=False, metadata=NAME)


@dataclass(frozen=True, slots=True, repr=False)
class Identity(Specification):
    """A layer that keeps the shape: an activation, a normalisation, dropout.

    Parameters
    ----------
    name
        Which layer it is, such as "ReLU".
    channels
        Channels that a normalisation was built for; checked when given.
    parameters_per_channel
        2 for a batch norm as PyTorch counts it, 4 as Keras does.
    parameters
        Parameters that do not depend on the channels: 1, the slope of a PReLU.
    least
        Elements per channel that it needs: 2 for an InstanceNorm of PyTorch, which takes their
        variance.
    error
        Class of the exception for other channels or too few elements; None for the usual one.

    Raises
    ------
    TypeError, ValueError
        For other types, and negative numbers.

    Examples
    --------
    >>> Identity("ReLU")
    Identity(name='ReLU')
    """

    name: str | None = field(default=None, metadata=NAME)
    channels: int | None = field(default=None, metadata=COUNT_OR_NONE)
    parameters_per_channel: int = field(default=0, metadata=NUMBER)
    parameters: int = field(default=0, metadata=NUMBER)
    least: int = field(default=0, metadata=NUMBER)
    error: str | None = field(default=None, metadata=NAME)
