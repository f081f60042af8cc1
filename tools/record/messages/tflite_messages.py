"""What the interpreter of TensorFlow Lite says of inputs that do not fit.

    FOLDER/bin/pip install tensorflow-cpu==2.15.1
    FOLDER/bin/python -m tools.record.messages.tflite_messages NAME

writes `tests/data/NAME.jsonl.gz` (see `tools/record/messages/message_rows.py`).
"""

# ruff: noqa: B023 (each call runs before the loop goes on)
from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

from tools.record.messages.message_rows import Row, row, write

import numpy as np  # isort: skip
import tensorflow as tf  # isort: skip

layers = tf.keras.layers
Made = Iterator[Row | None]


def interpreter(call: Callable[..., Any], *shapes: list[int]) -> Any:
    """Convert a function of tensors, whose shapes are fixed."""
    specs = [tf.TensorSpec(shape, tf.float32) for shape in shapes]
    function = tf.function(call).get_concrete_function(*specs)
    content = tf.lite.TFLiteConverter.from_concrete_functions([function], function).convert()
    return tf.lite.Interpreter(model_content=content, experimental_op_resolver_type=PLAIN)


PLAIN = tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES


def said(
    scenario: str, call: Callable[..., Any], shapes: list[list[int]], others: list[list[int]]
) -> Made:
    """Resize the inputs and allocate; set tensors without resizing."""
    parameters = {"shapes": shapes, "others": others}

    def resized() -> Any:
        one = interpreter(call, *shapes)
        for detail, other in zip(one.get_input_details(), others, strict=True):
            one.resize_tensor_input(detail["index"], other)
        one.allocate_tensors()
        for detail, other in zip(one.get_input_details(), others, strict=True):
            one.set_tensor(detail["index"], np.zeros(other, "float32"))
        return one.invoke()

    def given() -> Any:
        one = interpreter(call, *shapes)
        one.allocate_tensors()
        for detail, other in zip(one.get_input_details(), others, strict=True):
            one.set_tensor(detail["index"], np.zeros(other, "float32"))
        return one.invoke()

    yield row("tflite", tf.__version__, f"{scenario}-resized", parameters, resized)
    yield row("tflite", tf.__version__, f"{scenario}-given", parameters, given)


def zeros(*shape: int) -> Any:
    return tf.constant(np.random.default_rng(0).normal(size=shape).astype("float32"))


def rows() -> Made:
    for shape, other in (
        ([1, 32, 32, 3], [1, 32, 32, 4]),
        ([1, 28, 28, 1], [1, 28, 28, 3]),
        ([1, 224, 224, 3], [1, 3, 224, 224]),
        ([1, 224, 224, 3], [1]),
        ([1, 28, 28, 1], [28, 28]),
        ([1, 64, 64, 3], [64, 64, 3]),
        ([1, 64, 64, 3], [1, 48, 64, 3]),
    ):
        filters = zeros(3, 3, shape[-1], 8)
        yield from said("conv", lambda x: tf.nn.conv2d(x, filters, 1, "SAME"), [shape], [other])
        yield from said("pool", lambda x: tf.nn.max_pool2d(x, 2, 2, "VALID"), [shape], [other])
    for shape, other in (([1, 16, 16, 8], [1, 1, 1, 8]), ([1, 9, 9, 4], [1, 2, 9, 4])):
        yield from said("window", lambda x: tf.nn.max_pool2d(x, 3, 3, "VALID"), [shape], [other])
    for shape, other in (([1, 8, 8, 16], [1, 10, 10, 16]), ([1, 7, 7, 64], [1, 6, 7, 64])):
        features = int(np.prod(shape[1:]))
        weights = zeros(features, 10)
        yield from said("reshape", lambda x: tf.reshape(x, [1, features]), [shape], [other])
        yield from said(
            "dense", lambda x: tf.matmul(tf.reshape(x, [1, -1]), weights), [shape], [other]
        )
        flat = [[1, features]]
        yield from said("dense-flat", lambda x: tf.matmul(x, weights), flat, [[1, 100]])
    for first, second in (
        ([1, 40, 40, 24], [1, 39, 39, 24]),
        ([1, 15, 20, 8], [1, 16, 20, 8]),
    ):
        equal = [first, first]
        yield from said("add", lambda a, b: a + b, equal, [first, second])
        yield from said("concat", lambda a, b: tf.concat([a, b], -1), equal, [first, second])
    yield from said(
        "reflect",
        lambda x: tf.pad(x, [[0, 0], [3, 3], [3, 3], [0, 0]], "REFLECT"),
        [[1, 9, 9, 4]],
        [[1, 2, 9, 4]],
    )


if __name__ == "__main__":
    write(sys.argv[1], rows())
