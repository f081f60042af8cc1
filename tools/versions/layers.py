"""Run layers of networks in many versions of the frameworks: `tests/data/layer_versions.json.gz`.

    FOLDER/bin/python -m tools.versions layers ask torch ANSWERS/torch-2.4.1.json
    python -m tools.versions layers write ANSWERS/*.json

`ask` builds each layer of `LAYERS` in the version that is installed, and runs it on zeros. They are
written as in poolviz, which is not imported; `Call` stands for its classes. An outcome is the
shape without the batch, in the framework's order of the axes, or the class of the exception and its
text. Layers of Keras are in `versions.json.gz`.
"""

from __future__ import annotations

import os
from typing import Any, NamedTuple

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np

from tools.versions.common import Row, newest_first, newest_opset, others, text_of, versions

FILE = "layer_versions.json.gz"
LAYERS: tuple[tuple[str, list[int]], ...] = (  # and the input, channels first
    ("Conv(4, 5)", [3, 4, 4]),
    ("Conv(4, 5)", [3, 9, 4]),
    ("Conv(4, 5)", [3, 9, 9]),
    ("Conv(4, 5, stride=5)", [3, 1, 9]),
    ("Conv(4, 3, stride=2)", [3, 2, 2]),
    ("Conv(4, 3, stride=7)", [3, 9, 10]),
    ("Conv(4, 3, padding=1)", [3, 9, 9]),
    ("Conv(4, 3, padding=5)", [3, 4, 4]),
    ("Conv(4, (3, 2), padding=(1, 0))", [3, 4, 4]),
    ("Conv(4, 3, padding=((0, 1), (0, 1)))", [3, 4, 4]),
    ("Conv(4, 5, padding='same')", [3, 4, 4]),
    ("Conv(4, 4, padding='same')", [3, 9, 9]),
    ("Conv(4, 3, stride=2, padding='same')", [3, 9, 9]),
    ("Conv(4, 2, stride=5, padding='same')", [3, 9, 9]),
    ("Conv(4, 3, padding='same_lower')", [3, 9, 9]),
    ("Conv(4, 3, dilation=3)", [3, 6, 7]),
    ("Conv(4, 3, dilation=3)", [3, 7, 7]),
    ("Conv(4, 3, dilation=2, padding='same')", [3, 9, 9]),
    ("Conv(4, 3, stride=2, dilation=2)", [3, 9, 9]),
    ("Conv(4, 3, groups=2)", [4, 9, 9]),
    ("Conv(4, 3, groups=2)", [3, 9, 9]),
    ("Conv(4, 3, in_channels=5)", [3, 9, 9]),
    ("Conv(4, 5)", [3, 4]),
    ("Conv(4, 5)", [3, 9]),
    ("Conv(4, 5, padding='causal')", [3, 9]),
    ("Conv(4, 3)", [1, 2, 5, 5]),
    ("Conv(4, 3)", [1, 5, 5, 5]),
    ("Conv(4, 3)", [3, 0, 9]),
    ("Conv(4, 3, padding=2)", [3, 0, 4]),
    ("Conv(4, 3, padding='same')", [3, 0, 4]),
    ("DepthwiseConv(5)", [3, 4, 4]),
    ("DepthwiseConv(3, depth_multiplier=2)", [3, 9, 9]),
    ("ConvTranspose(4, 3, stride=2)", [3, 4, 4]),
    ("ConvTranspose(4, 3, stride=2, padding=1)", [3, 4, 4]),
    ("ConvTranspose(4, 3, stride=2, padding='same')", [3, 4, 4]),
    ("ConvTranspose(4, 3, stride=2, padding=1, output_padding=1)", [3, 4, 4]),
    ("ConvTranspose(4, 3, stride=2, output_padding=2)", [3, 4, 4]),
    ("ConvTranspose(4, 3, stride=2, output_padding=3)", [3, 4, 4]),
    ("ConvTranspose(4, 3, stride=2, dilation=3, output_padding=2)", [3, 4, 4]),
    ("ConvTranspose(4, 2, padding=2)", [3, 2, 2]),
    ("ConvTranspose(4, 3, dilation=2)", [3, 4]),
    ("ConvTranspose(4, 3, stride=2, in_channels=5)", [3, 4, 4]),
    ("ConvTranspose(4, 3, stride=2)", [3, 0, 4]),
    ("ConvTranspose(4, 3, stride=2, padding=1)", [3, 0, 4]),
    ("AdaptivePool(3)", [3, 7, 8]),
    ("AdaptivePool(1)", [3, 0, 8]),
    ("AdaptivePool(1)", [3, 0]),
    ("AdaptivePool((1, 2))", [3, 0, 8]),
    ("AdaptivePool(1, op='max')", [3, 0, 8]),
    ("AdaptivePool(3, op='max')", [3, 2, 2]),
    ("AdaptivePool((3, None))", [3, 7, 8]),
    ("AdaptivePool(0)", [3, 7, 8]),
    ("AdaptivePool(3)", [3, 0, 8]),
    ("AdaptivePool(3)", [3, 7]),
    ("GlobalPool()", [3, 7, 8]),
    ("GlobalPool('max')", [3, 7, 8]),
    ("GlobalPool()", [3, 0, 8]),
    ("GlobalPool('max')", [3, 0, 8]),
    ("Flatten()", [3, 7, 8]),
    ("Flatten()", [3, 0, 8]),
    ("Linear(4)", [7]),
    ("Linear(4, in_features=8)", [7]),
    ("Linear(4)", [0]),
    ("Identity('BatchNorm2d', channels=3)", [3, 4, 4]),
    ("Identity('BatchNorm2d', channels=5)", [3, 4, 4]),
    ("ZeroPad(1)", [3, 4, 4]),
    ("ZeroPad(2, mode='reflect')", [3, 4, 4]),
    ("ZeroPad(4, mode='reflect')", [3, 4, 4]),
    ("ZeroPad(4, mode='circular')", [3, 4, 4]),
    ("ZeroPad(5, mode='circular')", [3, 4, 4]),
    ("Crop(1)", [3, 4, 4]),
    ("Crop(2)", [3, 4, 4]),
    ("Crop(3)", [3, 4, 4]),
    ("Upsample(2)", [3, 4, 4]),
    ("Upsample(size=(7, 9))", [3, 4, 4]),
    ("Upsample(2)", [3, 0, 4]),
    ("Reshape((2, 24), axis=0)", [3, 4, 4]),
    ("Reshape((2, 25), axis=0)", [3, 4, 4]),
    ("Permute((2, 3, 1))", [3, 4, 4]),
)


