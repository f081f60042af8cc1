"""Recurrent layers, attention and functions in source of Flax, as Flax 0.12.8 ran them."""

from __future__ import annotations

import pytest

import poolviz as pv

LINEN = """
import flax.linen as nn
import jax.numpy as jnp
class Net(nn.Module):
    @nn.compact
    def __call__(self, x):
        return {}
"""
NNX = """
from flax import nnx
class Net(nnx.Module):
    def __init__(self, rngs):
        self.a = {}
    def __call__(self, x):
        return self.a(x)
"""
SEQUENCE = (7, 5)


@pytest.mark.parametrize(
    ("made", "output", "weights"),
    [
        ("nn.RNN(nn.LSTMCell(features=16))(x)", (7, 16), 1408),
        ("nn.RNN(nn.OptimizedLSTMCell(16))(x)", (7, 16), 1408),
        ("nn.RNN(nn.GRUCell(features=16))(x)", (7, 16), 1072),
        ("nn.RNN(nn.SimpleCell(features=16))(x)", (7, 16), 352),
        ("nn.MultiHeadDotProductAttention(num_heads=5)(x, x)", (7, 5), 120),
        (
            "nn.MultiHeadDotProductAttention(num_heads=4, qkv_features=8, out_features=6)(x)",
            (7, 6),
            198,
        ),
        ("nn.SelfAttention(num_heads=5, qkv_features=10, use_bias=False)(x)", (7, 5), 200),
        ("jnp.exp(nn.Dense(3)(x))", (7, 3), 18),
    ],
)
def test_linen(made: str, output: tuple[int, ...], weights: int) -> None:
    stack = pv.read_code(LINEN.format(made), SEQUENCE)

    assert (stack.ok, stack.output_shape, stack.parameters) == (True, output, weights)


@pytest.mark.parametrize(
    ("made", "output", "weights"),
    [
        ("nnx.RNN(nnx.LSTMCell(5, 16, rngs=rngs))", (7, 16), 1408),
        ("nnx.RNN(nnx.GRUCell(5, 16, rngs=rngs))", (7, 16), 1056),
        ("nnx.RNN(nnx.LSTMCell(6, 16, rngs=rngs))", "TypeError", None),
        (
            "nnx.MultiHeadAttention(num_heads=5, in_features=5, qkv_features=10, rngs=rngs)",
            (7, 5),
            235,
        ),
        ("nnx.MultiHeadAttention(num_heads=5, in_features=10, rngs=rngs)", "ValueError", None),
        ("nnx.LayerNorm(4, rngs=rngs)", "TypeError", None),
    ],
)
def test_nnx(made: str, output: tuple[int, ...] | str, weights: int | None) -> None:
    stack = pv.read_code(NNX.format(made), SEQUENCE)

    if isinstance(output, str):
        assert stack.ok is False
        assert stack.first_failure is not None
        assert stack.first_failure.error_name == output
    else:
        assert (stack.ok, stack.output_shape, stack.parameters) == (True, output, weights)


def test_a_view_that_does_not_divide() -> None:
    stack = pv.read_code(LINEN.format("x.reshape((-1, 36))"), SEQUENCE)

    assert stack.first_failure is not None
    assert stack.first_failure.error_name == "TypeError"
