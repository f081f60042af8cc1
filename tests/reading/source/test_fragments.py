"""Pieces of a model as they are pasted: one line, methods without a class, printed modules."""

from __future__ import annotations

import pytest

import poolviz as pv

PRINTED = """Net(
  (features): Sequential(
    (0): Conv2d(3, 6, kernel_size=(5, 5), stride=(1, 1), padding=same)
    (1-2): 2 x MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
  )
  (fc): Linear(in_features=384, out_features=10, bias=True)
)"""


@pytest.mark.parametrize(
    ("text", "shape", "output"),
    [
        ("self.pool = nn.MaxPool2d(2)", (3, 10, 10), (3, 5, 5)),
        ("        self.pool = nn.MaxPool2d(2)\n", (3, 10, 10), (3, 5, 5)),
        (
            "(pool): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)",
            (3, 10, 10),
            (3, 5, 5),
        ),
        ("nn.Conv2d(3, 6, 5)", (3, 10, 10), (6, 6, 6)),
        ("layers.MaxPooling2D(2)", (10, 10, 3), (5, 5, 3)),
        ("F.max_pool2d(x, 2)", (3, 10, 10), (3, 5, 5)),
        ("x = F.max_pool2d(F.relu(x), 2)\nx = F.avg_pool2d(x, 5)", (3, 10, 10), (3, 1, 1)),
        ("model.add(MaxPooling2D())", (10, 10, 3), (5, 5, 3)),
        ("x = layers.MaxPooling2D(3)(x)", (10, 10, 3), (3, 3, 3)),
        ("nn.max_pool(x, (2, 2))", (10, 10, 3), (9, 9, 3)),
        ('tf.nn.max_pool2d(x, 2, 2, "VALID")', (10, 10, 3), (5, 5, 3)),
        ("def forward(self, x):\n    return F.max_pool2d(x, 2)", (3, 10, 10), (3, 5, 5)),
        (
            "def __init__(self):\n    self.pool = nn.MaxPool2d(2)\n\n"
            "def forward(self, x):\n    return self.pool(self.pool(x))",
            (3, 10, 10),
            (3, 2, 2),
        ),
        (PRINTED, (3, 32, 32), (6, 8, 8)),
    ],
)
def test_a_piece_is_read(text: str, shape: tuple[int, ...], output: tuple[int, ...]) -> None:
    stack = pv.read_code(text, shape)

    assert (stack.ok, stack.output_shape, stack.not_read) == (True, output, ())


def test_the_sequential_in_a_printed_module_is_named() -> None:
    assert pv.read_code(PRINTED, (3, 32, 32)).source.model == "features"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = self.pool(F.relu(self.conv1(x)))", "conv1"),
        ("self.conv = nn.Conv2d(3, 6, 5)\nself.pool = nn.MaxPool2d(2)", "forward is missing"),
        ("Net(\n  (a): ReLU()\n  (b): MaxPool2d(2)\n)", "forward is missing"),
        ("x = y + 1", "no model"),
    ],
)
def test_what_is_missing_is_said(text: str, said: str) -> None:
    with pytest.raises(pv.NoModel, match=said):
        pv.read_code(text, (3, 10, 10))


ARTICLE = """
small = layers.MaxPooling2D(15)(keras.Input((10, 10, 3)))
odd = layers.MaxPooling2D(2)(keras.Input((11, 11, 3)))
even = layers.MaxPooling2D(2)(keras.Input((8, 8, 1)))
"""


def test_layers_that_stand_apart_are_all_named() -> None:
    stack = pv.read_code(ARTICLE)

    assert stack.source is not None
    assert (stack.output_shape, stack.source.candidates) == ((4, 4, 1), ("line 2", "line 3"))
    assert "line 2" in str(stack)
    assert pv.read_code(ARTICLE, name="line 3").output_shape == (5, 5, 3)
    assert pv.read_code(ARTICLE, name="line 2").ok is False