class Call(NamedTuple):
    """A layer as it is written: its class, and its arguments by name."""

    kind: str
    given: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        return self.given.get(name)


class NotMadeError(Exception):
    """The framework has no such layer: the call is left out."""


_WINDOW = {
    "stride": 1, "padding": 0, "dilation": 1, "groups": 1, "bias": True,
    "in_channels": None, "output_padding": None,
}  # fmt: skip
_ORDER = {
    "Conv": ("out_channels", "kernel_size"),
    "ConvTranspose": ("out_channels", "kernel_size"),
    "DepthwiseConv": ("kernel_size",),
    "AdaptivePool": ("output_size",),
    "GlobalPool": ("op",),
    "Flatten": (),
    "Linear": ("out_features",),
    "Identity": ("name",),
    "ZeroPad": ("padding",),
    "Crop": ("cropping",),
    "Upsample": ("scale_factor",),
    "Reshape": ("shape",),
    "Permute": ("dims",),
}


def read(code: str) -> Call:
    """Return the layer that a line writes.

    >>> read("Conv(4, 3, stride=2)").given["stride"]
    2
    """

    def made(kind: str) -> Any:
        defaults = _WINDOW if "kernel_size" in _ORDER[kind] else {}
        return lambda *placed, **named: Call(
            kind, {**defaults, **dict(zip(_ORDER[kind], placed, strict=False)), **named}
        )

    found: Call = eval(code, {kind: made(kind) for kind in _ORDER})
    return found


def entries(value: Any, count: int) -> list[Any]:
    """Return one entry per axis."""
    return list(value) if isinstance(value, tuple) else [value] * count


def sides(value: Any, count: int) -> list[tuple[int, int]]:
    """Return (before, after) of each axis."""
    return [one if isinstance(one, tuple) else (one, one) for one in entries(value, count)]


# --- PyTorch -------------------------------------------------------------------------------------


def torch_shape(layer: Call, shape: list[int]) -> list[int]:
    import torch

    x = torch.zeros(1, *shape)
    return list(_torch_call(layer, shape)(x).shape[1:])


