"""Positions, norms, `match` and hooks as people write them, and what the frameworks gave.

Run with torch 2.13.0, Keras 3.15.1 and Flax 0.12.8. A name in place of shapes is the error that is
raised; None: the model is not read to its end, and the reading says so.
"""

from __future__ import annotations

import pytest

import poolviz as pv

TORCH = """
import math, torch
import torch.nn as nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self, kind="avg", spec=(("conv", 6, 1), ["pool", 2], {"act": "relu"}, None)):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 8, 8)
        self.pos, self.long = nn.Embedding(16, 8), nn.Embedding(64, 8)
        self.w, self.one = nn.Parameter(torch.ones(8)), nn.Parameter(torch.ones(1, 16, 4))
        self.register_buffer("ids", torch.arange(16).expand((1, -1)))
        self.norm, self.wide = nn.LayerNorm(8), nn.LayerNorm([8, 4, 4])
        self.kept = {}
        self.conv.register_forward_hook(self.keep("conv"))
        match (kind, 3):
            case ("max", k): self.pool = nn.MaxPool2d(k)
            case ("avg", k) if k > 2: self.pool = nn.AvgPool2d(k, stride=1)
        layers, c = [], 8
        for entry in spec:
            match entry:
                case ("conv", int(out), k): layers.append(nn.Conv2d(c, out, k)); c = out
                case ["pool", *rest] if len(rest) == 1: layers += [nn.MaxPool2d(rest[-1])]
                case {"act": "relu", **more}: layers.append(nn.ReLU(**more))
                case str() | None: layers.append(nn.Identity())
        self.net = nn.Sequential(*layers)

    def keep(self, name):
        def hook(module, given, made):
            self.kept[name] = made.detach()
        return hook

    def forward(self, x):
        m = self.conv(x)
        s = m.flatten(2).transpose(1, 2)
"""
OF_TORCH = (
    ("return s + self.pos(self.ids)", [(16, 8)]),
    ("return s + self.long(torch.arange(0, s.size(1), device=x.device))", [(16, 8)]),
    ("return s + self.long(torch.arange(s.size(2)))", None),  # 8 positions for 16 entries
    ("return F.layer_norm(s, self.w.shape, self.w), F.layer_norm(s, (8,))", [(16, 8)] * 2),
    ("return F.layer_norm(s, (7,))", "RuntimeError"),
    ("return self.norm(s), self.wide(m)", [(16, 8), (8, 4, 4)]),
    ("return self.norm(m)", "RuntimeError"),
    ("return self.wide(F.pad(m, (1, 1)))", "RuntimeError"),
    ("return torch.cat([s, self.one], dim=2)", None),  # raises for a batch of two
    ("return torch.cat([s, self.one.expand(len(x), -1, -1)], -1)", [(16, 12)]),
    ("return self.net(self.pool(m))", [(6, 1, 1)]),
    ("e = torch.exp(torch.arange(8) * -math.log(1e4) / 7) * math.pi\nreturn s * e", [(16, 8)]),
    ("match m.shape:\n    case (b, c, h, w): return m.reshape(b, c * h * w)", [(128,)]),
    ("match m.shape:\n    case (b, c): return m", None),
)


def read(head: str, body: str, shape: tuple[int, ...]) -> pv.Stack:
    lines = "".join(f"        {line}\n" for line in body.split("\n"))
    return pv.read_code(head + lines, shape)


def check(stack: pv.Stack, truth: list[tuple[int, ...]] | str | None) -> None:
    if truth is None:
        assert stack.ok is None
        assert stack.not_read
    elif isinstance(truth, str):
        failure = stack.first_failure
        assert stack.ok is False
        assert failure is not None
        assert failure.error_name == truth
    else:
        assert stack.ok is True
        assert list(stack.output_shapes) == truth


@pytest.mark.parametrize(("body", "truth"), OF_TORCH)
def test_a_model_of_pytorch_is_read_as_it_runs(
    body: str, truth: list[tuple[int, ...]] | str | None
) -> None:
    check(read(TORCH, body, (3, 32, 32)), truth)


def test_a_hook_that_returns_something_stays_open() -> None:
    text = TORCH.replace("self.kept[name] = made.detach()", "return made[:, :4]")
    assert read(text, "return m", (3, 32, 32)).ok is None
    assert read(TORCH, "return m", (3, 32, 32)).ok is True


FLAX = """
import jax, jax.numpy as jnp
import flax.linen as nn

class Net(nn.Module):
    @nn.compact
    def __call__(self, x):
        n, t, c = x.shape
        one = self.param("one", nn.initializers.zeros, (1, 1, c))
        normal = nn.initializers.normal(stddev=0.02)
"""
TOKEN = """x = jnp.concatenate([jnp.tile(one, [n, 1, 1]), x], axis=1)
return x[:, 0], x + self.param("p", normal, (1, x.shape[1], c))"""
OF_FLAX = (
    (TOKEN, [(8,), (13, 8)]),
    ("return jnp.concatenate([one, x], axis=1)", None),  # raises for a batch of two
    ("return x + nn.Embed(20, c)(jnp.arange(t))", [(12, 8)]),
    ("return jax.image.resize(x.reshape(n, 3, 4, c), (n, 6, 8, c), 'nearest')", [(6, 8, 8)]),
    ("return jnp.sum(x, axis=1), jnp.min(x, axis=-2), x.std((1,))", [(8,)] * 3),
    ("return jnp.pad(x, ((0, 0), (1, 2), (0, 0)))", [(15, 8)]),
)


@pytest.mark.parametrize(("body", "truth"), OF_FLAX)
def test_a_model_of_flax_is_read_as_it_runs(
    body: str, truth: list[tuple[int, ...]] | str | None
) -> None:
    check(read(FLAX, body, (12, 8)), truth)


def test_keras_has_named_outputs_in_the_order_of_their_names() -> None:
    stack = pv.read_code("""
import keras
from keras import layers
x = keras.Input((8,))
model = keras.Model({"x": x}, {"late": layers.Dense(1)(x), "early": layers.Dense(4)(x)})
""")
    assert stack.output_shapes == ((4,), (1,))
