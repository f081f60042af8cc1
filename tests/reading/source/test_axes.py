"""Slices, sequences, products, unknown counts, backbones: shapes as the frameworks gave them."""

from __future__ import annotations

import pytest

import poolviz as pv


def net(*forward: str, parts: str = "pass") -> str:
    """A module with one line per step."""
    lines = "\n        ".join(forward)
    return f"""import torch
import torch.nn as nn
import torch.nn.functional as F
class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        {parts}
    def forward(self, x):
        {lines}
        return x
"""


# Run in PyTorch 2.13.0 with a batch of 2.
STEPS: list[tuple[str, tuple[int, ...], tuple[int, ...]]] = [
    ("x = x[:, :, :-1, 1:]", (3, 8, 8), (3, 7, 7)),
    ("x = x[:, -1]", (5, 16), (16,)),
    ("x = x.chunk(2, 1)[1]", (6, 8, 8), (3, 8, 8)),
    ("x, _ = torch.max(x, dim=1, keepdim=True)", (3, 8, 8), (1, 8, 8)),
    ("x = torch.bmm(x, x.transpose(1, 2))", (5, 16), (5, 5)),
    ("x = torch.einsum('btc,bsc->bts', x, x)", (5, 16), (5, 5)),
    ("x = x.permute(1, 0, 2)[-1]", (5, 16), (16,)),
    ("b, t, c = x.shape", (5, 16), (5, 16)),
    ("x = x.repeat(1, 2, 3)", (5, 16), (10, 48)),
    ("x = nn.PixelShuffle(2)(x)", (12, 8, 8), (3, 16, 16)),
    ("x, h = nn.GRU(16, 7, bidirectional=True, batch_first=True)(x)", (5, 16), (5, 14)),
    ("_, (h, c) = nn.LSTM(16, 7, batch_first=True)(x)\n        x = h[-1]", (5, 16), (7,)),
]


@pytest.mark.parametrize(("step", "given", "wanted"), STEPS)
def test_steps(step: str, given: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    stack = pv.read_code(net(step, "x = F.relu(x)"), given)

    assert (stack.ok, stack.output_shape) == (True, wanted)


def test_unknown_counts_are_open_and_what_is_certain_is_found() -> None:
    parts = "self.c, self.f = nn.Conv2d(3, width, 3), nn.Linear(7, width)"
    text = net("x = self.c(x)", "x = nn.Conv2d(8, 8, 40)(x)", parts=parts)
    stack = pv.read_code(text, (3, 32, 32))

    assert str(stack.rows[0].output_shape) == "(?, 30, 30)"
    assert stack.ok is False
    assert pv.read_code(text, (3, 32, 32), width=8).rows[0].output_shape == (8, 30, 30)
    with pytest.raises(TypeError, match="has no argument 'depth'"):
        pv.read_code(text, (3, 32, 32), depth=8)


def test_a_shape_can_be_given_for_what_is_not_read() -> None:
    text = net("x = self.c(x)", "x = nn.Linear(6, 2)(x)", parts="self.c = timm.create_model('a')")

    assert pv.read_code(text, (3, 8, 8)).ok is None
    assert pv.read_code(text, (3, 8, 8), assume={"line 9": (6,)}).output_shape == (2,)
