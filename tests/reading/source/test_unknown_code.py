"""What `read_code` does not know ends a stack, or is noted; nothing is guessed."""

from __future__ import annotations

import pytest

import poolviz as pv
from tests.reading.source.code_texts import conv_net


def test_an_unknown_layer_ends_the_stack() -> None:
    text = conv_net("x = self.conv(x)", "x = Attention(8)(x)", "x = self.pool(x)")
    stack = pv.read_code(text)

    assert [row.name for row in stack.rows] == ["conv"]
    assert [str(each) for each in stack.not_read] == [
        "line 8: `x = Attention(8)(x)`: Attention is not defined; the stack ends before it and "
        "omits 1 later layer"
    ]
    assert str(stack.not_read[0]) in str(stack)


def test_what_was_not_read_is_escaped() -> None:
    html = pv.read_code(conv_net("x = f(x < 1, x)", "x = self.pool(x)"))._repr_html_()

    assert "x = f(x &lt; 1, x)" in html


def test_a_repaired_stack_keeps_what_was_not_read() -> None:
    stack = pv.read_code(conv_net("x = self.pool(x)", *["x = self.pool(x)"] * 4, "x = g(x)"))

    assert not stack.ok
    assert stack.fixes
    assert all(fix.stack.not_read == stack.not_read for fix in stack.fixes)


UNKNOWN_WAYS = {
    "loop": ("for _ in range(unknown):", "    x = self.pool(x)"),
    "while": ("while unknown():", "    x = self.pool(x)"),
    "if": ("if unknown:", "    x = self.pool(x)"),
    "if with return": ("if unknown:", "    return self.pool(x)"),
    "if expression": ("x = self.pool(x) if unknown else x",),
    "slice": ("x = x[:, :, ::-1]",),
    "slice of the batch": ("x = x[0]",),
    "matrix product": ("x = x @ weight",),
    "unknown factor": ("x = x * weight",),
    "batch axis": ("x = torch.cat([x, x], dim=0)",),
    "axis out of range": ("x = x.mean([2, 7])",),
    "groups": ("x = nn.GroupNorm(3, 8)(x)",),
    "stack": ("x = torch.stack([x, x], unknown)",),
    "unknown size": ("x = F.interpolate(x, size=unknown)",),
    "unknown kernel": ("x = F.max_pool2d(x, unknown)",),
    "wrong argument": ("x = nn.MaxPool2d(2, pool_size=3)(x)",),
    "unknown part": ("parts = [x]", "if unknown:", "    parts[0] = 3", "x = parts[0]"),
    "unknown list": ("some = []", "if unknown:", "    some.append(x)", "x = torch.cat(some, 1)"),
    "named argument": ("for i, n in enumerate([2], begin=1):", "    x = self.pool(x)"),
    "several": ("x, y = unknown(x)",),
}


@pytest.mark.parametrize("lines", UNKNOWN_WAYS.values(), ids=UNKNOWN_WAYS.keys())
def test_nothing_is_guessed(lines: tuple[str, ...]) -> None:
    stack = pv.read_code(conv_net("x = self.conv(x)", *lines, "x = self.pool(x)"))

    assert [row.name for row in stack.rows] == ["conv"]
    assert len(stack.not_read) >= 1
    assert "the stack ends before it" in stack.not_read[0].why


KNOWN_WAYS = {
    "constant loop": ("for _ in range(2):", "    x = self.pool(x)"),
    "while": ("while x.shape[-1] > 4:", "    x = self.pool(x)"),
    "if": ("if x.size(2) == 16:", "    x = self.pool(self.pool(x))"),
    "number": ("x = self.pool(self.pool(x / 255.0))",),
    "try": ("try:", "    x = self.pool(x)", "finally:", "    x = self.pool(x)"),
    "lambda": ("x = (lambda t: F.avg_pool2d(t, 2 ** 2))(x)",),
    "interpolate": ("x = F.interpolate(x, scale_factor=2.0)", "x = F.max_pool2d(x, 8)"),
    "enumerate": ("for i, _ in enumerate([0, 0], start=1):", "    x = F.max_pool2d(x, 2 * i // i)"),
    "isinstance": ("if isinstance(self.pool, nn.MaxPool2d):", "    x = F.max_pool2d(x, 4)"),
    "Lambda": ("x = keras.layers.Lambda(lambda t: F.max_pool2d(t, 4))(x)",),
    "and": ("if unknown and False:", "    x = g(x)", "x = self.pool(self.pool(x))"),
}


@pytest.mark.parametrize("lines", KNOWN_WAYS.values(), ids=KNOWN_WAYS.keys())
def test_what_is_known_is_followed(lines: tuple[str, ...]) -> None:
    stack = pv.read_code(conv_net("x = self.conv(x)", *lines))

    assert stack.output_shape == (8, 4, 4)
    assert stack.not_read == ()


