"""Models of Keras as people write them, with inputs that run and inputs that fail."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops


def mnist() -> Any:
    return keras.Sequential(
        [
            layers.Conv2D(32, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )


def cifar() -> Any:
    model = keras.Sequential()
    for filters in (32, 64, 128):
        model.add(layers.Conv2D(filters, 3, padding="same", use_bias=False))
        model.add(layers.BatchNormalization())
        model.add(layers.Activation("relu"))
        model.add(layers.MaxPooling2D(2))
    model.add(layers.GlobalAveragePooling2D())
    model.add(layers.Dense(10))
    return model


def channels_first() -> Any:
    return keras.Sequential(
        [
            layers.Conv2D(8, 5, strides=2, data_format="channels_first"),
            layers.BatchNormalization(axis=1),
            layers.AveragePooling2D(3, padding="same", data_format="channels_first"),
            layers.ZeroPadding2D(((1, 0), (2, 1)), data_format="channels_first"),
            layers.Cropping2D(1, data_format="channels_first"),
            layers.Flatten(data_format="channels_first"),
        ]
    )


def audio() -> Any:
    return keras.Sequential(
        [
            layers.Conv1D(16, 9, strides=4, activation="relu"),
            layers.MaxPooling1D(4),
            layers.SeparableConv1D(32, 3),
            layers.AveragePooling1D(2),
            layers.Conv1D(32, 3, padding="causal", dilation_rate=2),
            layers.GlobalMaxPooling1D(),
            layers.Dense(3),
        ]
    )


def volume() -> Any:
    return keras.Sequential(
        [
            layers.Conv3D(8, 3, activation="relu"),
            layers.MaxPooling3D((1, 2, 2)),
            layers.Conv3DTranspose(4, 2, strides=2),
            layers.UpSampling3D(2),
            layers.GlobalAveragePooling3D(),
        ]
    )


def mobile() -> Any:
    return keras.Sequential(
        [
            layers.Rescaling(1 / 255),
            layers.SeparableConv2D(16, 3, strides=2, padding="same"),
            layers.DepthwiseConv2D(3, depth_multiplier=2),
            layers.LayerNormalization(),
            layers.PReLU(shared_axes=[1, 2]),
            layers.SpatialDropout2D(0.1),
            layers.MaxPool2D(3, 2),
            layers.GlobalMaxPooling2D(keepdims=True),
            layers.Permute((3, 1, 2)),
            layers.Reshape((4, -1)),
        ]
    )


def unet(shape: tuple[int | None, ...] = (None, None, 3)) -> Any:
    inputs = keras.Input(shape)
    x, skips = inputs, []
    for filters in (8, 16, 32):
        x = layers.Conv2D(filters, 3, activation="relu", padding="same")(x)
        skips.append(x)
        x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(64, 3, padding="same")(x)
    for filters, skip in zip((32, 16, 8), reversed(skips), strict=True):
        x = layers.Conv2DTranspose(filters, 2, strides=2, padding="same")(x)
        x = layers.concatenate([x, skip])
        x = layers.Conv2D(filters, 3, padding="same")(x)
    return keras.Model(inputs, layers.Conv2D(1, 1)(x))


def resnet(shape: tuple[int | None, ...] = (None, None, 3)) -> Any:
    inputs = keras.Input(shape)
    x = layers.Conv2D(16, 7, 2, "same")(inputs)
    x = layers.MaxPooling2D(3, 2, "same")(x)
    for filters, stride in ((16, 1), (32, 2)):
        y = layers.Conv2D(filters, 3, stride, "same")(x)
        y = layers.Conv2D(filters, 3, padding="same")(y)
        if stride > 1:
            x = layers.Conv2D(filters, 1, stride)(x)
        x = layers.ReLU()(layers.add([x, y]))
    x = layers.AveragePooling2D(4)(x)
    return keras.Model(inputs, layers.Dense(10)(layers.GlobalAveragePooling2D()(x)))


def gate() -> Any:
    inputs = keras.Input((12, 9, 8))
    x = layers.GlobalAveragePooling2D()(inputs)
    x = layers.Dense(8, "sigmoid")(layers.Dense(2, "relu")(x))
    x = layers.Multiply()([inputs, layers.Reshape((1, 1, 8))(x)])
    return keras.Model(inputs, [x, inputs * 2])


def nested() -> Any:
    inner = mnist()
    inputs = keras.Input((28, 28, 1))
    x = layers.ZeroPadding2D(1)(inputs)
    return keras.Model(inputs, layers.Dense(2)(inner(x)))


def with_ops() -> Any:
    inputs = keras.Input((16, 16, 3))
    x = ops.relu(layers.Conv2D(4, 3)(inputs))
    x = ops.max_pool(x, 2)
    x = ops.concatenate([x, x + 1.0], axis=-1)
    x = ops.mean(x, axis=[1, 2])
    return keras.Model(inputs, ops.reshape(x, (-1, 8)))


class Block(layers.Layer):
    def __init__(self, filters: int) -> None:
        super().__init__()
        self.conv = layers.Conv2D(filters, 3, padding="same")
        self.norm = layers.BatchNormalization()

    def call(self, x: Any, training: bool = False) -> Any:
        return x + ops.relu(self.norm(self.conv(x), training=training))


class Subclassed(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.stem = layers.Conv2D(8, 3)
        self.blocks = [Block(8) for _ in range(2)]
        self.pool = layers.MaxPooling2D(3)
        self.flatten = layers.Flatten()
        self.dense = layers.Dense(4)
        self.calls = 0

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        self.calls += 1
        x = self.stem(inputs)
        for block in self.blocks:
            x = block(x)
        x = self.pool(x)
        skip = layers.Concatenate()([x, x])
        return self.dense(self.flatten(skip))


GRAPHS = ("U-Net", "ResNet")  # built for any size; for a fixed size they fail while they are built

# Name → constructor and inputs.
MODELS: dict[str, tuple[Any, list[tuple[int, ...]]]] = {
    "mnist": (mnist, [(28, 28, 1), (1, 28, 28), (10, 10, 1), (9, 28, 1), (2, 2, 3)]),
    "cifar": (cifar, [(32, 32, 3), (7, 32, 3), (3, 32, 32), (8, 8, 1)]),
    "channels first": (channels_first, [(3, 32, 32), (32, 32, 3), (1, 4, 9)]),
    "audio": (audio, [(400, 2), (100, 2), (50, 1), (8, 1)]),
    "volume": (volume, [(8, 16, 16, 1), (2, 16, 16, 1), (3, 3, 3, 2)]),
    "mobile": (mobile, [(32, 32, 3), (11, 11, 2), (8, 8, 3), (4, 64, 3)]),
    "U-Net": (unet, [(64, 64, 3), (60, 64, 3), (4, 4, 3)]),
    "ResNet": (resnet, [(64, 64, 3), (33, 50, 3), (20, 20, 3)]),
    "gate": (gate, [(12, 9, 8)]),
    "nested": (nested, [(28, 28, 1)]),
    "ops": (with_ops, [(16, 16, 3)]),
    "subclassed": (Subclassed, [(20, 20, 3), (5, 20, 1), (4, 20, 1), (2, 2, 1)]),
}
