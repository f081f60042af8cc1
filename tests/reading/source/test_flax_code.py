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
        ("nn.GroupNorm(num_groups=2)(nn.Dense(6)(x))", (7, 6), 48),
        ("nn.GroupNorm(num_groups=None, group_size=3)(nn.Dense(6)(x))", (7, 6), 48),
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


@pytest.mark.parametrize(
    ("made", "error"),
    [
        ("nn.GroupNorm(num_groups=4)(nn.Dense(6)(x))", None),  # ValueError
        ("nn.GroupNorm(group_size=3)(nn.Dense(6)(x))", None),  # ValueError
        ("x - jnp.array([[[0.1, 0.2, 0.3]]])", "TypeError"),
    ],
)
def test_what_linen_refuses(made: str, error: str | None) -> None:
    stack = pv.read_code(LINEN.format(made), SEQUENCE)
    failure = stack.first_failure

    assert stack.ok is not True
    assert (None if failure is None else failure.error_name) == error


def test_lists_and_parameters_of_nnx() -> None:
    more = (
        "self.b = nnx.List([nnx.Linear(5, 5, rngs=rngs)])\n        self.w = nnx.Param(jnp.ones(5))"
    )
    text = NNX.format(f"nnx.relu\n        {more}").replace("return self.a(x)", "{}")
    body = "for b in self.b: x = b(x)\n        return self.a(x * self.w.value)"
    stack = pv.read_code(f"import jax.numpy as jnp\n{text.replace('{}', body)}", SEQUENCE)

    assert (stack.ok, stack.output_shape, stack.parameters) == (True, (7, 5), 35)


def test_a_view_that_does_not_divide() -> None:
    stack = pv.read_code(LINEN.format("x.reshape((-1, 36))"), SEQUENCE)

    assert stack.first_failure is not None
    assert stack.first_failure.error_name == "TypeError"
