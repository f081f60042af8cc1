"""Source code of small random models of Keras; see `random_torch`."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from tools.record.networks.random_torch import MISTAKES, RandomModel, Shape, after


@dataclass
class _Model:
    """A functional model while it is written; `shape` is (height, width, channels)."""

    chance: random.Random
    shape: Shape
    can_err: bool
    run: list[str] = field(default_factory=list)

    def sides(self, kernel: int, stride: int, is_same: bool) -> tuple[int, int]:
        height, width = self.shape[:2]
        if is_same:
            return -(-height // stride), -(-width // stride)
        return after(height, kernel, stride, 0), after(width, kernel, stride, 0)


def _conv(net: _Model) -> None:
    kernel, stride = net.chance.choice((1, 3, 5)), net.chance.choice((1, 1, 2))
    out, is_same = net.chance.choice((4, 6, 8)), net.chance.random() < 0.5
    code = f"layers.Conv2D({out}, {kernel}"
    code += f", strides={stride}" if stride > 1 else ""
    code += ', padding="same"' if is_same else ""
    net.run.append(f'x = {code}, activation="relu")(x)')
    net.shape = (*net.sides(kernel, stride, is_same), out)


def _pool(net: _Model) -> None:
    kernel, kind = net.chance.choice((2, 2, 3)), net.chance.choice(("Max", "Average"))
    stride, is_same = net.chance.choice((None, None, 1, 2)), net.chance.random() < 0.3
    code = f"layers.{kind}Pooling2D({kernel}"
    code += "" if stride is None else f", strides={stride}"
    code += ', padding="same"' if is_same else ""
    net.run.append(f"x = {code})(x)")
    net.shape = (*net.sides(kernel, stride or kernel, is_same), net.shape[2])


def _same(net: _Model) -> None:
    code = net.chance.choice(
        ("layers.BatchNormalization()", "layers.ReLU()", "layers.Dropout(0.5)")
    )
    net.run.append(f"x = {code}(x)")


def _residual(net: _Model) -> None:
    stride = 2 if net.can_err and net.chance.random() < 0.3 else 1
    net.run.append(f'y = layers.Conv2D({net.shape[2]}, 3, strides={stride}, padding="same")(x)')
    net.run.append(
        net.chance.choice(("x = layers.Add()([x, y])", "x = x + y", "x = layers.add([x, y])"))
    )


def _branches(net: _Model) -> None:
    out = net.chance.choice((2, 4))
    padding = "valid" if net.can_err and net.chance.random() < 0.4 else "same"
    net.run += [
        f"a = layers.Conv2D({out}, 1)(x)",
        f'b = layers.Conv2D({out}, 3, padding="{padding}")(x)',
        net.chance.choice(("x = layers.Concatenate()([a, b])", "x = layers.concatenate([a, b])")),
    ]
    net.shape = (*net.shape[:2], 2 * out)


def _pad(net: _Model) -> None:
    before, after = net.chance.choice(((1, 1), (0, 1)))
    net.run.append(f"x = layers.ZeroPadding2D((({before}, {after}), ({before}, {after})))(x)")
    height, width, channels = net.shape
    net.shape = (height + before + after, width + before + after, channels)


def _up(net: _Model) -> None:
    if net.chance.random() < 0.5:
        net.run.append("x = layers.UpSampling2D(2)(x)")
    else:
        net.run.append(f"x = layers.Conv2DTranspose({net.shape[2]}, 2, strides=2)(x)")
    net.shape = (2 * net.shape[0], 2 * net.shape[1], net.shape[2])


_STEPS: tuple[tuple[Callable[[_Model], None], int], ...] = (
    (_conv, 6),
    (_pool, 6),
    (_same, 2),
    (_residual, 2),
    (_branches, 2),
    (_pad, 1),
    (_up, 1),
)


def keras(seed: int) -> RandomModel:
    """Return a model of Keras, called `model`: functional, `Sequential` or a class."""
    chance = random.Random(seed)
    side = chance.choice((8, 12, 16, 20, 28, 32))
    shape = (side, side + chance.choice((0, 0, 3)), chance.choice((1, 3)))
    net = _Model(chance, shape, chance.random() < MISTAKES)
    write = chance.choice((_functional, _functional, _functional, _sequential, _subclass))
    one_path = (_conv, _pool, _same, _pad, _up)
    known = [each for each in _STEPS if write is _functional or each[0] in one_path]
    steps, weights = zip(*known, strict=True)
    for step in chance.choices(steps, weights, k=chance.randint(2, 7)):
        if min(net.shape[:2]) < 1:
            break
        step(net)
    if chance.random() < 0.8:
        kind = chance.choice(("Flatten", "Flatten", "GlobalAveragePooling2D"))
        net.run.append(f"x = layers.{kind}()(x)")
        if net.can_err and chance.random() < 0.2:
            net.run.append("x = layers.Reshape((7, 7))(x)")
        else:
            net.run.append('x = layers.Dense(16, activation="relu")(x)')
    has_heads = write is _functional and chance.random() < 0.3
    body = write(net.run, shape, has_heads)
    text = "\n".join(("import keras", "from keras import layers", "", *body, ""))
    return RandomModel(seed, "keras", text, shape)


def _functional(run: list[str], shape: Shape, has_heads: bool) -> list[str]:
    heads = ["one = layers.Dense(3)(x)", "two = layers.Dense(1)(x)"] if has_heads else []
    outputs = "[one, two]" if has_heads else "x"
    start = [f"inputs = keras.Input(shape={shape})", "x = inputs"]
    return [*start, *run, *heads, f"model = keras.Model(inputs, {outputs})"]


def _layers(run: list[str]) -> list[str]:
    return [line.removeprefix("x = ").removesuffix("(x)") for line in run]


def _sequential(run: list[str], shape: Shape, has_heads: bool) -> list[str]:
    listed = [f"    {each}," for each in _layers(run)]
    return ["model = keras.Sequential([", f"    keras.Input(shape={shape}),", *listed, "])"]


def _subclass(run: list[str], shape: Shape, has_heads: bool) -> list[str]:
    return [
        "class Net(keras.Model):",
        "    def __init__(self):",
        "        super().__init__()",
        *(f"        self.layer{i} = {each}" for i, each in enumerate(_layers(run))),
        "",
        "    def call(self, x):",
        *(f"        x = self.layer{i}(x)" for i, _ in enumerate(run)),
        "        return x",
        "",
        "",
        "model = Net()",
    ]
