"""Pooling calls of each framework under one name, for the tools that record what they do.

    calls = CALLS["torch"]()
    calls.run("avg", numpy_array)        # (N, C, *spatial), in the framework's own order of axes

The kinds are those of `KINDS`; a framework without one gives None. `size` is the kernel and the
stride, or the output size of adaptive pooling; nothing is padded. poolviz is not imported.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
from numpy.typing import NDArray

from tools.versions.common import newest_opset

Array = NDArray[Any]
Size = int | tuple[int, ...]
MAX, AVG, LP, LP_INF = "max", "avg", "lp", "lp inf"
INDICES, UNPOOL = "indices", "unpooling"
FITTED = ("adaptive max", "adaptive avg", "global max", "global avg")
KINDS = (MAX, AVG, *FITTED, LP, LP_INF, INDICES, UNPOOL)


class Calls:
    """The calls of one framework; `call` gives a function of a tensor."""

    packages: tuple[str, ...] = ()
    is_last = True  # channels
    ends_at_one = False  # adaptive maxima of size 1 end the process

    def call(
        self, kind: str, ndim: int, size: Size = 2, **words: Any
    ) -> Callable[[Any], Any] | None:
        """Return the function of a kind on `ndim` spatial axes; None where there is none."""
        raise NotImplementedError

    def tensor(self, x: Array) -> Any:
        """Return an array as a tensor."""
        raise NotImplementedError

    def array(self, y: Any) -> Array:
        """Return a tensor as an array."""
        return np.asarray(y)

    def gradient(self, function: Callable[[Any], Any], x: Array) -> Array:
        """Return the gradient of the sum of the outputs, in the order of the input."""
        raise NotImplementedError

    def run(self, kind: str, x: Array, **words: Any) -> Array | None:
        """Call with an array, its channels first; None where there is no such call."""
        function = self.call(kind, x.ndim - 2, **words)
        return None if function is None else self.array(function(self.tensor(self.own(x))))

    def padded(self) -> dict[str, tuple[str, tuple[int, ...], dict[str, Any]]]:
        """Return calls with explicit padding that may be refused: kind, shape, arguments."""
        return {}

    def in_graph(self, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Return the function as a graph."""
        return function

    def own(self, x: Array) -> Array:
        """Return an array in the order of axes that the framework takes."""
        return np.ascontiguousarray(np.moveaxis(x, 1, -1)) if self.is_last and x.ndim > 2 else x


class Torch(Calls):
    """torch.nn.functional."""

    packages, is_last = ("torch",), False

    def __init__(self) -> None:
        import torch

        self._torch = torch

    def call(
        self, kind: str, ndim: int, size: Size = 2, **words: Any
    ) -> Callable[[Any], Any] | None:
        from torch.nn import functional

        named = {
            MAX: f"max_pool{ndim}d",
            AVG: f"avg_pool{ndim}d",
            LP: f"lp_pool{ndim}d",
            LP_INF: f"lp_pool{ndim}d",
            INDICES: f"max_pool{ndim}d",
            UNPOOL: f"max_unpool{ndim}d",
        }
        if kind in FITTED:
            how, op = kind.split()
            fitted = getattr(functional, f"adaptive_{op}_pool{ndim}d")
            return lambda x: fitted(x, 1 if how == "global" else size)
        function = getattr(functional, named[kind], None)  # no lp_pool3d before 2.3
        if function is None:
            return None
        if kind == INDICES:
            return lambda x: function(x, size, return_indices=True)[1]
        if kind == UNPOOL:
            return lambda x: function(x, self._places(x), size, **words)
        if kind in (LP, LP_INF):
            norm = words.pop("norm", math.inf if kind == LP_INF else 2)
            window = size[0] if ndim == 1 and isinstance(size, tuple) else size  # takes an int
            return lambda x: function(x, norm, window, **words)
        return lambda x: function(x, size, **words)

    def _places(self, x: Any) -> Any:
        """Even places: in one axis those of 2, 4, ...; any that lie inside."""
        count = int(np.prod(x.shape[2:]))
        flat = self._torch.arange(count).reshape(x.shape[2:])
        return flat.expand(x.shape).contiguous()

    def tensor(self, x: Array) -> Any:
        if x.dtype.name == "bfloat16":
            return self._torch.tensor(x.astype(np.float32)).to(self._torch.bfloat16)
        return self._torch.tensor(x)

    def array(self, y: Any) -> Array:
        y = y.detach()
        if y.dtype == self._torch.bfloat16:
            import ml_dtypes

            return y.float().numpy().astype(ml_dtypes.bfloat16)
        return np.asarray(y.numpy())

    def gradient(self, function: Callable[[Any], Any], x: Array) -> Array:
        given = self.tensor(self.own(x)).requires_grad_()
        function(given).sum().backward()
        return self.array(given.grad)


