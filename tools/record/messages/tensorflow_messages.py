"""What TensorFlow says of shapes that do not fit, executed, in a graph, and as TensorFlow 1.

    FOLDER/bin/pip install tensorflow-cpu==2.21.0   # or 2.15.1
    FOLDER/bin/python -m tools.record.messages.tensorflow_messages NAME

writes `tests/data/NAME.jsonl.gz` (see `tools/record/messages/message_rows.py`). In 2.15, the models
of TensorFlow 1 (`tf.compat.v1.keras`) still check their inputs, with the error messages of Keras
2.0 to 2.3.
"""

# ruff: noqa: B023 (each call runs before the loop goes on)
from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from typing import Any

from tools.record.messages.message_rows import Row, row, write

import numpy as np  # isort: skip
import tensorflow as tf  # isort: skip

RANDOM = random.Random(20261129)
Made = Iterator[Row | None]
MAPS = [
    ([1, 32, 32, 64], [1, 16, 16, 64]),
    ([2, 28, 28, 32], [2, 27, 27, 32]),
    ([4, 15, 20, 8], [4, 16, 20, 8]),
    ([3, 14, 14, 64], [3, 14, 14, 32]),
    ([2, 40, 8], [2, 39, 8]),
    ([1, 8, 9, 10, 4], [1, 8, 9, 11, 4]),
]
CHANNELS_FIRST = [([4, 32, 20, 24], [4, 64, 20, 23]), ([1, 64, 56, 56], [1, 64, 57, 57])]


def zeros(shape: list[int]) -> Any:
    return tf.constant(np.zeros(shape, "float32"))


def both(
    scenario: str, parameters: dict[str, Any], call: Callable[..., Any], *shapes: list[int]
) -> Made:
    """Execute the call, in a tf.function of open batch, and in a graph of TensorFlow 1."""
    version = tf.__version__

    def eager() -> Any:
        return call(*map(zeros, shapes))

    def traced(open_batch: bool = True) -> Any:
        specs = [
            tf.TensorSpec([None, *shape[1:]] if open_batch and i == 0 else shape, tf.float32)
            for i, shape in enumerate(shapes)
        ]
        return tf.function(call).get_concrete_function(*specs)

    def graph() -> Any:
        with tf.Graph().as_default():
            holders = [
                tf.compat.v1.placeholder(tf.float32, [None, *shape[1:]] if i == 0 else shape)
                for i, shape in enumerate(shapes)
            ]
            return call(*holders)

    def session() -> Any:
        """Sizes that are known when it runs only."""
        with tf.Graph().as_default(), tf.compat.v1.Session() as one:
            holders = [
                tf.compat.v1.placeholder(tf.float32, [None] * len(shape)) for shape in shapes
            ]
            values = [np.zeros(shape, "float32") for shape in shapes]
            return one.run(call(*holders), dict(zip(holders, values, strict=True)))

    for name, run in (("eager", eager), ("traced", traced), ("graph", graph), ("session", session)):
        yield row("tensorflow", version, f"{scenario}-{name}", parameters, run)


def sums() -> Made:
    for first, second in MAPS:
        parameters = {"first": first, "second": second}
        yield from both("add", parameters, lambda a, b: a + b, first, second)
        yield from both("multiply", parameters, lambda a, b: a * b, first, second)
        yield from both("add_n", parameters, lambda a, b: tf.add_n([a, b]), first, second)
    for first, second in MAPS + CHANNELS_FIRST:
        for axis in (1, len(first) - 1):
            parameters = {"first": first, "second": second, "axis": axis}
            yield from both(
                "concat", parameters, lambda a, b: tf.concat([a, b], axis), first, second
            )


