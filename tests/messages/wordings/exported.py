"""onnxruntime, OpenVINO, OpenCV and Core ML: models that other frameworks wrote."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from hypothesis import strategies as st

from poolviz.messages.message import MessageKind as Kind
from tests.messages.wordings.base import (
    NAME,
    SIZE,
    Facts,
    Wording,
    commas,
    differing,
    maps,
    numbers,
    pair,
    reshaped,
    shape,
    tuple_,
    two,
)


def _ort(node: str) -> str:
    return (
        f"Non-zero status code returned while running {node} node. Name:'«name»' Status Message: "
    )


def _node(op: str) -> Callable[[Facts], str]:
    return lambda call: str(call.get("name", f"/features/0/{op}"))


ONNX = [
    Wording(
        "onnx",
        "channels",
        _ort("Conv") + "Input channels C is not equal to kernel channels * group. C: «got» kernel "
        "channels: «expected» group: 1",
        st.tuples(pair("got", "expected"), NAME).map(lambda d: {**d[0], "name": d[1]}),
        Kind.CHANNELS,
        lambda call: {**two("expected", "got")(call), "layer_name": call["name"]},
        lambda call: {
            "name": _node("Conv")(call),
            "got": call.get("got") or call["shapes"][0][1],
            "expected": call.get("expected") or call["constants"][0][1],
        },
        "onnxruntime",
    ),
    Wording(
        "onnx",
        "gemm",
        _ort("Gemm") + "GEMM: Dimension mismatch, W: {«outputs»,«expected»} K: «got» N:«outputs»",
        st.tuples(pair("got", "expected"), NAME, SIZE).map(
            lambda d: {**d[0], "name": d[1], "outputs": d[2]}
        ),
        Kind.LINEAR,
        two("expected", "got"),
        lambda call: {
            "name": _node("Gemm")(call),
            "got": call.get("got") or call["shapes"][0][1],
            "expected": call.get("expected") or call["constants"][0][1],
            "outputs": call.get("outputs") or call["constants"][0][0],
        },
        "onnxruntime",
    ),
    Wording(
        "onnx",
        "reflect",
        _ort("Pad") + "Pad reflect: pre-pad («pad») exceeds maximum allowed («most») for axis 2. "
        "Input shape:{«shape»}",
        st.tuples(shape(4), st.integers(0, 9), NAME).map(
            lambda d: {"shape": d[0], "pad": d[0][2] + d[1], "name": d[2]}
        ),
        Kind.REFLECTION,
        lambda call: {"axis": "height", "input_sizes": [call["shape"][2]]},
        lambda call: {
            "name": _node("Pad")(call),
            "pad": call.get("pad") or call["constants"][0][0][2],
            "most": (call.get("shape") or call["shapes"][0])[2] - 1,
            "shape": commas(call.get("shape") or call["shapes"][0]),
        },
        "onnxruntime",
    ),
    Wording(
        "onnx",
        "reshape",
        "The input tensor cannot be reshaped to the requested shape. Input shape:{«shape»}, "
        "requested shape:{«target»}",
        reshaped(),
        Kind.RESHAPE,
        lambda call: {"expected": (call["target"][1],), "got": (prod(call["shape"]),)},
        lambda call: {
            "shape": commas(call.get("shape") or call["shapes"][0]),
            "target": commas(call.get("target") or call["constants"][0][0]),
        },
        "onnxruntime",
    ),
    Wording(
        "onnx",
        "input",
        "Got invalid dimensions for input: images for the following indices\n index: 2 Got: "
        "«got» Expected: «expected»\n",
        pair("got", "expected"),
        Kind.INPUT_SHAPE,
        lambda call: {**two("expected", "got")(call), "axis": "height", "layer_name": "images"},
        lambda call: (
            {name: call[name] for name in ("got", "expected")}
            if isinstance(call["got"], int)
            else {"got": call["got"][2], "expected": call["expected"][2]}
        ),
        "onnxruntime",
    ),
    Wording(
        "onnx",
        "linear",
        "Op 'linear_1' (linear op): Size of the last dimension of x, which is «got», does not "
        "match the last dimension of weights, which is «expected»",
        pair("got", "expected"),
        Kind.LINEAR,
        two("expected", "got"),
        framework="coreml",
    ),
]


def _constants(call: Facts) -> Facts:
    """Channels of a recorded convolution or those that were drawn."""
    if "shapes" not in call:
        return call
    return {"got": call["shapes"][0][1], "expected": call["constants"][0][1]}


def _inputs(call: Facts) -> Facts:
    """Two inputs of a recorded node, or those that were drawn."""
    shapes = call.get("shapes") or [call["first"], call["second"]]
    return {"first": commas(shapes[0]), "second": commas(shapes[1])}


ONNX += [
    Wording(
        "onnx",
        "concat",
        _ort("Concat") + "concatbase.h:135 PrepareForComputeImpl Non concat axis dimensions must "
        "match: Axis 2 has mismatched dimensions of «second» and «first»",
        pair("first", "second"),
        Kind.CONCATENATE,
        two("second", "first"),
        lambda call: {
            "name": _node("Concat")(call),
            "first": call.get("first") or call["shapes"][0][2],
            "second": call.get("second") or call["shapes"][1][2],
        },
        "onnxruntime",
    ),
    Wording(
        "onnx",
        "concat-open",
        "Shape inference input shapes {{«first»},{«second»}}\nArgument shapes are inconsistent; "
        "they must have the same rank, and must have equal dimension everywhere except on the "
        "concatenation axis (axis 1).",
        maps(batch=2).map(lambda call: {n: [v[0], v[3], *v[1:3]] for n, v in call.items()}),
        Kind.CONCATENATE,
        differing,
        _inputs,
        "openvino",
    ),
    Wording(
        "onnx",
        "window-pool-open",
        "Kernel after dilation has size (dim: «kernel») larger than the data shape after padding "
        "(dim: «size») at axis «axis».",
        numbers(size=SIZE, more=st.integers(1, 9), axis=st.integers(0, 1)).map(
            lambda call: {**call, "kernel": call["size"] + call["more"]}
        ),
        Kind.NO_FIT,
        lambda call: {"effective_kernel_sizes": [call["kernel"]], "padded_sizes": [call["size"]]},
        lambda call: (
            call
            if "kernel" in call
            else {"kernel": call["kernel_shape"][0], "size": call["shapes"][0][2], "axis": 0}
        ),
        "openvino",
    ),
    Wording(
        "onnx",
        "channels-fixed",
        "Data batch channel count («got») does not match filter input channel count («expected»).",
        pair("got", "expected"),
        Kind.CHANNELS,
        two("expected", "got"),
        _constants,
        "openvino",
    ),
    Wording(
        "onnx",
        "reflect-open",
        " (expected: 'padLeft <= inpWidth'), where\n>     'padLeft' is «pad»\n> must be less than "
        "or equal to\n>     'inpWidth' is «size»",
        numbers(size=SIZE, more=st.integers(1, 9)).map(
            lambda call: {"size": call["size"], "pad": call["size"] + call["more"]}
        ),
        Kind.REFLECTION,
        lambda call: {"axis": "width", "input_sizes": [call["size"]], "paddings": [call["pad"]]},
        lambda call: (
            call
            if "pad" in call
            else {"size": call["shapes"][0][3], "pad": call["constants"][0][0][3]}
        ),
        "opencv",
    ),
    Wording(
        "onnx",
        "channels",
        "C_in / groups = «got»/1 != weight[1] («expected»)",
        pair("got", "expected"),
        Kind.CHANNELS,
        two("expected", "got"),
        _constants,
        "coreml",
    ),
    Wording(
        "onnx",
        "concat",
        'Dimension mismatch in concat ("cat_1"): shapes «first» vs. «second»',
        maps(batch=2).map(lambda call: {n: [v[0], v[3], *v[1:3]] for n, v in call.items()}),
        Kind.CONCATENATE,
        differing,
        lambda call: {
            "first": str(call.get("first")),
            "second": tuple_(call.get("second") or []),
        },
        "coreml",
    ),
    Wording(
        "onnx",
        "channels-open",
        " Node [Conv@ai.onnx]:(onnx_node!«name») parse error: OpenCV(4.12.0) "
        "/io/opencv/modules/dnn/src/layers/convolution_layer.cpp:395: error: (-2:Unspecified "
        "error) Number of input channels should be multiple of «expected» but got 0 in function",
        numbers(expected=SIZE, name=NAME),
        Kind.OPEN_SIZE,
        lambda call: {"layer_name": call["name"]},
        lambda call: {
            "name": _node("Conv")(call),
            "expected": call.get("expected") or call["constants"][0][1],
        },
        "opencv",
    ),
]