def test_a_number_of_channels_that_is_not_known_is_not_checked() -> None:
    text = "model = nn.Sequential(nn.Conv2d(config.channels, 8, 3), nn.MaxPool2d(2))"
    stack = pv.read_code(text, (5, 8, 8))

    assert stack.output_shape == (8, 3, 3)
    assert stack.not_read[0].why == "in_channels is unknown, so it was not checked"


def test_weights_that_are_used_twice_are_noted() -> None:
    stack = pv.read_code(conv_net("x = self.conv(x)", "x = x.mean([2, 3])"))
    twice = pv.read_code(
        "c = keras.layers.Conv2D(3, 1)\nx = keras.Input((8, 8, 3))\nm = keras.Model(x, c(c(x)))"
    )

    assert stack.not_read == ()
    assert [each.line for each in twice.not_read] == [1]
    assert "counted each time" in twice.not_read[0].why


def test_a_norm_over_another_axis_is_noted() -> None:
    layer = "keras.layers.BatchNormalization(axis={})"
    text = f"model = keras.Sequential([keras.Input((8, 9, 3)), {layer}])"

    assert pv.read_code(text.format(3)).not_read == ()
    assert "axis=1 is not the channel axis" in pv.read_code(text.format(1)).not_read[0].why


# --- tensors that are not computed from the input ------------------------------------------------

CONSTANTS = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.gamma = nn.Parameter(torch.ones(8, 1, 1))
        self.register_buffer("mean", torch.zeros(1, 3, 1, 1))
        self.token = nn.Parameter(torch.zeros(1, 1, 8))

    def forward(self, x):
        x = self.gamma * self.conv(x - self.mean) + torch.zeros(1, 8, 16, 16)
        return {}
"""


def test_constants_are_broadcast() -> None:
    """PyTorch 2.13.0: (1, 8, 16, 16), and 232 parameters without the token."""
    stack = pv.read_code(CONSTANTS.format("torch.sigmoid(x)"), (3, 16, 16))

    assert (stack.output_shape, stack.parameters) == ((8, 16, 16), 232)
    assert stack.not_read == ()


NOT_BROADCAST = {
    "x * nn.Parameter(torch.ones(8, 2, 1, 1))": "weights of shape (8, 2, 1, 1) are combined with",
    "x + torch.ones(2, 8, 16, 16)": "weights of shape (2, 8, 16, 16) are combined with",
    "x + torch.zeros(1, 8).unknown()": "poolviz does not know unknown",
    "torch.zeros(1, 8).unknown() + x": "poolviz does not know unknown",
}


@pytest.mark.parametrize(("code", "said"), NOT_BROADCAST.items())
def test_constants_that_change_a_shape_end_the_stack(code: str, said: str) -> None:
    stack = pv.read_code(CONSTANTS.format(code), (3, 16, 16))

    assert stack.output_shape in ((8, 16, 16), (256, 8))
    [what] = stack.not_read
    assert said in str(what)
    assert code in what.text
    assert "the stack ends before it" in str(what)


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        (
            "class Net(keras.Model):\n"
            "    def __init__(self):\n"
            "        super().__init__()\n"
            "        self.pool = layers.MaxPooling2D(3)\n"
            "    def call(self, x):\n"
            "        return self.pool(x)\n"
            "model = Net()",
            1,
        ),
        ("model = keras.Sequential([layers.MaxPooling2D(3)])", 0),
        (
            "class Net(keras.Model):\n"
            "    def __init__(self):\n"
            "        start = keras.Input((2, 18, 8))\n"
            "        super().__init__(start, layers.MaxPooling2D(3)(start))\n"
            "model = Net()",
            0,
        ),
    ],
)
def test_only_a_call_is_left_to_the_backend(text: str, notes: int) -> None:
    """Keras 3.15.1 on JAX returns (None, 0, 6, 8) from such a `call`, and no error."""
    stack = pv.read_code(f"import keras\nfrom keras import layers\n{text}", (2, 18, 8))

    assert len([each for each in stack.not_read if "backend decides" in each.why]) == notes


@pytest.mark.parametrize("line", ["", "        x = F.max_pool2d(x, 3, 2)\n"])
def test_a_view_of_a_slice_of_what_may_not_be_contiguous_is_not_said_to_run(line: str) -> None:
    text = (
        "class Net(nn.Module):\n"
        "    def forward(self, x):\n"
        "        a, b = x.chunk(2, dim=1)\n"
        "        x = a * torch.sigmoid(b)\n"
        f"{line}"
        "        x = x[:, :, 1:, :-1]\n"
        "        return x.view(x.size(0), -1)\n"
        "model = Net()\n"
    )

    assert pv.read_code(text, (8, 10, 10)).ok is None  # torch 2.13.0: RuntimeError