def convolutions() -> Made:
    for ndim in (1, 2, 3):
        conv = {1: tf.nn.conv1d, 2: tf.nn.conv2d, 3: tf.nn.conv3d}[ndim]
        ones = {1: 1, 2: 1, 3: [1] * 5}[ndim]
        for expected, got in ((3, 4), (3, 1), (1, 3), (64, 32), (3, 6), (16, 24)):
            spatial = [RANDOM.randint(8, 30) for _ in range(ndim)]
            shape, filters = [2, *spatial, got], [3] * ndim + [expected, 8]
            parameters = {"shape": shape, "filters": filters}
            yield from both(
                "channels",
                parameters,
                lambda x, w: conv(x, w, ones, "SAME"),
                shape,
                filters,
            )
        for off in (-1, 1):
            shape = [RANDOM.randint(8, 30) for _ in range(ndim + 2 + off)]
            filters = [3] * ndim + [shape[-1], 8]
            parameters = {"shape": shape, "filters": filters, "ndim": ndim}
            yield from both(
                "conv-rank", parameters, lambda x, w: conv(x, w, ones, "SAME"), shape, filters
            )
            yield from both(
                "pool-rank",
                parameters,
                lambda x: (
                    tf.nn.max_pool(x, [2] * ndim, 2, "VALID")
                    if ndim != 2
                    else tf.nn.max_pool2d(x, 2, 2, "VALID")
                ),
                shape,
            )
            if ndim == 2:
                yield from both(
                    "pool-rank-avg",
                    parameters,
                    lambda x: tf.nn.avg_pool2d(x, 2, 2, "VALID"),
                    shape,
                )
    for shape in ([2, 3, 32, 32], [4, 1, 28, 20]):
        filters = [3, 3, shape[1], 8]
        parameters = {"shape": shape, "filters": filters}
        yield from both(
            "nchw-conv",
            parameters,
            lambda x, w: tf.nn.conv2d(x, w, 1, "SAME", data_format="NCHW"),
            shape,
            filters,
        )
        for name, pool in (("max", tf.nn.max_pool2d), ("avg", tf.nn.avg_pool2d)):
            yield from both(
                f"nchw-{name}",
                parameters,
                lambda x: pool(x, 2, 2, "VALID", data_format="NCHW"),
                shape,
            )

        def gradient(x: Any, w: Any) -> Any:
            return tf.raw_ops.Conv2DBackpropInput(
                input_sizes=[1, shape[1], 8, 8],
                filter=w,
                out_backprop=x,
                strides=[1, 1, 1, 1],
                padding="SAME",
                data_format="NCHW",
            )

        yield from both("nchw-gradient", parameters, gradient, [1, 8, 8, 8], filters)
    for size, kernel in ((1, 2), (2, 3), (4, 5)):
        for ndim in (1, 2, 3):
            shape = [2] + [size] * ndim + [8]
            filters = [kernel] * ndim + [8, 4]
            parameters = {"shape": shape, "kernel": kernel}
            conv = {1: tf.nn.conv1d, 2: tf.nn.conv2d, 3: tf.nn.conv3d}[ndim]
            ones = {1: 1, 2: 1, 3: [1] * 5}[ndim]
            yield from both(
                "window-conv", parameters, lambda x, w: conv(x, w, ones, "VALID"), shape, filters
            )


def flattened() -> Made:
    for shape, features in (
        ([4, 12, 12, 32], 6272),
        ([2, 6, 6, 64], 3136),
        ([50, 14, 14, 32], 4608),
        ([3, 5, 5, 16], 256),
        ([1, 100], 64),
    ):
        parameters = {"shape": shape, "features": features}
        yield from both("reshape", parameters, lambda x: tf.reshape(x, [-1, features]), shape)
        yield from both(
            "reshape-fixed", parameters, lambda x: tf.reshape(x, [shape[0], features]), shape
        )
        total = int(np.prod(shape[1:]))
        yield from both(
            "matmul",
            {"first": [shape[0], total], "second": [features, 10]},
            tf.matmul,
            [shape[0], total],
            [features, 10],
        )
    for logits, labels in (([36, 10], [4, 10]), ([200, 3], [50, 3]), ([784, 2], [16, 2])):
        parameters = {"logits": logits, "labels": labels}
        yield from both(
            "logits",
            parameters,
            lambda a, b: tf.nn.softmax_cross_entropy_with_logits(labels=b, logits=a),
            logits,
            labels,
        )

        def sparse(a: Any, b: Any) -> Any:
            return tf.nn.sparse_softmax_cross_entropy_with_logits(
                labels=tf.cast(b, tf.int32), logits=a
            )

        yield from both("sparse-logits", parameters, sparse, logits, labels[:1])
    for shape, labels in (([4, 14, 14, 10], [4]), ([2, 5, 5, 3], [2])):

        def sparse_map(a: Any, b: Any) -> Any:
            return tf.nn.sparse_softmax_cross_entropy_with_logits(
                labels=tf.cast(b, tf.int32), logits=a
            )

        yield from both(
            "sparse-logits-map", {"logits": shape, "labels": labels}, sparse_map, shape, labels
        )
    for shape, pad in (([1, 2, 9, 8], 3), ([2, 16, 3, 1], 4), ([1, 2, 2, 3], 2)):
        parameters = {"shape": shape, "pad": pad}
        pads = [[0, 0], [pad, pad], [pad, pad], [0, 0]]
        yield from both("reflect", parameters, lambda x: tf.pad(x, pads, "REFLECT"), shape)
        yield from both("symmetric", parameters, lambda x: tf.pad(x, pads, "SYMMETRIC"), shape)


def others() -> Made:
    """Yield messages that look alike, without any convolution or pooling layer."""
    for first, second in (([64, 10], [64, 5]), ([8, 128], [16, 128]), ([3, 7, 16], [3, 9, 16])):
        parameters = {"first": first, "second": second}
        yield from both("other-add", parameters, lambda a, b: a + b, first, second)

        def assign(a: Any, b: Any) -> Any:
            variable = tf.Variable(np.zeros(first, "float32"))
            return variable.assign(b + 0 * a[:0, :0].shape[0] if False else b)

        yield from both("other-assign", parameters, assign, first, second)
        yield from both(
            "other-concat", parameters, lambda a, b: tf.concat([a, b], -1), first, second
        )
        yield from both("other-stack", parameters, lambda a, b: tf.stack([a, b]), first, second)


