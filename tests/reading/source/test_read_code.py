"""`read_code`, compared with what the frameworks made of the same text.

The recorded runs come from `tools/record/networks/code_samples.py`.
"""

from __future__ import annotations

from typing import Any

import pytest

import poolviz as pv
from poolviz.dialects.common.vocabulary import LayerSpec
from poolviz.dialects.jax import layers as flax
from poolviz.dialects.keras import layers as keras
from poolviz.dialects.pytorch import layers as torch
from tests.reading.source.code_texts import (
    FAILING,
    MODEL,
    OK,
    RECORDED,
    RUNS,
    SAMPLES,
    conv_net,
    text_of,
)

# --- recorded texts ------------------------------------------------------------------------------


def test_the_recording_is_that_of_the_texts() -> None:
    assert {path.stem for path in SAMPLES.glob("*.py")} == {*RUNS, "conftest"}
    assert len(RUNS) >= 50
    assert len(FAILING) >= 15


@pytest.mark.parametrize("name", OK)
def test_a_text_gives_what_the_framework_gave(name: str) -> None:
    stack, run = pv.read_code(text_of(name)), RUNS[name]

    assert stack.ok
    assert list(stack.output_shape or ()) == run["output_shape"]
    assert stack.parameters == run["parameters"] - run["embedded"]
    assert len(stack.not_read) == (1 if run["embedded"] else 0)


@pytest.mark.parametrize("name", [name for name in OK if RUNS[name]["leaves"]])
def test_every_layer_with_weights_has_the_recorded_shape(name: str) -> None:
    rows = [row for row in pv.read_code(text_of(name)).rows if row.parameters]

    assert sorted([list(row.output_shape), row.parameters] for row in rows) == RUNS[name]["leaves"]


@pytest.mark.parametrize("name", FAILING)
def test_a_text_fails_where_the_framework_failed(name: str) -> None:
    failure, error = pv.read_code(text_of(name)).first_failure, RUNS[name]["error"]

    assert failure is not None
    assert failure.error_name == error["type"]
    if error["victim"] is not None and failure.name != "BatchNorm2d":
        assert failure.name == error["victim"]


@pytest.mark.parametrize("name", sorted(RUNS))
def test_every_layer_has_its_line(name: str) -> None:
    stack = pv.read_code(text_of(name))
    source = stack.source
    assert source is not None
    count = len(source.text.split("\n"))

    assert all(1 <= source.lines[row.path] <= count for row in stack.rows)


def test_the_line_is_that_of_the_settings() -> None:
    stack = pv.read_code(conv_net("x = self.pool(F.relu(self.conv(x)))"))
    assert stack.source is not None
    lines = stack.source.text.split("\n")
    quoted = [lines[stack.source.lines[row.path] - 1] for row in stack.rows]

    assert ["nn.Conv2d" in quoted[0], "F.relu" in quoted[1], "nn.MaxPool2d" in quoted[2]] == [
        True,
        True,
        True,
    ]


# --- tensors that meet ---------------------------------------------------------------------------

POOLED_ALONG_EACH_AXIS = """
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rows = nn.AdaptiveAvgPool2d((None, 1))
        self.columns = nn.AdaptiveAvgPool2d((1, None))
    def forward(self, x):
        y = self.rows(x) + self.columns(x)
        return F.max_pool2d(y, y.size()[2:])
"""


def test_a_sum_has_the_larger_size_along_each_axis() -> None:
    """(3, 8, 1) + (3, 1, 8) is (3, 8, 8), run in PyTorch 2.13.0."""
    stack = pv.read_code(POOLED_ALONG_EACH_AXIS, (3, 8, 8))

    assert [row.output_shape for row in stack.rows][-2:] == [(3, 8, 8), (3, 1, 1)]
    assert stack.rows[-1].window == pv.Pool((8, 8))


# --- the vocabulary ------------------------------------------------------------------------------

WORDS: list[tuple[str, str, LayerSpec]] = [
    (framework, name, word)
    for framework, words in (
        ("torch", torch.CLASSES),
        ("keras", keras.CLASSES),
        ("flax", flax.LINEN),
    )
    for name, word in words.items()
]


@pytest.mark.parametrize(("framework", "name", "word"), WORDS, ids=[w[1] for w in WORDS])
def test_the_arguments_have_the_order_of_the_framework(
    framework: str, name: str, word: LayerSpec
) -> None:
    recorded = RECORDED["arguments"][framework][name]
    if name in ("LSTM", "GRU", "RNN"):
        pytest.skip("PyTorch takes *args here; tests of the layers give them in order")

    assert list(word.arguments) == recorded[: len(word.arguments)]


# --- texts as they are pasted --------------------------------------------------------------------

PASTED = {
    "plain": MODEL,
    "indented": f"    {MODEL}\n",
    "first line not indented": f"import torch\n    {MODEL}",
    "prompt": f">>> import torch\n>>> {MODEL}\n>>> model\nSequential(\n  (0): Conv2d(1, 4)\n)",
    "prompt over lines": ">>> model = nn.Sequential(\n...     nn.Conv2d(1, 4, 3),\n"
    "...     nn.MaxPool2d(2),\n... )",
    "notebook": f"In [3]: {MODEL}\nOut[3]: Sequential(",
    "notebook over lines": "In [1]: model = nn.Sequential(\n   ...:     nn.Conv2d(1, 4, 3),\n"
    "   ...:     nn.MaxPool2d(2))",
    "fence": f"Here is my model:\n```python\n{MODEL}\n```\nIt doesn't work!",
    "magics": f"!pip install torch\n%matplotlib inline\n%%time\n{MODEL}",
    "old print": f'print "hello"\n{MODEL}\nprint model',
    "windows": f"import torch\r\n{MODEL}\r\n",
    "mark and hard spaces": f"\ufeff{MODEL.replace(' = ', chr(0xA0) + '= ')}",
    "after an import error": f"try:\n    import tensorflow\nexcept ImportError:\n    pass\n{MODEL}",
}


