"""The parameters of an explorer as plain traits: read, set, observed and linked one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import traitlets

from poolviz.arithmetic.convolution.trace import ConvTrace
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.trace import Trace, spatial_sizes
from poolviz.widgets.explorer.spec.spec import Spec


class Parameter(traitlets.Any):
    """One parameter: a value that is set changes the spec, which sets the traits in turn."""

    def set(self, obj: Any, value: object) -> None:
        """Change the spec, or mirror it.

        Raises
        ------
        TypeError, ValueError
            As the layer does for this value.
        """
        if obj._is_mirroring:
            super().set(obj, value)
        else:
            obj._set_parameter(self.name, _tuples(value))


class ParametersMixin(traitlets.HasTraits):
    """`kernel_size` and the like; a number where all axes agree, otherwise one entry per axis.

    `input_size` is always a tuple; a browser gets it like the others. `stride` is the one in force.
    """

    kernel_size: Any = Parameter().tag(sync=True)
    stride: Any = Parameter().tag(sync=True)
    padding: Any = Parameter().tag(sync=True)
    dilation: Any = Parameter().tag(sync=True)
    framework: Any = Parameter().tag(sync=True)
    op: Any = Parameter().tag(sync=True)
    input_size: Any = Parameter().tag(sync=True, to_json=lambda sizes, _: alike(sizes))

    _is_mirroring = False

    def _set_parameter(self, name: str, value: object) -> None:
        """Change one parameter of the spec."""
        raise NotImplementedError

    def _mirror(self, spec: Spec, traced: Trace) -> None:
        """Set all parameters to those of a spec."""
        self._is_mirroring = True
        try:
            for name, value in parameters_of(spec, traced).items():
                if getattr(self, name) != value:
                    setattr(self, name, value)
        finally:
            self._is_mirroring = False


NAMES = tuple(ParametersMixin.class_own_traits(sync=True))


def parameters_of(spec: Spec, traced: Trace) -> dict[str, object]:
    """Return the values of all parameters.

    >>> from poolviz import Pool, trace
    >>> layer = Pool((3, 2), padding=1)
    >>> found = parameters_of(Spec(layer, (9, 9)), trace(layer, (9, 9)))
    >>> found["kernel_size"], found["padding"], found["input_size"]
    ((3, 2), 1, (9, 9))
    """
    layer = spec.layer
    # Of a transposed convolution, the trace has the elements that are removed.
    axes: Any = traced.axes
    if isinstance(traced, ConvTrace):
        axes = traced.layer.axes(len(traced.axes))
    pairs = [tuple(axis.padding) for axis in axes if not isinstance(axis.padding, str)]
    is_even = all(before == after for before, after in pairs)
    sides: list[object] = [before for before, _ in pairs] if is_even else [*pairs]
    return {
        "kernel_size": alike([axis.kernel_size for axis in traced.axes]),
        "stride": alike([axis.stride for axis in traced.axes]),
        "padding": layer.padding if isinstance(layer.padding, str) else alike(sides),
        "dilation": alike([axis.dilation for axis in traced.axes]),
        "framework": layer.framework,
        "op": layer.op,
        "input_size": spec.input_size,
    }


def alike(values: Sequence[object]) -> object:
    """Return the one value of all axes, or a tuple."""
    is_one = len(set(values)) == 1 and not isinstance(values[0], tuple)
    return values[0] if is_one else tuple(values)


def with_parameter(spec: Spec, name: str, value: object) -> Spec:
    """Return a spec with another value of one parameter.

    Raises
    ------
    TypeError, ValueError
        As the layer does for this value, and for a parameter that the layer does not have.
    """
    sizes, layer = spec.input_size, spec.layer
    if name == "input_size":
        sizes = spatial_sizes(value, layer)
    elif name not in {field.name for field in fields(layer)}:
        kind = type(layer).__name__
        raise ValueError(f"a {kind} has no {name} that can be set: assign `layer`")
    else:
        changes: dict[str, Any] = {name: value}
        if isinstance(layer, Pool) and name == "op":  # what only averages and norms have
            changes |= {"count_include_pad": None, "divisor_override": None, "norm": 2}
        layer = replace(layer, **changes)
    return spec.resized(layer.with_axes(len(sizes)), sizes)


def _tuples(value: object) -> object:
    """Return lists, which JSON has, as tuples."""
    return tuple(map(_tuples, value)) if isinstance(value, list | tuple) else value
