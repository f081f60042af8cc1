"""What JAX and Flax say of shapes that do not fit.

    FOLDER/bin/pip install jax==0.10.2 flax==0.12.8
    FOLDER/bin/python -m tools.record.messages.jax_messages NAME

writes `tests/data/NAME.jsonl.gz` (see `tools/record/messages/message_rows.py`).
"""

# ruff: noqa: B023 (each call runs before the loop goes on)
from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from typing import Any

import flax
import flax.linen as nn
import jax
import jax.numpy as jnp
from flax import nnx
from jax import lax

from tools.record.messages.message_rows import Row, row, write

RANDOM = random.Random(20261129)
Made = Iterator[Row | None]
KEY = jax.random.key(0)


def said(scenario: str, parameters: dict[str, Any], call: Callable[[], Any]) -> Row | None:
    is_flax = scenario.startswith(("linen", "nnx"))
    name, version = ("flax", flax.__version__) if is_flax else ("jax", jax.__version__)
    return row(name, version, scenario, parameters, call)


def sizes(ndim: int) -> list[int]:
    return [RANDOM.randint(6, 20) for _ in range(ndim)]


class Net(nn.Module):
    """A convolution, a pooling layer and two Dense layers, as in the examples of Flax."""

    outputs: int = 10
    features: int = 8
    kernel: int = 3

    @nn.compact
    def __call__(self, x: Any) -> Any:
        x = nn.Conv(self.features, (self.kernel,) * (x.ndim - 2), padding="VALID")(x)
        x = nn.avg_pool(x, (2,) * (x.ndim - 2), (2,) * (x.ndim - 2))
        x = x.reshape((x.shape[0], -1))
        return nn.Dense(self.outputs, name="head")(nn.relu(nn.Dense(16)(x)))


def linen() -> Made:
    """Parameters of one shape, an input that needs another."""
    for built, given in (
        ([28, 28, 1], [32, 32, 1]),
        ([32, 32, 3], [64, 64, 3]),
        ([28, 28, 1], [28, 28, 3]),
        ([16, 16, 3], [16, 16, 4]),
        ([40, 8], [30, 8]),
        ([10, 12, 14, 2], [10, 12, 16, 2]),
    ):
        parameters = {"built": built, "given": given}

        def run(shape: list[int], net: Net | None = None) -> Any:
            variables = Net().init(KEY, jnp.zeros([1, *built]))
            return (net or Net()).apply(variables, jnp.zeros([1, *shape]))

        yield said("linen-parameters", parameters, lambda: run(given))
        if len(built) == 3:
            for net in (Net(outputs=5), Net(features=4), Net(kernel=5)):
                other = {"outputs": net.outputs, "features": net.features, "kernel": net.kernel}
                yield said("linen-other-net", {"built": built, **other}, lambda: run(built, net))
    for expected, got in ((3136, 2304), (400, 576), (25088, 100352)):
        parameters = {"expected": expected, "got": got}

        def dense() -> Any:
            variables = nn.Dense(10).init(KEY, jnp.zeros([1, expected]))
            return nn.Dense(10).apply(variables, jnp.zeros([2, got]))

        yield said("linen-dense", parameters, dense)
        yield said(
            "nnx-linear",
            parameters,
            lambda: nnx.Linear(expected, 10, rngs=nnx.Rngs(0))(jnp.zeros([2, got])),
        )
    for ndim in (1, 2, 3):
        for expected, got in ((3, 4), (3, 1), (1, 3), (64, 32)):
            shape = [2, *sizes(ndim), got]
            parameters = {"expected": expected, "got": got, "shape": shape}
            yield said(
                "nnx-conv",
                parameters,
                lambda: nnx.Conv(expected, 8, (3,) * ndim, rngs=nnx.Rngs(0))(jnp.zeros(shape)),
            )


def functions() -> Made:
    """Yield calls of jax.numpy and jax.lax."""
    for ndim in (1, 2, 3):
        letters = "DHW"[-ndim:]
        numbers = (f"N{letters}C", f"{letters}IO", f"N{letters}C")
        for off in (-1, 1):
            shape, weights = [2, *sizes(ndim + off), 3], [3] * ndim + [3, 8]
            parameters = {"shape": shape, "weights": weights}
            yield said(
                "conv-rank",
                parameters,
                lambda: lax.conv_general_dilated(
                    jnp.zeros(shape),
                    jnp.zeros(weights),
                    (1,) * ndim,
                    "SAME",
                    dimension_numbers=numbers,
                ),
            )
            yield said(
                "pool-rank",
                parameters,
                lambda: nn.max_pool(jnp.zeros(shape), (2,) * ndim, (2,) * ndim),
            )
    for first, second in (
        ([1, 32, 32, 64], [1, 16, 16, 64]),
        ([2, 28, 28, 32], [2, 27, 27, 32]),
        ([4, 15, 20, 8], [4, 16, 20, 8]),
        ([3, 14, 14, 64], [3, 14, 14, 32]),
        ([2, 40, 8], [2, 39, 8]),
        ([1, 8, 9, 10, 4], [1, 8, 9, 11, 4]),
        ([64, 10], [64, 5]),
        ([7, 16], [16, 7]),
    ):
        parameters = {"first": first, "second": second}
        yield said("add", parameters, lambda: jnp.zeros(first) + jnp.zeros(second))
        yield said("multiply", parameters, lambda: jnp.zeros(first) * jnp.zeros(second))
        yield said("lax-add", parameters, lambda: lax.add(jnp.zeros(first), jnp.zeros(second)))
        for axis in (-1, 1, 0):
            yield said(
                "concatenate",
                {**parameters, "axis": axis},
                lambda: jnp.concatenate([jnp.zeros(first), jnp.zeros(second)], axis),
            )
    for shape, target in (
        ([4, 12, 12, 32], [-1, 6272]),
        ([2, 6, 6, 64], [-1, 3136]),
        ([50, 14, 14, 32], [50, 4608]),
        ([3, 5, 5, 16], [3, 256]),
        ([784], [28, 27]),
        ([2, 100], [-1, 64]),
    ):
        parameters = {"shape": shape, "target": target}
        yield said("reshape", parameters, lambda: jnp.zeros(shape).reshape(target))
    for first, second in (([2, 4096], [1024, 10]), ([4, 2304], [3136, 128]), ([8, 5, 64], [32, 7])):
        parameters = {"first": first, "second": second}
        yield said("matmul", parameters, lambda: jnp.zeros(first) @ jnp.zeros(second))
        yield said("dot", parameters, lambda: jnp.dot(jnp.zeros(first), jnp.zeros(second)))
    for shape, pad in (([1, 2, 9, 8], 3), ([2, 16, 3, 1], 4)):
        pads = [(0, 0), (pad, pad), (pad, pad), (0, 0)]
        yield said(
            "reflect",
            {"shape": shape, "pad": pad},
            lambda: jnp.pad(jnp.zeros(shape), pads, "reflect"),
        )


def rows() -> Made:
    for part in (linen, functions):
        yield from part()


if __name__ == "__main__":
    write(sys.argv[1], rows())
