"""What Keras says of shapes that do not fit: ranks, channels, sums, losses, an open Flatten.

    FOLDER/bin/pip install tensorflow-cpu==2.21.0 keras==3.15.1   # or tensorflow-cpu==2.15.1
    FOLDER/bin/python -m tools.record.messages.keras_messages NAME

writes `tests/data/NAME.jsonl.gz` (see `tools/record/messages/message_rows.py`).
"""

# ruff: noqa: B023 (each call runs before the loop goes on)
from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from tools.record.messages.message_rows import Row, row, write

import keras  # isort: skip
import numpy as np  # isort: skip

layers = keras.layers
K3 = keras.__version__ >= "3"
RANDOM = random.Random(20261129)
OPEN = None
Made = Iterator[Row | None]


def said(scenario: str, parameters: dict[str, Any], call: Callable[[], Any]) -> Row | None:
    keras.backend.clear_session()
    return row("keras", keras.__version__, scenario, parameters, call)


def sizes(ndim: int, least: int = 5, most: int = 40) -> list[int]:
    return [RANDOM.randint(least, most) for _ in range(ndim)]


def on(layer: Any, shape: list[int], **options: Any) -> Any:
    """Call the layer on a symbolic input without its batch axis."""
    return layer(keras.Input(shape, **options))


def zeros(shape: list[int]) -> Any:
    return np.zeros(shape, "float32")


LAYERS: dict[str, Callable[[int], Any]] = {
    "conv": lambda ndim: getattr(layers, f"Conv{ndim}D")(4, 3),
    "max": lambda ndim: getattr(layers, f"MaxPooling{ndim}D")(2),
    "avg": lambda ndim: getattr(layers, f"AveragePooling{ndim}D")(2),
    "global": lambda ndim: getattr(layers, f"GlobalAveragePooling{ndim}D")(),
    "transpose": lambda ndim: getattr(layers, f"Conv{ndim}DTranspose")(4, 3),
    "pad": lambda ndim: getattr(layers, f"ZeroPadding{ndim}D")(1),
    "up": lambda ndim: getattr(layers, f"UpSampling{ndim}D")(2),
    "separable": lambda ndim: getattr(layers, f"SeparableConv{min(ndim, 2)}D")(4, 3),
}


def ranks() -> Made:
    """A batch or channel axis is missing, or one too many; symbolic, eager, in a model."""
    for name, make in LAYERS.items():
        for ndim in (1, 2, 3):
            for off in (-1, 1):
                shape = sizes(ndim + 1 + off)
                parameters = {"op": name, "ndim": ndim, "shape": shape}
                yield said("rank-symbolic", parameters, lambda: on(make(ndim), shape))
                eager = sizes(ndim + 2 + off)
                parameters = {"op": name, "ndim": ndim, "shape": eager}
                yield said("rank-eager", parameters, lambda: make(ndim)(zeros(eager)))
    for ndim in (1, 2, 3):
        for off in (-1, 1):
            shape = sizes(ndim + 2 + off)
            parameters = {"op": "conv", "ndim": ndim, "shape": shape}

            def sequential() -> Any:
                model = keras.Sequential([LAYERS["conv"](ndim)])
                return model(zeros(shape))

            yield said("rank-sequential", parameters, sequential)


def small_model(shape: list[int], *, functional: bool = False) -> Any:
    ndim = len(shape) - 1
    body = [LAYERS["conv"](ndim), LAYERS["max"](ndim), layers.Flatten(), layers.Dense(10)]
    if not functional:
        return keras.Sequential([keras.Input(shape), *body])
    start = end = keras.Input(shape)
    for layer in body:
        end = layer(end)
    return keras.Model(start, end)


def other_inputs() -> Made:
    """A model gets another size, another number of channels, or another rank."""
    for functional in (False, True):
        for shape, other in (
            ([64, 64, 3], [48, 48, 3]),
            ([28, 28, 1], [28, 28]),
            ([28, 28, 1], [28, 28, 3]),
            ([32, 32, 3], [32, 32, 4]),
            ([96, 80, 3], [80, 96, 3]),
            ([40, 8], [30, 8]),
            ([16, 16, 16, 1], [16, 16, 20, 1]),
            ([784], [28, 28]),
            ([28, 28], [784]),
        ):
            batch = RANDOM.choice([1, 2, 7])
            got = [batch, *other]
            parameters = {"expected": shape, "got": got, "functional": functional}

            def build() -> Any:
                if len(shape) > 1:
                    return small_model(shape, functional=functional)
                flat = keras.Input(shape)
                return keras.Model(flat, layers.Dense(3)(flat))

            yield said("model-call", parameters, lambda: build()(zeros(got)))
            yield said("model-predict", parameters, lambda: build().predict(zeros(got), verbose=0))

            def fit() -> Any:
                model = build()
                model.compile("sgd", "mse")
                last = model.output_shape[1:]
                return model.fit(zeros(got), zeros([batch, *last]), verbose=0)

            yield said("model-fit", parameters, fit)
        single = [28, 28, 1]
        parameters = {"expected": single, "got": single, "functional": functional}
        model = partial(small_model, single, functional=functional)
        yield said("model-without-batch", parameters, lambda: model()(zeros(single)))
        yield said(
            "model-without-batch-predict",
            parameters,
            lambda: model().predict(zeros(single), verbose=0),
        )


