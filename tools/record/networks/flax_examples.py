"""Models of Flax (linen) as people write them, with inputs that run and inputs that fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import jax.numpy as jnp
from flax import linen as nn

WIDTH = 64


class CNN(nn.Module):
    """The model of Flax's MNIST example."""

    classes: int = 10

    @nn.compact
    def __call__(self, x: Any) -> Any:
        x = nn.Conv(features=32, kernel_size=(3, 3))(x)
        x = nn.relu(x)
        x = nn.avg_pool(x, window_shape=(2, 2), strides=(2, 2))
        x = nn.Conv(features=64, kernel_size=(3, 3))(x)
        x = nn.relu(x)
        x = nn.avg_pool(x, window_shape=(2, 2), strides=(2, 2))
        x = x.reshape((x.shape[0], -1))
        x = nn.Dense(features=WIDTH)(x)
        x = nn.relu(x)
        return nn.Dense(features=self.classes)(x)


class Block(nn.Module):
    features: int
    act: Callable[..., Any] = nn.relu

    @nn.compact
    def __call__(self, x: Any) -> Any:
        y = nn.Conv(self.features, (3, 3), use_bias=False)(x)
        y = nn.BatchNorm(use_running_average=True)(y)
        y = self.act(y)
        if x.shape != y.shape:
            x = nn.Conv(self.features, (1, 1))(x)
        return x + y


class ResNet(nn.Module):
    widths: Sequence[int] = (8, 16)

    @nn.compact
    def __call__(self, x: Any) -> Any:
        for width in self.widths:
            x = Block(width)(x)
            x = nn.max_pool(x, (2, 2), strides=(2, 2))
        return nn.Dense(10)(jnp.mean(x, axis=(1, 2)))


class WithSetup(nn.Module):
    features: int = 4

    def setup(self) -> None:
        self.conv = nn.Conv(self.features, (5, 5), padding="VALID")
        self.dense = nn.Dense(3)

    def __call__(self, x: Any) -> Any:
        x = nn.avg_pool(nn.relu(self.conv(x)), (2, 2), (2, 2))
        return self.dense(x.reshape((x.shape[0], -1)))


class Joining(nn.Module):
    @nn.compact
    def __call__(self, x: Any) -> Any:
        a = nn.Conv(4, (1, 1))(x)
        b = nn.Conv(8, (3, 3), strides=2)(x)
        return jnp.concatenate([nn.max_pool(a, (2, 2), (2, 2)), b], axis=-1)


def sequence() -> nn.Sequential:
    pool = partial(nn.max_pool, window_shape=(2, 2), strides=(2, 2))
    return nn.Sequential([nn.Conv(8, (3, 3)), nn.relu, pool, Block(4), nn.Dense(5)])


# Name → constructor and inputs.
MODELS: dict[str, tuple[Any, list[tuple[int, ...]]]] = {
    "CNN": (CNN, [(28, 28, 1), (9, 4, 3), (3, 3, 1)]),
    "three classes": (lambda: CNN(classes=3), [(28, 28, 1)]),
    "ResNet": (ResNet, [(32, 32, 3), (4, 9, 1)]),
    "narrow ResNet": (lambda: ResNet(widths=(4,)), [(9, 7, 2)]),
    "setup": (lambda: WithSetup(6), [(12, 12, 3), (6, 8, 1)]),
    "sequence": (sequence, [(8, 8, 1), (3, 2, 2)]),
    "list": (lambda: [CNN(), nn.Dense(4)], [(28, 28, 1)]),
    "joining": (Joining, [(8, 8, 3), (7, 8, 3)]),
}
