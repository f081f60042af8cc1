"""Branches, errors and checks that a text decides, and constants beside maps of other sizes.

What PyTorch 2.13.0 gives for five samples is beside each text: shapes without the batch, or the
class of the error. `None` is what the text alone does not decide.
"""

from __future__ import annotations

import pytest

import poolviz as pv
from tests.support.agreement import contradiction

HEAD = """
class Net(nn.Module):
    def __init__(self, act=nn.ReLU, wide=True):
        super().__init__()
        self.wrong, self.conv = nn.Linear(5, 8), nn.Conv2d(3, 4, 3)
        self.scale = nn.Parameter(torch.ones(1, 16, 1, 1))
        self.weight = nn.Parameter(torch.ones(16))
        self.none = nn.ModuleList([])
    def forward(self, x):
"""
SQUARE = (3, 8, 8)
TRY, THEN = "try: return self.wrong(x)\n", "return self.conv(x)"
NORM = "return F.layer_norm(x, x.shape[-1:], self.weight)"
LOW = 'low = F.interpolate(x, scale_factor=2, mode="bilinear")'
FIRST = "high = self.conv(x)\nreturn high"
TUPLED = """import collections.abc, itertools
k = tuple(itertools.repeat(3, 2)) if not isinstance(3, collections.abc.Iterable) else 3"""
# (body of forward, input, what PyTorch gives, what the stack says)
MODELS: list[tuple[str, tuple[int, ...], tuple[int, ...] | str, bool | None]] = [
    (f"{TRY}except ValueError: {THEN}", SQUARE, "RuntimeError", False),
    (f"{TRY}except KeyError: pass\nexcept Exception: {THEN}", SQUARE, (4, 6, 6), True),
    (f"{TRY}except (ValueError, RuntimeError): {THEN}", SQUARE, (4, 6, 6), True),
    (f"if self.none: return x\n{THEN}", SQUARE, (4, 6, 6), True),
    (f"assert x.shape[2] == 9\n{THEN}", SQUARE, "AssertionError", None),
    (f"torch._assert(x.shape[2] == 8, 'size')\n{THEN}", SQUARE, (4, 6, 6), True),
    (f"torch._assert(x.shape[2] == 9, 'size')\n{THEN}", SQUARE, "AssertionError", None),
    (f"def check(y): assert y.ndim == 3\ncheck(x)\n{THEN}", SQUARE, "AssertionError", None),
    (f"if x.shape[0] % 2: raise ValueError\n{THEN}", SQUARE, "ValueError", None),
    ("return x * self.scale", (16, 8, 8), (16, 8, 8), True),
    ("return x * self.scale", (1, 8, 8), (16, 8, 8), True),
    ("return x * self.scale", (3, 8, 8), "RuntimeError", False),
    ("return x.flatten(1) * self.scale", (2, 8), (16, 5, 16), None),
    (NORM, (3, 8, 16), (3, 8, 16), True),
    (NORM, (3, 16, 8), "RuntimeError", None),
    ("return F.instance_norm(x, weight=self.weight)", SQUARE, "RuntimeError", None),
    ("return F.batch_norm(x, None, None, self.weight, training=True)", (16, 8), (16, 8), True),
    ("return x.view(x.size(0), x.shape[1] * x.shape[2], -1)", (16,), "IndexError", None),
    ("return x.kthvalue(2, 1)[0]", (1, 8, 8), "RuntimeError", None),
    ("return F.interpolate(x, size=(7, 7))", (3, 8), "ValueError", False),
    ("return F.adaptive_avg_pool2d(x, (4, 4))", (3,), "ValueError", False),
    # What raises first is said, also where another branch is shown first, or no output needs it.
    (f"{LOW}\n{FIRST} + low", (4, 8), "NotImplementedError", False),
    (f"{LOW}\n{FIRST}.unknown() + low", (4, 8), "NotImplementedError", False),
    (f"{FIRST} + self.wrong(x)", (2, 8, 8), "RuntimeError", False),
    (f"side = self.wrong(x)\n{THEN}", SQUARE, "RuntimeError", False),
    (f"print(self.wrong(x).shape)\n{THEN}", SQUARE, "RuntimeError", False),
    (f"if self.training: return self.wrong(x)\n{THEN}", SQUARE, (4, 6, 6), True),
    (f"for _ in range(x.sum().int().item()): self.wrong(x)\n{THEN}", SQUARE, (4, 6, 6), True),
    (f"side = x.sum().item() and self.wrong(x)\n{THEN}", SQUARE, (4, 6, 6), True),
    (f"if not isinstance(x, torch.Tensor): x = x[0]\n{THEN}", SQUARE, (4, 6, 6), True),
    (f"{TUPLED}\nreturn F.max_pool2d(x, k)", (3, 9, 9), (3, 3, 3), True),
]


@pytest.mark.parametrize(("body", "shape", "truth", "ok"), MODELS)
def test_nothing_contradicts_pytorch(
    body: str, shape: tuple[int, ...], truth: tuple[int, ...] | str, ok: bool | None
) -> None:
    text = HEAD + "".join(f"        {line}\n" for line in body.split("\n"))
    stack = pv.read_code(text, shape)
    ran = {"error": truth} if isinstance(truth, str) else {"outputs": [truth]}

    assert contradiction(stack, ran) is None
    assert stack.ok is ok


CONV = "m = nn.Sequential(nn.Conv2d(3, 8, {}))"
IMPORT = "try:\n    import {}\n    k = 3\nexcept ImportError:\n    k = 5\n" + CONV.format("k")
REPLACED = CONV.format(3) + "\ntry:\n    import apex\nexcept ImportError:\n    m[0] = nn.ReLU()"
MADE = "def f(): return nn.Conv2d(3, 9, {})\n"
IN_TWO_WAYS = MADE.format(3) + "if flag:\n    " + MADE.format(5) + "m = nn.Sequential(f())"
INNER = "m = nn.Sequential(nn.Sequential(nn.Conv2d(3, 8, 3)))\nm[0][0] = nn.Conv2d(3, 4, 3)"
SAME = "m = nn.Sequential(nn.Conv2d(3, ~-9, 3), nn.Conv2d(8, 7 if nn.ReLU is nn.ReLU else 6, 1))"
SCRIPTS: list[tuple[str, bool | None, tuple[int, ...]]] = [
    (IMPORT.format("xformers"), None, SQUARE),
    (IMPORT.format("torch"), True, (8, 6, 6)),
    (REPLACED, None, (8, 6, 6)),
    (IN_TWO_WAYS, None, SQUARE),
    (INNER, True, (4, 6, 6)),
    (SAME, True, (7, 6, 6)),
    ("m = nn.Sequential(nn.Conv2d(3, width or 8, 3), nn.MaxPool2d(7))", False, ()),
]


@pytest.mark.parametrize(("text", "ok", "output"), SCRIPTS)
def test_what_the_text_leaves_open_is_not_decided(
    text: str, ok: bool | None, output: tuple[int, ...]
) -> None:
    stack = pv.read_code("import torch.nn as nn\n" + text, SQUARE)

    assert (stack.ok, stack.output_shape or ()) == (ok, output)
    assert ok is not None or stack.not_read