class Keras(Calls):
    """keras.layers, on the backend in the environment."""

    def __init__(self, backend: str) -> None:
        os.environ["KERAS_BACKEND"] = backend
        self.packages = ("keras", {"tensorflow": "tensorflow-cpu"}.get(backend, backend))
        self._backend = backend
        self.ends_at_one = backend == "tensorflow"  # 3.15.1: "Floating point exception"

    def call(
        self, kind: str, ndim: int, size: Size = 2, **words: Any
    ) -> Callable[[Any], Any] | None:
        from keras import layers

        words = {**words, "data_format": "channels_last"}
        long = {"max": "Max", "avg": "Average"}
        if kind in FITTED:
            how, op = kind.split()
            arguments = () if how == "global" else (size,)
            fitted = getattr(layers, f"{how.title()}{long[op]}Pooling{ndim}D", None)
            if fitted is None:  # adaptive layers before 3.13
                return None
            made = fitted(*arguments, **words)
        elif kind in (MAX, AVG):
            made = getattr(layers, f"{long[kind]}Pooling{ndim}D")(size, **words)
        else:
            return None
        return made  # type: ignore[no-any-return]  # keras has no types

    def tensor(self, x: Array) -> Any:
        import keras

        if not hasattr(keras, "ops"):  # Keras 2
            return TensorFlow().tensor(x)
        return keras.ops.convert_to_tensor(x)

    def array(self, y: Any) -> Array:
        import keras

        return np.asarray(keras.ops.convert_to_numpy(y) if hasattr(keras, "ops") else y)

    def gradient(self, function: Callable[[Any], Any], x: Array) -> Array:
        own = {"tensorflow": TensorFlow, "torch": Torch, "jax": Flax}[self._backend]
        return own().gradient(function, self.own(x) if self._backend == "torch" else x)


_SIDES = (("top", "bottom"), ("left", "right"))


