"""Calls of JAX and Flax as code, with `flax.linen` as `nn` and `jax.numpy` as `jnp`."""

from __future__ import annotations

from collections.abc import Sequence

from poolviz.arithmetic.convolution.trace import ConvTrace
from poolviz.arithmetic.layers.pool import Pool
from poolviz.dialects.common.vocabulary import Op
from poolviz.dialects.common.write import (
    Writer,
    arguments,
    convolution_arguments,
    entries,
    has_padding,
    pairs,
)


class JaxWriter(Writer):
    """Functions of Flax, and `lax.reduce_window` for what they do not take."""

    pad = "jnp.pad"
    ones = "jnp.ones_like(x)"
    empty = "constant_values=-jnp.inf"

    def pool(self, layer: Pool, x: str = "x") -> str:
        padding = self._padding(layer)
        if set(entries(layer, "dilation")) != {1}:
            return self._reduce_window(layer, padding, x)
        words = [x, str(layer.kernel_size)]
        if layer.stride is not None:
            words.append(f"strides={layer.stride}")
        if padding != "'VALID'":
            words.append(f"padding={padding}")
        words += arguments(layer, ("ceil_mode", "count_include_pad"))
        return f"nn.{layer.op}_pool({', '.join(words)})"

    def convolution(self, traced: ConvTrace) -> str:
        layer = traced.layer
        kind = "ConvTranspose" if traced.is_transposed else "Conv"
        words = [str(traced.out_channels), str(layer.kernel_size)]
        if set(entries(layer, "stride")) != {1}:
            words.append(f"strides={layer.stride}")
        padding = repr("VALID")  # Flax' own default is "SAME"
        if layer.has_named_padding:
            padding = repr(str(layer.padding).upper())
        elif has_padding(pairs(layer)) or traced.is_transposed:  # there, 0 is not "VALID"
            padding = str(pairs(layer))
        words.append(f"padding={padding}")
        if set(entries(layer, "dilation")) != {1}:
            words.append(f"kernel_dilation={layer.dilation}")
        names = {"output_padding": "output_padding", "groups": "feature_group_count"}
        words += convolution_arguments(traced, names)
        bias = [] if layer.bias else ["use_bias=False"]
        return f"nn.{kind}({', '.join([*words, *bias])})"

    def _padding(self, layer: Pool) -> str:
        if isinstance(layer.padding, str):
            return repr(layer.padding.upper())
        return str(pairs(layer)) if has_padding(pairs(layer)) else "'VALID'"

    def _reduce_window(self, layer: Pool, padding: str, x: str) -> str:
        start, reducer = ("-jnp.inf", "lax.max") if layer.op == "max" else ("0.0", "lax.add")
        kernel, dilation = entries(layer, "kernel_size"), entries(layer, "dilation")
        stride = (1,) * len(kernel) if layer.stride is None else entries(layer, "stride")
        if padding.startswith("["):
            padding = f"[(0, 0), {padding[1:-1]}, (0, 0)]"
        return (
            f"lax.reduce_window({x}, {start}, {reducer}, {(1, *kernel, 1)}, {(1, *stride, 1)}, "
            f"{padding}, window_dilation={(1, *dilation, 1)})"
        )

    def global_pool(self, op: Op, ndim: int) -> str:
        name = "max" if op == "max" else "mean"
        return f"jnp.{name}(x, axis={tuple(range(1, ndim + 1))}, keepdims=True)"

    def transposed(self, axes: Sequence[int]) -> str:
        return f"x = jnp.transpose(x, {tuple(axes)})"


WRITER = JaxWriter()