def channels() -> Made:
    """A built layer gets another number of channels or features."""
    for op in ("conv", "transpose", "separable"):
        for ndim in (1, 2, 3):
            for expected, got in ((3, 4), (3, 1), (1, 3), (64, 32), (16, 24)):
                built, given = sizes(ndim), sizes(ndim)
                parameters = {"op": op, "expected": expected, "got": got, "spatial": given}

                def call(eager: bool) -> Any:
                    layer = LAYERS[op](ndim)
                    layer.build((None, *built, expected))
                    if eager:
                        return layer(zeros([2, *given, got]))
                    return on(layer, [*given, got])

                yield said("channels-symbolic", parameters, lambda: call(False))
                yield said("channels-eager", parameters, lambda: call(True))
    for expected, got in ((2304, 3136), (400, 256), (25088, 512), (1024, 4096)):

        def dense() -> Any:
            layer = layers.Dense(10)
            layer.build((None, expected))
            return on(layer, [got])

        yield said("features", {"expected": expected, "got": got}, dense)
    for got in (1, 2, 4):
        shape = [64, 64, got]
        applications = keras.applications
        yield said(
            "application-channels",
            {"shape": shape},
            lambda: applications.VGG16(weights="imagenet", include_top=False, input_shape=shape),
        )
    for name, size in (("VGG16", 20), ("InceptionV3", 60), ("ResNet50", 28), ("Xception", 64)):
        shape = [size, size, 3]
        yield said(
            "application-minimum",
            {"model": name, "shape": shape},
            lambda: getattr(keras.applications, name)(
                weights=None, include_top=False, input_shape=shape
            ),
        )
        yield said(
            "application-top",
            {"model": name, "shape": [128, 128, 3]},
            lambda: getattr(keras.applications, name)(input_shape=(128, 128, 3)),
        )


MERGES = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")


def merges() -> Made:
    """Maps of different sizes are added or joined."""
    pairs = [
        ([32, 32, 64], [16, 16, 64]),
        ([28, 28, 32], [27, 27, 32]),
        ([15, 20, 8], [16, 20, 8]),
        ([14, 14, 64], [14, 14, 32]),
        ([40, 8], [39, 8]),
        ([8, 9, 10, 4], [8, 9, 11, 4]),
    ]
    for first, second in pairs:
        parameters = {"first": first, "second": second}
        for name in (*MERGES, "Concatenate"):
            asked = {**parameters, "layer": name}

            def symbolic() -> Any:
                return getattr(layers, name)()([keras.Input(first), keras.Input(second)])

            def eager() -> Any:
                return getattr(layers, name)()([zeros([2, *first]), zeros([2, *second])])

            yield said("merge-symbolic", asked, symbolic)
            yield said("merge-eager", asked, eager)
        yield said("plus-symbolic", parameters, lambda: keras.Input(first) + keras.Input(second))


def losses() -> Made:
    """Labels that do not fit, mostly because the last Dense has no Flatten before it."""
    for shape, labels, loss in (
        ([14, 14, 10], [], "sparse_categorical_crossentropy"),
        ([14, 14, 10], [10], "categorical_crossentropy"),
        ([5, 5, 3], [3], "categorical_crossentropy"),
        ([7, 9, 1], [1], "binary_crossentropy"),
        ([10], [], "categorical_crossentropy"),
        ([10], [1], "categorical_crossentropy"),
        ([28, 28, 1], [32, 32, 1], "mse"),
        ([24, 28, 1], [28, 28, 1], "binary_crossentropy"),
        ([6, 10], [10], "categorical_crossentropy"),
    ):

        def fit() -> Any:
            model = keras.Sequential([keras.Input(shape), layers.Activation("sigmoid")])
            model.compile("sgd", loss)
            return model.fit(zeros([4, *shape]), zeros([4, *labels]), verbose=0)

        yield said("loss", {"output": shape, "target": labels, "loss": loss}, fit)
    for factor, features in ((4, 10), (49, 3)):

        def reshaped() -> Any:
            """A Reshape takes numbers of one image for several."""
            x = keras.Input((factor * features,))
            y = layers.Lambda(
                lambda t: keras.ops.reshape(t, (-1, features)) if K3 else t,
                output_shape=(features,),
            )(x)
            model = keras.Model(x, y)
            model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
            return model.fit(
                zeros([8, factor * features]), np.zeros(8, "int32"), batch_size=8, verbose=0
            )

        yield said("loss-batch", {"factor": factor, "features": features}, reshaped)