def first_models() -> Made:
    """Models of TensorFlow 1, whose inputs and targets are checked before anything runs."""
    if not hasattr(tf.compat.v1, "keras") or tf.__version__ >= "2.16":
        return
    tf.compat.v1.disable_v2_behavior()
    keras = tf.compat.v1.keras
    layers = keras.layers
    for shape, got, target in (
        ([28, 28, 1], [4, 28, 28], [10]),
        ([28, 28, 1], [4, 28, 28, 3], [10]),
        ([32, 32, 3], [2, 32, 32, 1], [10]),
        ([64, 64, 3], [3, 48, 48, 3], [10]),
        ([224, 224, 3], [224, 224, 3], [10]),
        ([40, 8], [5, 40], [10]),
        ([16, 16, 16, 1], [2, 16, 16, 16], [10]),
        ([28, 28, 1], [4, 784], [10]),
        ([784], [4, 28, 28], [10]),
        ([28, 28, 1], [4, 28, 28, 1], [1]),
        ([28, 28, 1], [4, 28, 28, 1], []),
        ([28, 28, 1], [4, 28, 28, 1], [10, 10, 10]),
    ):
        for flat in (True, False):
            for fit in (True, False):
                keras.backend.clear_session()
                inside: list[Any] = []
                if len(shape) > 1:
                    ndim = len(shape) - 1
                    inside = [
                        getattr(layers, f"Conv{ndim}D")(4, 3, input_shape=shape),
                        getattr(layers, f"MaxPooling{ndim}D")(2),
                        *([layers.Flatten()] if flat else []),
                        layers.Dense(10),
                    ]
                else:
                    inside = [layers.Dense(10, input_shape=shape)]

                def run() -> Any:
                    model = keras.Sequential(inside)
                    model.compile("sgd", "mse")
                    x, y = np.zeros(got, "float32"), np.zeros([got[0], *target], "float32")
                    return model.fit(x, y, verbose=0) if fit else model.predict(x)

                parameters = {"shape": shape, "got": got, "target": target, "flat": flat}
                scenario = f"first-{'fit' if fit else 'predict'}"
                yield row("keras", f"tf.compat.v1 {tf.__version__}", scenario, parameters, run)


def classes() -> Made:
    """As many labels as no output has, and labels that are the number of no class."""
    for outputs, labels in ((5, 4), (10, 12), (3, 7)):
        parameters = {"outputs": outputs, "labels": labels}

        def dense(a: Any, b: Any) -> Any:
            return tf.nn.softmax_cross_entropy_with_logits(labels=b, logits=a)

        def sigmoid(a: Any, b: Any) -> Any:
            return tf.nn.sigmoid_cross_entropy_with_logits(labels=b, logits=a)

        yield from both("classes", parameters, dense, [4, outputs], [4, labels])
        yield from both("classes-sigmoid", parameters, sigmoid, [4, outputs], [4, labels])
        for label in (outputs, -1, 255):

            def sparse(a: Any) -> Any:
                return tf.nn.sparse_softmax_cross_entropy_with_logits(
                    labels=tf.fill([tf.shape(a)[0]], label), logits=a
                )

            yield from both("label", {"outputs": outputs, "label": label}, sparse, [4, outputs])


def norms() -> Made:
    """Another number of axes than a fused normalisation takes."""
    for shape in ([4, 64], [2, 30, 16], [1, 8, 9, 9, 32], [1, 2, 8, 9, 9, 8]):
        channels = shape[-1]

        def norm(x: Any) -> Any:
            ones, none = tf.ones([channels]), tf.zeros([0])
            return tf.raw_ops.FusedBatchNormV3(
                x=x, scale=ones, offset=ones, mean=none, variance=none
            )

        yield from both("norm-rank", {"shape": shape, "ndim": 2}, norm, shape)


def fed() -> Made:
    """Arrays of another shape than that of a placeholder."""
    for expected, got in (
        ([None, 28, 28, 1], [5, 28, 28, 3]),
        ([None, 32, 32, 3], [2, 32, 32, 4]),
        ([None, 64, 64, 3], [2, 64, 48, 3]),
        ([None, 28, 28, 3], [5, 3, 28, 28]),
        ([64, 28, 28, 1], [32, 28, 28, 1]),
        ([None, 224, 224, 3], [224, 224, 3]),
        ([None, 28, 28, 1], [5, 28, 28]),
        ([None, 28, 28, 1], [5, 784]),
        ([None, 784], [5, 28, 28, 1]),
        ([None, 32, 32, 3], [0]),
    ):

        def run() -> Any:
            with tf.Graph().as_default(), tf.compat.v1.Session() as session:
                images = tf.compat.v1.placeholder(tf.float32, expected, "images")
                return session.run(images + 1, {images: np.zeros(got)})

        parameters = {"expected": expected, "got": got}
        yield row("tensorflow", tf.__version__, "fed", parameters, run)


def rows() -> Made:
    for part in (sums, convolutions, flattened, others, classes, norms, fed, first_models):
        yield from part()


if __name__ == "__main__":
    write(sys.argv[1], rows())