class TensorFlow(Calls):
    """tf.nn; global pooling is a reduction."""

    packages = ("tensorflow-cpu",)

    def __init__(self) -> None:
        import tensorflow

        self._tf: Any = tensorflow

    def call(
        self, kind: str, ndim: int, size: Size = 2, **words: Any
    ) -> Callable[[Any], Any] | None:
        tf = self._tf
        if kind.startswith("global"):
            reduce = tf.reduce_max if kind.endswith("max") else tf.reduce_mean
            return lambda x: reduce(x, [*range(1, ndim + 1)])
        if kind == INDICES and ndim == 2:
            return lambda x: tf.nn.max_pool_with_argmax(x, size, size, "VALID")[1]
        if kind not in (MAX, AVG):
            return None
        words.pop("graph", None)
        function = getattr(tf.nn, f"{kind}_pool{ndim}d")
        words = {"padding": "VALID", **words}
        return lambda x: function(x, size, size, **words)

    def padded(self) -> dict[str, tuple[str, tuple[int, ...], dict[str, Any]]]:
        found: dict[str, tuple[str, tuple[int, ...], dict[str, Any]]] = {}
        for ndim, shape in ((1, (1, 4, 1)), (2, (1, 4, 4, 1))):
            for axis, sides in zip(range(ndim), _SIDES[-ndim:], strict=True):
                for side, name in enumerate(sides):
                    for pad in (1, 2, 3):
                        pairs = [[0, 0] for _ in range(ndim + 2)]
                        pairs[1 + axis][side] = pad
                        for graph in (False, True):
                            key = f"{name} padding {pad}{' in a graph' * graph}/{ndim}"
                            found[key] = MAX, shape, {"padding": pairs, "graph": graph}
            all_sides = [[0, 0], *[[3, 2]] * ndim, [0, 0]]
            found[f"padding on all sides/{ndim}"] = MAX, shape, {"padding": all_sides}
        return found

    def in_graph(self, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        made: Callable[[Any], Any] = self._tf.function(function)
        return made

    def tensor(self, x: Array) -> Any:
        return self._tf.constant(x)

    def gradient(self, function: Callable[[Any], Any], x: Array) -> Array:
        given = self.tensor(self.own(x))
        with self._tf.GradientTape() as tape:
            tape.watch(given)
            total = self._tf.reduce_sum(function(given))
        return np.asarray(tape.gradient(total, given))


class Flax(Calls):
    """flax.linen; global pooling is a reduction of jax.numpy."""

    packages = ("jax", "flax")

    def call(
        self, kind: str, ndim: int, size: Size = 2, **words: Any
    ) -> Callable[[Any], Any] | None:
        import jax.numpy as jnp
        from flax import linen

        if kind.startswith("global"):
            reduce = jnp.max if kind.endswith("max") else jnp.mean
            return lambda x: reduce(x, axis=tuple(range(1, ndim + 1)))
        if kind not in (MAX, AVG):
            return None
        function = getattr(linen, f"{kind}_pool")
        window = size if isinstance(size, tuple) else (size,) * ndim
        return lambda x: function(x, window, window, **words)

    def tensor(self, x: Array) -> Any:
        import jax.numpy as jnp

        return jnp.asarray(x)

    def gradient(self, function: Callable[[Any], Any], x: Array) -> Array:
        import jax

        return np.asarray(jax.grad(lambda given: function(given).sum())(self.tensor(self.own(x))))


class OnnxRuntime(Calls):
    """One operator of opset 22, or of the newest one that the version has."""

    packages, is_last = ("onnxruntime",), False

    def call(
        self, kind: str, ndim: int, size: Size = 2, **words: Any
    ) -> Callable[[Any], Any] | None:
        own = size if isinstance(size, tuple) else (size,) * ndim
        window = {"kernel_shape": own, "strides": own}
        named: dict[str, tuple[str, dict[str, Any]]] = {
            MAX: ("MaxPool", window),
            AVG: ("AveragePool", window),
            LP: ("LpPool", {**window, "p": words.pop("norm", 2)}),
            INDICES: ("MaxPool", window),
            UNPOOL: ("MaxUnpool", window),
            "global max": ("GlobalMaxPool", {}),
            "global avg": ("GlobalAveragePool", {}),
        }
        if kind not in named:
            return None
        name, attributes = named[kind]
        place = 1 if kind == INDICES else 0
        return lambda x: _onnx(name, x, place, **{**attributes, **words})

    def tensor(self, x: Array) -> Any:
        return x


def _onnx(name: str, x: Array, place: int, **attributes: Any) -> Any:
    import onnxruntime
    from onnx import TensorProto, helper

    is_brain = x.dtype.name == "bfloat16"  # older helpers do not know its dtype
    kind = TensorProto.BFLOAT16 if is_brain else helper.np_dtype_to_tensor_dtype(x.dtype)
    inputs = {"x": x}
    if name == "MaxUnpool":
        count = int(np.prod(x.shape[2:]))
        inputs["i"] = np.broadcast_to(np.arange(count).reshape(x.shape[2:]), x.shape).copy()
    outputs = ["y", "i"] if place else ["y"]
    kinds = {"x": kind, "i": TensorProto.INT64, "y": kind}
    made = helper.make_node(name, [*inputs], outputs, **attributes)
    graph = helper.make_graph(
        [made],
        "one",
        [helper.make_tensor_value_info(key, kinds[key], x.shape) for key in inputs],
        [helper.make_tensor_value_info(key, kinds[key], None) for key in outputs],
    )
    opset = [helper.make_opsetid("", newest_opset())]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return session.run(None, inputs)[place]


class Mlx(Calls):
    """mlx.nn; global pooling is a reduction of mlx.core."""

    packages = ("mlx",)

    def call(
        self, kind: str, ndim: int, size: Size = 2, **words: Any
    ) -> Callable[[Any], Any] | None:
        import mlx.core as mx
        from mlx import nn

        if kind.startswith("global"):
            reduce = mx.max if kind.endswith("max") else mx.mean
            return lambda x: reduce(x, axis=tuple(range(1, ndim + 1)))
        if kind not in (MAX, AVG):
            return None
        layer = getattr(nn, f"{kind.title()}Pool{ndim}d")(size, **words)
        return layer  # type: ignore[no-any-return]  # mlx has no types

    def tensor(self, x: Array) -> Any:
        import mlx.core as mx

        if x.dtype.name == "bfloat16":
            return mx.array(x.astype(np.float32)).astype(mx.bfloat16)
        return mx.array(x)

    def array(self, y: Any) -> Array:
        import mlx.core as mx

        if y.dtype == mx.bfloat16:
            import ml_dtypes

            return np.array(y.astype(mx.float32)).astype(ml_dtypes.bfloat16)
        return np.array(y)

    def gradient(self, function: Callable[[Any], Any], x: Array) -> Array:
        import mlx.core as mx

        return np.array(mx.grad(lambda given: function(given).sum())(self.tensor(self.own(x))))


CALLS: dict[str, Callable[[], Calls]] = {
    "torch": Torch,
    "keras-tensorflow": lambda: Keras("tensorflow"),
    "keras-torch": lambda: Keras("torch"),
    "keras-jax": lambda: Keras("jax"),
    "tensorflow": TensorFlow,
    "flax": Flax,
    "onnxruntime": OnnxRuntime,
    "mlx": Mlx,
}