def open_shapes() -> Made:
    """Flatten of a map whose size is open, and reshapes whose numbers do not fit."""
    for ndim in (1, 2, 3):
        shape = [OPEN] * ndim + [RANDOM.choice([16, 64])]

        def flatten() -> Any:
            return layers.Dense(10)(on(layers.Flatten(), shape))

        yield said("open-flatten", {"shape": shape}, flatten)
    for shape, target in (
        ([6, 6, 64], [7, 7, 64]),
        ([6, 6, 64], [3136]),
        ([1600], [7, 7, 64]),
        ([12, 8], [10, 10]),
        ([6, 6, 60], [-1, 64]),
    ):
        parameters = {"shape": shape, "target": target}
        yield said("reshape", parameters, lambda: on(layers.Reshape(target), shape))
        yield said("reshape-eager", parameters, lambda: layers.Reshape(target)(zeros([2, *shape])))
    for size, cropping in ((4, 2), (3, 5), (6, 3)):
        shape = [size, size, 3]
        parameters = {"shape": shape, "cropping": cropping}
        yield said("crop", parameters, lambda: on(layers.Cropping2D(cropping), shape))


def small_maps() -> Made:
    """A window that does not fit, in a model that names its layers, and when it is executed."""
    for ndim in (1, 2, 3):
        for op in ("max", "avg", "conv"):
            shape = [*sizes(ndim, 1, 2), 8]
            kernel = RANDOM.choice([3, 4])
            make = {"max": "MaxPooling", "avg": "AveragePooling", "conv": "Conv"}[op]
            layer = getattr(layers, f"{make}{ndim}D")
            given = (8, kernel) if op == "conv" else (kernel,)
            parameters = {"op": op, "kernel": kernel, "shape": shape}
            yield said("window-symbolic", parameters, lambda: on(layer(*given), shape))
            yield said("window-eager", parameters, lambda: layer(*given)(zeros([2, *shape])))
    for op in ("conv",):
        for strides, dilation in ((2, 2), ((2, 1), 3)):
            parameters = {"op": op, "strides": strides, "dilation": dilation}
            yield said(
                "strides-and-dilation",
                parameters,
                lambda: on(
                    layers.Conv2D(4, 3, strides=strides, dilation_rate=dilation), [20, 20, 3]
                ),
            )
            yield said(
                "strides-and-dilation-eager",
                parameters,
                lambda: layers.Conv2D(4, 3, strides=strides, dilation_rate=dilation)(
                    zeros([1, 20, 20, 3])
                ),
            )
    for op in ("max", "avg", "conv"):
        for shape in ([3, 32, 32], [1, 28, 20]):
            make = {"max": "MaxPooling2D", "avg": "AveragePooling2D", "conv": "Conv2D"}[op]
            given = (4, 3) if op == "conv" else (2,)
            layer = partial(getattr(layers, make), *given, data_format="channels_first")
            parameters = {"op": op, "shape": shape}
            yield said("channels-first", parameters, lambda: layer()(zeros([2, *shape])))

            def fit() -> Any:
                model = keras.Sequential([keras.Input(shape), layer(), layers.Flatten()])
                model.compile("sgd", "mse")
                return model.predict(zeros([2, *shape]), verbose=0)

            yield said("channels-first-fit", parameters, fit)


CLASSES = ((5, 4), (10, 12), (3, 7))
CLASS_LOSSES = ("categorical_crossentropy", "binary_crossentropy", "mse")


def classes() -> Made:
    """As many labels as no output has, and labels that are the number of no class."""
    for outputs, labels in CLASSES:

        def fit(target: Any, loss: str) -> Any:
            model = keras.Sequential([keras.Input([8]), layers.Dense(outputs, "softmax")])
            model.compile("sgd", loss)
            return model.fit(zeros([4, 8]), target, verbose=0)

        for loss in CLASS_LOSSES:
            parameters = {"outputs": outputs, "labels": labels, "loss": loss}
            yield said("classes", parameters, lambda: fit(zeros([4, labels]), loss))
        for label in (outputs, -1, 255):
            target = np.full(4, label, "int32")
            parameters = {"outputs": outputs, "label": label}
            loss = "sparse_categorical_crossentropy"
            yield said("label", parameters, lambda: fit(target, loss))


def open_channels() -> Made:
    """Convolutions of a map whose channels are open. Keras 3 fails in words of Python there."""
    for name in ("Conv2D", "Conv2DTranspose", "SeparableConv2D"):
        for shape in ([OPEN, OPEN, OPEN], [24, 32, OPEN]):
            layer = getattr(layers, name)(4, 3)
            yield said("open-channels", {"shape": shape, "layer": name}, lambda: on(layer, shape))


PARTS = (
    *(ranks, other_inputs, channels, merges, losses, open_shapes, small_maps, classes),
    open_channels,
)


def rows() -> Made:
    for part in PARTS:
        yield from part()


if __name__ == "__main__":
    write(sys.argv[1], rows())
