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
    ("return F.interpolate(x, size=None)", (3,), "ValueError", None),
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


IMPORTS = "import torch.nn as nn\nimport torch.nn.functional as F\n"
# A class derived from a layer of PyTorch, with another forward: what it makes of (3, 9, 9).
SAME_CONV = """
class Conv(nn.Conv2d):
    def forward(self, x):
        pads = [(k - 1) * d // 2 for k, d in zip(self.kernel_size, self.dilation)]
        x = F.pad(x, [pads[1], pads[1], pads[0], pads[0]])
        more = self.stride, self.padding, self.dilation, self.groups
        return F.conv2d(x, self.weight, self.bias, *more)
net = Conv({})
"""
NORM_FIRST = """
class Norm2d(nn.LayerNorm):
    def forward(self, x):
        x = x.permute(0, 2, 3, 1)
        x = F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)
        return x.permute(0, 3, 1, 2)
net = Norm2d({})
"""
NORM_ACT = """
class NormAct(nn.BatchNorm2d):
    def __init__(self, n, act=nn.ReLU):
        super().__init__(n, affine={})
        self.act = act()
    def forward(self, x):
        mean, var = self.running_mean, self.running_var
        x = F.batch_norm(x, mean, var, self.weight, self.bias, self.training)
        return self.act(x)
net = NormAct(3)
"""
SUPER = """
class Causal(nn.Conv2d):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.drop, self.left = nn.Dropout(), self.kernel_size[0] - 1
    def forward(self, x):
        return super().forward(self.drop(F.pad(x, (0, 0, self.left, 0))))
net = Causal({})
"""
DERIVED: list[tuple[str, tuple[int, ...] | str, bool | None]] = [
    (SAME_CONV.format("3, 8, 3, stride=2"), (8, 5, 5), True),
    (SAME_CONV.format("3, 6, (1, 3), groups=3, bias=False"), (6, 9, 9), True),
    (SAME_CONV.format("4, 8, 3"), "RuntimeError", False),
    (NORM_FIRST.format("3, eps=1e-6"), (3, 9, 9), True),
    (NORM_FIRST.format("9"), "RuntimeError", False),
    (NORM_ACT.format("True"), (3, 9, 9), True),
    (NORM_ACT.format("False"), (3, 9, 9), None),
    (SUPER.format("3, 8, kernel_size=3"), (8, 9, 7), True),
    (SUPER.format("3, 8, 20"), "RuntimeError", False),
]


@pytest.mark.parametrize(("text", "truth", "ok"), DERIVED)
def test_a_class_derived_from_a_layer_has_its_weights_and_settings(
    text: str, truth: tuple[int, ...] | str, ok: bool | None
) -> None:
    stack = pv.read_code(f"{IMPORTS}{text}", (3, 9, 9))
    ran = {"error": truth} if isinstance(truth, str) else {"outputs": [truth]}

    assert contradiction(stack, ran) is None
    assert stack.ok is ok


GATED = """
class Net(nn.Module):
    def __init__(self, depth=4):
        super().__init__()
        self.down = nn.ModuleList([nn.Conv2d(4, 4, 3, padding=1) for _ in range(depth)])
        self.up = nn.ModuleList([nn.Conv2d(8, 4, 3, padding=1) for _ in range(depth)])
        self.gate = nn.ModuleList([nn.Conv2d(4, 4, 1) for _ in range(depth)])
    def forward(self, x):
        kept = []
        for conv in self.down:
            x = F.relu(conv(x))
            kept.append(x)
            x = F.max_pool2d(x, 2)
        for skip, conv, gate in zip(kept[::-1], self.up, self.gate):
            x = F.interpolate(x, scale_factor=2)
            x = conv(torch.cat([skip * torch.sigmoid(gate(F.relu(x + skip))), x], 1))
        return x, kept[1] + F.interpolate(kept[2], scale_factor=2)
"""


def test_a_result_that_many_branches_take_is_shown_once_and_then_by_its_shape() -> None:
    stack = pv.read_code(GATED, (4, 64, 64))

    # PyTorch 2.13.0 gives these shapes, and the model has as many parameters.
    assert stack.output_shapes == ((4, 64, 64), (4, 32, 32))
    assert (stack.ok, stack.parameters, stack.minimum_input_size) == (True, 1840, None)
    assert any("one row stands for it" in str(what) for what in stack.not_read)


# (body of forward, whether the code computes with the sizes of its maps)
SIZED = [
    (f"assert x.shape[2] % 8 == 0\n{THEN}", True),
    (f"b, c, h, w = x.size()\nif h > 4: x = F.max_pool2d(x, 2)\n{THEN}", True),
    ("return F.avg_pool2d(x, x.size()[2:])", True),
    (f"if x.shape != self.conv(x).shape: x = x + 1\n{THEN}", True),
    (f"b, c, *_ = x.size()\n{THEN}.view(b, 4, -1)", False),
    ("return self.conv(x).view(x.size(0), -1)[:, : x.shape[1]]", False),
]


@pytest.mark.parametrize(("body", "is_for_one_size"), SIZED)
def test_no_smallest_input_where_the_code_asks_for_the_size(
    body: str, is_for_one_size: bool
) -> None:
    text = HEAD + "".join(f"        {line}\n" for line in body.split("\n"))
    stack = pv.read_code(text, SQUARE)

    assert stack.source is not None
    assert stack.source.is_for_one_size is is_for_one_size
    assert (stack.minimum_input_size is None) is is_for_one_size


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