@pytest.mark.parametrize("text", PASTED.values(), ids=PASTED.keys())
def test_pasted_texts_are_read(text: str) -> None:
    assert pv.read_code(text, (1, 10, 10)).output_shape == (4, 4, 4)


def test_lines_are_those_of_the_pasted_text() -> None:
    text = f"```python\nimport torch\n\n{MODEL}\n```"
    source = pv.read_code(text, (1, 10, 10)).source

    assert source is not None
    assert source.lines == {(0,): 4, (1,): 4}


BAD: dict[str, tuple[Any, type[Exception], str]] = {
    "no text": (3, TypeError, "text must be a str, the source of a model, got int"),
    "empty": ("", pv.NoModel, "contains no model"),
    "prose": (
        "my model does not work",
        pv.NoModel,
        "line 1: `my model .*`: not valid Python",
    ),
    "syntax": ("x = 1\nmodel = nn.Sequential(", pv.NoModel, "line 2: .*was never closed"),
    "null byte": ("x = 1\0", pv.NoModel, "null bytes"),
    "deep": ("(" * 100_000, pv.NoModel, "not valid Python|too deeply"),
    "deep signs": ("-" * 50_000 + "1", pv.NoModel, "too deeply|contains no model"),
    "too long": ("#" * 1_000_001, ValueError, "1,000,001 signs; .* at most 1,000,000"),
    "no shape": (MODEL, pv.InputShapeNeeded, r"read_code\(…, input_shape=\(3, 32, 32\)\)"),
    "two layers in no order": (
        "a = nn.Conv2d(1, 2, 3)\nb = nn.ReLU()",
        pv.NoModel,
        "not the order in which they run",
    ),
    "endless": ("while True:\n    x = 1", pv.NoModel, "too many steps"),
}


@pytest.mark.parametrize(("text", "error", "said"), BAD.values(), ids=BAD.keys())
def test_what_is_no_model_is_refused(text: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        pv.read_code(text)


def test_the_missing_shape_comes_with_the_framework_and_its_order() -> None:
    with pytest.raises(pv.InputShapeNeeded) as raised:
        pv.read_code("model = keras.Sequential([keras.layers.Conv2D(8, 3)])")

    assert (raised.value.framework, raised.value.data_format) == ("keras", "channels_last")


# --- which model, which shape --------------------------------------------------------------------

TWO = """
encoder = nn.Sequential(nn.Conv2d(1, 4, 3))
decoder = nn.Sequential(nn.ConvTranspose2d(4, 1, 3))
decoder(encoder_output)
"""


def test_a_model_is_chosen_by_its_name() -> None:
    assert pv.read_code(TWO, (1, 8, 8), name="encoder").output_shape == (4, 6, 6)
    assert pv.read_code(TWO, (4, 6, 6)).output_shape == (1, 8, 8)
    with pytest.raises(pv.NoModel, match="'other' is not a model in the text; it contains deco"):
        pv.read_code(TWO, (1, 8, 8), name="other")


IN_A_CLASS = """
class Block(nn.Module):
    def __init__(self, channels=4):
        super().__init__()
        self.conv = nn.Conv2d(1, channels, 3)
    def forward(self, x):
        return self.conv(x)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.block = Block(8)
        self.pool = nn.MaxPool2d(2)
    def forward(self, x):
        return self.pool(self.block(x))
"""


@pytest.mark.parametrize(("use", "layers"), [("block = Block()", 1), ("Block()", 2)])
def test_a_part_that_is_tried_is_not_the_model(use: str, layers: int) -> None:
    """Without a name it is a trial, and the model is the class around it."""
    assert len(pv.read_code(IN_A_CLASS + use, (1, 8, 8)).rows) == layers


SHAPES = {
    "call": "model(torch.randn(2, 1, 20, 20))",
    "variable": "x = torch.rand((2, 1, 20, 20))\nmodel(x)",
    "torchsummary": "from torchsummary import summary\nsummary(model, (1, 20, 20))",
    "torchinfo": "import torchinfo\ntorchinfo.summary(model, input_size=(4, 1, 20, 20))",
    "device": "model = model.to('cuda')\nmodel.eval()\nmodel(torch.empty(1, 1, 20, 20).to('cuda'))",
    "trace": "torch.jit.trace(model, torch.ones(1, 1, 20, 20))",
    "no batch": "model(torch.randn(1, 20, 20))",
    "function": "def test():\n    y = model(torch.zeros(1, 1, 20, 20))\ntest()",
    "loop over data": "model(torch.zeros(1, 1, 20, 20))\nfor x, y in loader:\n    f(model(x), y)",
}


@pytest.mark.parametrize("use", SHAPES.values(), ids=SHAPES.keys())
def test_the_shape_is_found_in_the_text(use: str) -> None:
    stack = pv.read_code(f"{MODEL}\n{use}")

    assert stack.input_shape == (1, 20, 20)
    assert stack.output_shape == (4, 9, 9)


@pytest.mark.parametrize("name", ["torch_vgg", "keras_unet", "keras_mnist", "flax_mnist"])
def test_another_shape_may_be_given(name: str) -> None:
    given = pv.read_code(text_of(name)).input_shape
    other = tuple(64 if size > 4 else size for size in given)

    assert pv.read_code(text_of(name), other).input_shape == other
