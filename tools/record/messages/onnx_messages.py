"""What runtimes of exported models say of shapes that do not fit.

onnxruntime, ONNX's shape inference, OpenVINO, OpenCV's dnn module and Core ML's converter:

    FOLDER/bin/pip install onnxruntime==1.32.0 onnx==1.23.2 openvino==2026.4.1 \
        opencv-python-headless==4.12.0.88 coremltools==9.0 numpy
    FOLDER/bin/python -m tools.record.messages.onnx_messages NAME

writes `tests/data/NAME.jsonl.gz` (see `tools/record/messages/message_rows.py`).
"""

# ruff: noqa: B023 (each call runs before the loop goes on)
from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

import coremltools
import cv2
import numpy as np
import onnx
import onnxruntime
import openvino
from coremltools.converters.mil import Builder
from onnx import TensorProto, helper, numpy_helper

from tools.record.messages.message_rows import Row, row, write

RANDOM = random.Random(20261129)
Made = Iterator[Row | None]
Shape = list[Any]
onnxruntime.set_default_logger_severity(4)


def model(
    op: str,
    shapes: list[Shape],
    constants: list[list[int]],
    dynamic: bool = True,
    **attributes: Any,
) -> onnx.ModelProto:
    """A model of one node named "/features/0/OP"; with `dynamic`, its input sizes are open."""
    names = [f"x{i}" for i in range(len(shapes))]
    inputs = [
        helper.make_tensor_value_info(
            name,
            TensorProto.FLOAT,
            [f"{name}_{i}" for i in range(len(shape))] if dynamic else shape,
        )
        for name, shape in zip(names, shapes, strict=True)
    ]
    held = [
        numpy_helper.from_array(
            np.array(each[0], "int64") if isinstance(each[0], list) else np.zeros(each, "float32"),
            f"w{i}",
        )
        for i, each in enumerate(constants)
    ]
    if op == "Conv":  # OpenCV requires it
        attributes["kernel_shape"] = constants[0][2:]
    node = helper.make_node(
        op, [*names, *(each.name for each in held)], ["y"], name=f"/features/0/{op}", **attributes
    )
    rank = {"Gemm": 2, "MatMul": 2, "Reshape": 2}.get(op, len(shapes[0]))
    sizes = [f"y_{i}" for i in range(rank)]
    result = [helper.make_tensor_value_info("y", TensorProto.FLOAT, sizes)]
    graph = helper.make_graph([node], "g", inputs, result, held)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def everywhere(
    scenario: str, op: str, shapes: list[Shape], constants: list[Any], **attributes: Any
) -> Made:
    parameters = {"op": op, "shapes": shapes, "constants": constants, **attributes}
    fixed = model(op, shapes, constants, dynamic=False, **attributes)
    open_ = model(op, shapes, constants, **attributes)
    feeds = {f"x{i}": np.zeros(shape, "float32") for i, shape in enumerate(shapes)}

    def run(made: onnx.ModelProto) -> Any:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        return onnxruntime.InferenceSession(
            made.SerializeToString(), options, providers=["CPUExecutionProvider"]
        ).run(None, feeds)

    def infer() -> Any:
        return onnx.shape_inference.infer_shapes(fixed, check_type=True, strict_mode=True)

    def vino(made: onnx.ModelProto) -> Any:
        core = openvino.Core()
        return core.compile_model(core.read_model(made.SerializeToString()), "CPU")(feeds)

    def opencv(made: onnx.ModelProto) -> Any:
        net = cv2.dnn.readNetFromONNX(np.frombuffer(made.SerializeToString(), np.uint8))
        for name, value in feeds.items():
            net.setInput(value, name)
        return net.forward()

    ort = onnxruntime.__version__
    yield row("onnxruntime", ort, scenario, parameters, partial(run, open_))
    yield row("onnxruntime", ort, f"{scenario}-load", parameters, partial(run, fixed))
    yield row("onnx", onnx.__version__, f"{scenario}-infer", parameters, infer)
    vino_version = openvino.__version__.partition("-")[0]
    yield row("openvino", vino_version, f"{scenario}-open", parameters, partial(vino, open_))
    yield row("openvino", vino_version, f"{scenario}-fixed", parameters, partial(vino, fixed))
    yield row("opencv", cv2.__version__, f"{scenario}-open", parameters, partial(opencv, open_))
    yield row("opencv", cv2.__version__, f"{scenario}-fixed", parameters, partial(opencv, fixed))


def sizes(ndim: int) -> list[int]:
    return [RANDOM.randint(8, 30) for _ in range(ndim)]


