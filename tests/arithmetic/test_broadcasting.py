"""Broadcasting with 1, 2 and 8 samples: PyTorch 2.13, TensorFlow 2.21, Keras 3.15, JAX 0.10."""

from __future__ import annotations

import pytest

import poolviz as pv
from poolviz.arithmetic.network.broadcasting import broadcast_shapes

Shape = tuple[int, ...]

SAME_RANK: list[tuple[Shape, Shape, Shape | None]] = [
    ((3, 8, 1), (3, 1, 8), (3, 8, 8)),
    ((3, 8, 8), (1, 8, 8), (3, 8, 8)),
    ((1, 8, 8), (3, 1, 1), (3, 8, 8)),
    ((3, 0, 8), (3, 1, 8), (3, 0, 8)),
    ((3,), (1,), (3,)),
    ((3, 5), (1, 5), (3, 5)),
    ((3, 8, 8), (3, 4, 8), None),
    ((3, 8, 8), (4, 8, 8), None),
]
OTHER_RANK: list[tuple[Shape, Shape, Shape | None]] = [  # Add of Keras 3.15.1
    ((8, 8, 3), (3,), (8, 8, 3)),
    ((3,), (8, 8, 3), (8, 8, 3)),
    ((8, 8, 3), (8, 3), (8, 8, 3)),
    ((8, 8, 8), (8,), (8, 8, 8)),
    ((8, 8, 3), (8,), None),
    ((3, 8, 8), (3,), None),
]


@pytest.mark.parametrize("framework", ["pytorch", "keras", "tensorflow", "jax", "onnxruntime"])
@pytest.mark.parametrize(("one", "other", "together"), SAME_RANK)
def test_sizes_of_one_are_stretched(
    one: Shape, other: Shape, together: Shape | None, framework: str
) -> None:
    assert broadcast_shapes([one, other], framework) == together
    assert broadcast_shapes([other, one], framework) == together


@pytest.mark.parametrize(("one", "other", "together"), OTHER_RANK)
def test_ranks_differ(one: Shape, other: Shape, together: Shape | None) -> None:
    """Keras' layers insert axes after the batch; elsewhere only a batch of 1 would fit."""
    assert broadcast_shapes([one, other], "keras") == together
    assert broadcast_shapes([one, other], "tensorflow") == together  # Keras on that backend
    assert broadcast_shapes([one, other], "pytorch") is None
    assert broadcast_shapes([one, other], "jax") is None


@pytest.mark.parametrize(("framework", "output"), [("keras", (8, 8, 3)), ("jax", None)])
def test_a_stack_adds_as_the_framework(framework: str, output: Shape | None) -> None:
    gate = pv.Add(((), (pv.GlobalPool(keepdims=False), pv.Linear(3))))

    assert pv.Stack([gate], (8, 8, 3), framework=framework).output_shape == output


def test_an_empty_map_plus_one_row_is_empty() -> None:
    """jnp.zeros((2, 0, 8, 3)) + jnp.zeros((2, 1, 8, 3)) is empty; its shape is (2, 0, 8, 3)."""
    empty = (pv.Crop(((1, 0), (0, 0))),)
    stack = pv.Stack([pv.Add((empty, ()))], (1, 8, 3), framework="jax")

    assert stack.rows[-1].output_shape == (0, 8, 3)
