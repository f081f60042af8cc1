"""Run the fixes of convolutions in the real frameworks, and record what came out.

    FOLDER/bin/python -m tools.record.layers.convolution_fixes

with PyTorch, Keras, TensorFlow, JAX and Flax, or onnxruntime and onnx installed; what was recorded
for the others before stays. Writes `tests/data/convolution_fixes.json.gz`: for each framework its
version and, for each line on an input, the spatial size that came back, or the exception.
"""

from __future__ import annotations

import gzip
import importlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

import poolviz as pv
from poolviz.arithmetic.convolution.trace import trace_convolution
from poolviz.arithmetic.convolution.weights import order_in_framework, weight_shape
from poolviz.diagnosis.layer.diagnosis import diagnosis_of
from poolviz.dialects.common.dialect import trace_code
from tools.record.layers.convolution_cases import KINDS, case

FILE = Path(__file__).parents[3] / "tests" / "data" / "convolution_fixes.json.gz"
FRAMEWORKS = ("pytorch", "keras", "tensorflow", "jax", "onnxruntime")
CASES = 150  # of each kind
LAYERS = {"conv": pv.Conv, "transposed": pv.ConvTranspose}
DEPTHWISE = (  # and the size of the input, which has 3 channels
    (pv.DepthwiseConv((7, 7)), (5, 9)),
    (pv.DepthwiseConv((3, 3), stride=(2, 2), padding="same"), (2, 7)),
    (pv.DepthwiseConv((3, 2), padding=((1, 0), (2, 2)), depth_multiplier=2), (6, 6)),
    (pv.DepthwiseConv((9,), dilation=2), (12,)),
    (pv.DepthwiseConv((3, 3), padding="causal"), (6, 6)),
)


class Line(NamedTuple):
    """One fix: its code, the layer that it makes, and the size that it promises."""

    code: str
    layer: Any
    channels: int
    input_size: tuple[int, ...]
    promised: tuple[int, ...]

    @property
    def key(self) -> str:
        """Name in the recording."""
        return f"{self.code} on {self.channels} x {self.input_size}"


def calls(framework: str) -> Iterator[tuple[Any, int, tuple[int, ...]]]:
    """Yield layers, channels and sizes: those of the recorded calls, and depthwise ones."""
    for kind in KINDS:
        for number in range(CASES):
            given = case(kind, number)
            words = {**given.parameters, "in_channels": given.in_channels}
            layer = LAYERS[kind](given.out_channels, framework=framework, **words)
            yield layer, given.x.shape[1], given.sizes
    for layer, sizes in DEPTHWISE:
        yield pv.DepthwiseConv(**{**_settings(layer), "framework": framework}), 3, sizes


def _settings(layer: Any) -> dict[str, Any]:
    return {
        name: getattr(layer, name)
        for name in ("kernel_size", "stride", "padding", "dilation", "depth_multiplier")
    }


def lines(framework: str) -> Iterator[Line]:
    """Yield every fix of the calls that fail."""
    for call in calls(framework):
        yield from lines_of(*call)


def lines_of(layer: Any, channels: int, sizes: tuple[int, ...]) -> Iterator[Line]:
    """Yield the fixes of one call that any build of a framework runs."""
    found = diagnosis_of(trace_convolution(layer, sizes, channels))
    for fix in found.fixes:
        if fix.layer is not None and not _is_odd(fix.layer, fix.input_size):
            code = fix.code or trace_code(found.trace)
            yield Line(code, fix.layer, channels, fix.input_size, fix.output_size)


def _is_odd(layer: Any, sizes: tuple[int, ...]) -> bool:
    """Whether only some builds run it: empty maps, and TensorFlow's groups in 3-D on a CPU."""
    is_grouped = getattr(layer, "groups", 1) > 1 or isinstance(layer, pv.DepthwiseConv)
    return 0 in sizes or (layer.framework == "tensorflow" and len(sizes) == 3 and is_grouped)


# --- the frameworks ------------------------------------------------------------------------------


def _torch(line: Line) -> tuple[int, ...]:
    import torch

    layer = eval(line.code, {"nn": torch.nn})
    return tuple(layer(torch.zeros(1, line.channels, *line.input_size)).shape[2:])


def _weights(line: Line) -> np.ndarray[Any, Any]:
    shape = weight_shape(line.layer, line.channels).shape
    order = order_in_framework(line.layer, len(line.input_size))
    return np.zeros([shape[place] for place in order], np.float32)


def _tensorflow(line: Line) -> tuple[int, ...]:
    import keras
    import tensorflow as tf

    x = tf.zeros((1, *line.input_size, line.channels))
    names = {"tf": tf, "layers": keras.layers, "x": x, "w": _weights(line)}
    found = eval(line.code, names)
    return tuple((found(x) if callable(found) else found).shape[1:-1])


def _jax(line: Line) -> tuple[int, ...]:
    import jax
    from flax import linen

    layer = eval(line.code, {"nn": linen})
    x = np.zeros((1, *line.input_size, line.channels), np.float32)
    return tuple(layer.init_with_output(jax.random.key(0), x)[0].shape[1:-1])


def _onnxruntime(line: Line) -> tuple[int, ...]:
    import onnxruntime
    from onnx import TensorProto, helper

    node = eval(line.code, {"helper": helper})
    out = line.layer.depth_multiplier * line.channels if _is_depthwise(line) else None
    given = {
        "x": np.zeros((1, line.channels, *line.input_size), np.float32),
        "w": _weights(line),
        "b": np.zeros(out or line.layer.out_channels, np.float32),
    }
    given = {name: given[name] for name in node.input}
    told = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, array.shape)
        for name, array in given.items()
    ]
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph([node], "g", told, [y])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return tuple(session.run(None, given)[0].shape[2:])


def _is_depthwise(line: Line) -> bool:
    return isinstance(line.layer, pv.DepthwiseConv)


RUN: dict[str, tuple[str, Callable[[Line], tuple[int, ...]]]] = {
    "pytorch": ("torch", _torch),
    "keras": ("keras", _tensorflow),
    "tensorflow": ("tensorflow", _tensorflow),
    "jax": ("flax", _jax),
    "onnxruntime": ("onnxruntime", _onnxruntime),
}


def _answer(run: Callable[[Line], tuple[int, ...]], line: Line) -> list[int] | str:
    try:
        return list(run(line))
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:200]


def record() -> dict[str, Any]:
    """Return what was recorded, with the installed frameworks run again."""
    found = json.loads(gzip.decompress(FILE.read_bytes())) if FILE.exists() else {}
    for name in FRAMEWORKS:
        package, run = RUN[name]
        try:
            version = importlib.import_module(package).__version__
            importlib.import_module(
                {"keras": "tensorflow", "onnxruntime": "onnx"}.get(name, package)
            )
        except ImportError:
            continue
        one_each = {line.key: line for line in lines(name)}
        answers = {key: _answer(run, line) for key, line in one_each.items()}
        found[name] = {"version": version, "answers": answers}
        wrong = [key for key, line in one_each.items() if answers[key] != [*line.promised]]
        print(name, version, len(answers), "lines,", len(wrong), "wrong")
        for key in wrong[: int(sys.argv[1]) if len(sys.argv) > 1 else 5]:
            print("   ", key, answers[key], one_each[key].promised)
    return found


if __name__ == "__main__":
    content = json.dumps(record(), separators=(",", ":")).encode()
    FILE.write_bytes(gzip.compress(content, mtime=0))