def layers() -> Made:
    for ndim in (1, 2, 3):
        for expected, got in ((3, 4), (3, 1), (1, 3), (64, 32), (16, 24)):
            shape, weights = [1, got, *sizes(ndim)], [8, expected] + [3] * ndim
            yield from everywhere("channels", "Conv", [shape], [weights])
        for off in (-1, 1):
            shape = [1, 3, *sizes(ndim + off)]
            yield from everywhere("conv-rank", "Conv", [shape], [[8, 3] + [3] * ndim])
            yield from everywhere("pool-rank", "MaxPool", [shape], [], kernel_shape=[2] * ndim)
        for size, kernel in ((1, 2), (2, 5)):
            shape = [1, 8] + [size] * ndim
            yield from everywhere(
                "window-pool", "MaxPool", [shape], [], kernel_shape=[kernel] * ndim
            )
            yield from everywhere("window-conv", "Conv", [shape], [[4, 8] + [kernel] * ndim])
    for first, second in (
        ([1, 64, 32, 32], [1, 64, 16, 16]),
        ([2, 32, 28, 28], [2, 32, 27, 27]),
        ([4, 8, 15, 20], [4, 8, 16, 20]),
        ([1, 64, 14, 14], [1, 32, 14, 14]),
        ([2, 8, 40], [2, 8, 39]),
    ):
        yield from everywhere("add", "Add", [first, second], [])
        yield from everywhere("concat", "Concat", [first, second], [], axis=1)
        yield from everywhere("concat-batch", "Concat", [first, second], [], axis=0)
    for got, expected in ((4096, 1024), (2304, 3136), (400, 256), (512, 25088), (784, 400)):
        yield from everywhere("gemm", "Gemm", [[2, got]], [[10, expected], [10]], transB=1)
        yield from everywhere("matmul", "MatMul", [[2, got]], [[expected, 10]])
    for shape, target in (
        ([1, 64, 6, 6], [-1, 3136]),
        ([4, 16, 4, 4], [-1, 400]),
        ([2, 32, 7, 7], [2, 2048]),
        ([1, 3, 5], [1, 16]),
    ):
        yield from everywhere("reshape", "Reshape", [shape], [[target]])
    for channels, parameters in ((16, 8), (3, 64)):
        shape = [1, channels, 9, 9]
        yield from everywhere("norm", "BatchNormalization", [shape], [[parameters]] * 4)
    for shape, pad in (([1, 8, 2, 9], 3), ([1, 3, 5, 4], 5)):
        pads = [0, 0, pad, pad] * 2
        yield from everywhere("reflect", "Pad", [shape], [[pads]], mode="reflect")


def inputs() -> Made:
    """A session that gets another shape than its model states."""
    for wanted, given in (
        ([1, 3, 224, 224], [1, 1, 100, 224]),
        ([1, 3, 224, 224], [1, 224, 224, 3]),
        ([1, 3, 640, 640], [1, 3, 480, 640]),
        (["N", 3, 32, 32], [2, 4, 32, 32]),
        ([1, 3, 224, 224], [3, 224, 224]),
        ([1, 1, 28, 28], [28, 28]),
        ([1, 8, 40], [1, 8, 40, 1]),
        ([1, 1, 28, 28], [2, 1, 28, 28]),
        ([1, 16], [1, 12]),
    ):
        value = helper.make_tensor_value_info("images", TensorProto.FLOAT, wanted)
        result = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
        node = helper.make_node("Relu", ["images"], ["y"])
        graph = helper.make_graph([node], "g", [value], [result])
        made = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8
        ).SerializeToString()
        feed = np.zeros(given, "float32")
        parameters = {"expected": wanted, "got": given}

        def run() -> Any:
            return onnxruntime.InferenceSession(made).run(None, {"images": feed})

        def vino() -> Any:
            core = openvino.Core()
            return core.compile_model(core.read_model(made), "CPU")([feed])

        yield row("onnxruntime", onnxruntime.__version__, "input", parameters, run)
        version = openvino.__version__.partition("-")[0]
        yield row("openvino", version, "input", parameters, vino)


def core_ml() -> Made:
    """Types of an MIL program."""
    version = coremltools.__version__

    def said(
        scenario: str, parameters: dict[str, Any], build: Any, *shapes: list[int]
    ) -> Row | None:
        def run() -> Any:
            specs = [Builder.TensorSpec(shape=tuple(shape)) for shape in shapes]
            if len(specs) == 1:
                return Builder.program(input_specs=specs)(lambda x: build(x))
            return Builder.program(input_specs=specs)(lambda x, y: build(x, y))

        return row("coreml", version, scenario, parameters, run)

    def weights(*shape: int) -> Any:
        return np.zeros(shape, "float32")

    for expected, got in ((3, 4), (3, 1), (64, 32)):
        shape = [1, got, *sizes(2)]
        yield said(
            "channels",
            {"expected": expected, "got": got},
            lambda x: Builder.conv(x=x, weight=weights(8, expected, 3, 3), name="conv_1"),
            shape,
        )
    for size, kernel in ((1, 2), (2, 5)):
        shape = [1, 8, size, size]
        parameters = {"kernel": kernel, "shape": shape}
        yield said(
            "window-pool",
            parameters,
            lambda x: Builder.max_pool(
                x=x, kernel_sizes=[kernel] * 2, pad_type="valid", name="pool_1"
            ),
            shape,
        )
        yield said(
            "window-conv",
            parameters,
            lambda x: Builder.conv(x=x, weight=weights(4, 8, kernel, kernel), name="conv_1"),
            shape,
        )
    for first, second in (([1, 64, 32, 32], [1, 64, 16, 16]), ([2, 8, 15, 20], [2, 8, 16, 20])):
        parameters = {"first": first, "second": second}
        yield said(
            "add", parameters, lambda x, y: Builder.add(x=x, y=y, name="add_1"), first, second
        )
        yield said(
            "concat",
            parameters,
            lambda x, y: Builder.concat(values=[x, y], axis=1, name="cat_1"),
            first,
            second,
        )
    for got, expected in ((4096, 1024), (400, 256)):
        parameters = {"got": got, "expected": expected}
        yield said(
            "linear",
            parameters,
            lambda x: Builder.linear(x=x, weight=weights(10, expected), name="linear_1"),
            [1, got],
        )
        yield said(
            "reshape",
            parameters,
            lambda x: Builder.reshape(x=x, shape=[1, expected], name="reshape_1"),
            [1, got],
        )


def rows() -> Made:
    for part in (layers, inputs, core_ml):
        yield from part()


if __name__ == "__main__":
    write(sys.argv[1], rows())