def _torch_call(layer: Call, shape: list[int]) -> Any:
    from torch import nn

    channels, ndim = shape[0], len(shape) - 1
    if "Conv" in layer.kind:
        words = {name: layer.given[name] for name in ("stride", "padding", "dilation", "bias")}
        if layer.kind == "DepthwiseConv":
            out = channels * (layer.depth_multiplier or 1)
            return getattr(nn, f"Conv{ndim}d")(
                channels, out, layer.kernel_size, groups=channels, **words
            )
        words["groups"] = layer.groups
        if layer.kind == "ConvTranspose":
            words["output_padding"] = layer.output_padding or 0
        given = layer.in_channels or channels, layer.out_channels, layer.kernel_size
        return getattr(nn, f"{layer.kind}{ndim}d")(*given, **words)
    if layer.kind in ("AdaptivePool", "GlobalPool"):
        long = {"max": "Max", "avg": "Avg"}[layer.op or "avg"]
        size = layer.given.get("output_size", 1)
        return getattr(nn, f"Adaptive{long}Pool{ndim}d")(size)
    if layer.kind in ("ZeroPad", "Crop"):
        amount = layer.padding if layer.kind == "ZeroPad" else -layer.cropping
        kind = {"reflect": "ReflectionPad", "circular": "CircularPad"}.get(layer.mode, "ZeroPad")
        name = f"{kind}{ndim}d"
        if not hasattr(nn, name):
            raise NotMadeError
        return getattr(nn, name)(amount)
    if layer.kind == "Identity":
        return nn.BatchNorm2d(layer.channels)
    if layer.kind == "Linear":
        return nn.Linear(layer.in_features or shape[-1], layer.out_features)
    if layer.kind == "Upsample":
        return nn.Upsample(size=layer.size, scale_factor=layer.scale_factor)
    if layer.kind == "Reshape":
        return lambda x: x.view(1, *layer.shape)
    if layer.kind == "Permute":
        return lambda x: x.permute(0, *layer.dims)
    return nn.Flatten()


# --- Flax ----------------------------------------------------------------------------------------


def flax_shape(layer: Call, shape: list[int]) -> list[int]:
    import jax
    from flax import linen

    channels, ndim = shape[0], len(shape) - 1
    x = jax.numpy.zeros((1, *shape[1:], channels))
    if layer.kind == "GlobalPool":
        reduce = jax.numpy.max if layer.op == "max" else jax.numpy.mean
        return list(reduce(x, axis=tuple(range(1, ndim + 1))).shape[1:])
    if layer.kind == "Flatten":
        return list(x.reshape(1, -1).shape[1:])
    if layer.kind == "Linear":
        module = linen.Dense(layer.out_features)
        seen = layer.in_features or shape[-1]
        made = module.init(jax.random.PRNGKey(0), jax.numpy.zeros((1, seen)))
        return list(module.apply(made, x).shape[1:])
    if layer.kind not in ("Conv", "ConvTranspose", "DepthwiseConv"):
        raise NotMadeError
    padding = layer.padding
    padding = sides(padding, ndim) if not isinstance(padding, str) else padding.upper()
    words: Row = {"padding": padding, "strides": tuple(entries(layer.stride, ndim))}
    words["kernel_dilation"] = tuple(entries(layer.dilation, ndim))
    out = layer.out_channels
    if layer.kind == "DepthwiseConv":
        out = channels * (layer.depth_multiplier or 1)
        words["feature_group_count"] = channels
    elif layer.groups != 1:
        words["feature_group_count"] = layer.groups
    if layer.output_padding is not None:
        words["output_padding"] = layer.output_padding
    kind = linen.ConvTranspose if layer.kind == "ConvTranspose" else linen.Conv
    module = kind(out, tuple(entries(layer.kernel_size, ndim)), **words)
    seen = x[..., :1].repeat(layer.in_channels, -1) if layer.in_channels else x
    made = module.init(jax.random.PRNGKey(0), seen)
    return list(module.apply(made, x).shape[1:])


# --- TensorFlow ----------------------------------------------------------------------------------


def tensorflow_shape(layer: Call, shape: list[int]) -> list[int]:
    import tensorflow as tf

    channels, ndim = shape[0], len(shape) - 1
    is_plain = layer.kind == "Conv" and layer.padding != "causal" and layer.in_channels is None
    if not is_plain:
        raise NotMadeError
    with tf.Graph().as_default():
        x = tf.compat.v1.placeholder(tf.float32, [1, *shape[1:], channels])
        size = [*entries(layer.kernel_size, ndim), max(1, channels // layer.groups)]
        filters = tf.zeros([*size, layer.out_channels])
        padding = layer.padding
        if isinstance(padding, str):
            padding = padding.upper()
        else:
            pairs = [list(pair) for pair in sides(padding, ndim)]
            padding = [[0, 0], *pairs, [0, 0]] if any(map(any, pairs)) else "VALID"
        call = getattr(tf.nn, f"conv{ndim}d")
        strides, dilations = entries(layer.stride, ndim), entries(layer.dilation, ndim)
        if ndim == 1:
            strides, dilations = strides[0], dilations[0]
        elif ndim == 3:
            strides, dilations = [1, *strides, 1], [1, *dilations, 1]
        y = call(x, filters, strides, padding, dilations=dilations)
        return [int(n) for n in y.shape[1:]]


# --- onnxruntime ---------------------------------------------------------------------------------


def onnxruntime_shape(layer: Call, shape: list[int]) -> list[int]:
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    name, attributes, arrays = _onnx_node(layer, shape)
    inputs = [f"w{i}" for i in range(len(arrays))]
    node = helper.make_node(name, ["x", *inputs], ["y"], **attributes)
    told = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, *shape])]
    made = [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)]
    weights = [numpy_helper.from_array(one, key) for key, one in zip(inputs, arrays, strict=True)]
    graph = helper.make_graph([node], "g", told, made, weights)
    operators = [helper.make_opsetid("", newest_opset())]
    model = helper.make_model(graph, opset_imports=operators, ir_version=8)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    found = session.run(None, {"x": np.zeros([1, *shape], np.float32)})[0]
    return list(found.shape[1:])


def _onnx_node(layer: Call, shape: list[int]) -> tuple[str, Row, list[Any]]:
    """Return the operator, its attributes, and the inputs after the feature map."""
    channels, ndim = shape[0], len(shape) - 1
    if "Conv" in layer.kind:
        return _onnx_convolution(layer, channels, ndim)
    if layer.kind == "GlobalPool":
        return {"max": "GlobalMaxPool", "avg": "GlobalAveragePool"}[layer.op or "avg"], {}, []
    if layer.kind == "Flatten":
        return "Flatten", {"axis": 1}, []
    if layer.kind == "Linear":
        seen = layer.in_features or shape[-1]
        return "Gemm", {}, [np.zeros((seen, layer.out_features), np.float32)]
    if layer.kind == "Permute":
        return "Transpose", {"perm": [0, *layer.dims]}, []
    if layer.kind == "Reshape":
        return "Reshape", {}, [np.array([1, *layer.shape], np.int64)]
    raise NotMadeError


def _onnx_convolution(layer: Call, channels: int, ndim: int) -> tuple[str, Row, list[Any]]:
    if layer.padding == "causal":
        raise NotMadeError
    kernel = entries(layer.kernel_size, ndim)
    words: Row = {"kernel_shape": kernel, "strides": entries(layer.stride, ndim)}
    words["dilations"] = entries(layer.dilation, ndim)
    if isinstance(layer.padding, str):
        words["auto_pad"] = {"same": "SAME_UPPER", "same_lower": "SAME_LOWER"}[layer.padding]
    else:
        pairs = sides(layer.padding, ndim)
        words["pads"] = [pair[i] for i in (0, 1) for pair in pairs]
    seen, out, groups = layer.in_channels or channels, layer.out_channels, layer.groups
    if layer.kind == "DepthwiseConv":
        out, groups = channels * (layer.depth_multiplier or 1), channels
    if groups != 1:
        words["group"] = groups
    if layer.kind == "ConvTranspose":
        if layer.output_padding is not None:
            words["output_padding"] = entries(layer.output_padding, ndim)
        return "ConvTranspose", words, [np.zeros((seen, out // groups, *kernel), np.float32)]
    return "Conv", words, [np.zeros((out, seen // groups, *kernel), np.float32)]


ASKED = {
    "torch": torch_shape,
    "tensorflow": tensorflow_shape,
    "flax": flax_shape,
    "onnxruntime": onnxruntime_shape,
}


def ask(api: str) -> Row:
    """Return the outcome of every layer in the installed version."""
    answers = {}
    for code, shape in LAYERS:
        try:
            came: Any = [int(n) for n in ASKED[api](read(code), shape)]
        except NotMadeError:
            continue
        except Exception as error:
            came = [type(error).__name__, text_of(str(error))[:400]]
        answers[f"{code} on {shape}"] = came
    return {"api": api, "versions": versions(api), "answers": answers}


def content(answers: list[Row]) -> Row:
    """Return what the file holds, of each framework the newest version first."""
    found = {}
    for api in ASKED:
        mine = newest_first(answers, api)
        rows = [
            [code, shape, mine[0]["answers"].get(key), others(key, mine)]
            for code, shape in LAYERS
            if any((key := f"{code} on {shape}") in one["answers"] for one in mine)
        ]
        found[api] = {"versions": [one["versions"] for one in mine], "rows": rows}
    return found
