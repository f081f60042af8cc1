"""`read_code`, compared with what the frameworks made of the same text.

The recorded runs come from `tools/record/networks/code_samples.py`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import poolviz as pv
from poolviz.dialects.common.vocabulary import LayerSpec
from poolviz.dialects.jax import layers as flax
from poolviz.dialects.keras import layers as keras
from poolviz.dialects.pytorch import layers as torch
from tests.support.paths import ROOT
from tests.support.recordings import COMPACT_FOLDER
from tests.support.work import counted

SAMPLES = ROOT / "tests" / "code_samples"
RECORDED = json.loads((COMPACT_FOLDER / "code_samples.json").read_text())
RUNS: dict[str, dict[str, Any]] = RECORDED["samples"]
OK = sorted(name for name, run in RUNS.items() if run["error"] is None)
FAILING = sorted(set(RUNS) - set(OK))


def text_of(name: str) -> str:
    return (SAMPLES / f"{name}.py").read_text()


def conv_net(*lines: str) -> str:
    """A small PyTorch class with these lines in `forward`."""
    body = "\n".join(f"        {line}" for line in lines)
    return (
        "class Net(nn.Module):\n"
        "    def __init__(self, width=8):\n"
        "        super().__init__()\n"
        "        self.conv = nn.Conv2d(3, width, 3, padding=1)\n"
        "        self.pool = nn.MaxPool2d(2)\n"
        "    def forward(self, x):\n"
        f"{body}\n"
        "        return x\n"
        "net = Net()\n"
        "net(torch.zeros(1, 3, 16, 16))\n"
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

MODEL = "model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.MaxPool2d(2))"
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


# --- what is not understood ----------------------------------------------------------------------


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


# --- hostile texts -------------------------------------------------------------------------------

HOSTILE = {
    "system": "__import__('os').system('touch {path}')",
    "open": "open('{path}', 'w')",
    "exec": "exec(\"open('{path}', 'w')\")",
    "eval": "eval(\"open('{path}', 'w')\")",
    "classes": "().__class__.__base__.__subclasses__()[40]('{path}', 'w')",
    "pathlib": "import pathlib\npathlib.Path('{path}').touch()",
    "default": "def f(x=open('{path}', 'w')): pass\nf()",
    "decorator": "@open('{path}', 'w')\ndef f(): pass",
    "getattr": "getattr(__builtins__, 'open')('{path}', 'w')",
    "format": "'{{0.__class__}}'.format(open('{path}', 'w'))",
}


@pytest.mark.parametrize("line", HOSTILE.values(), ids=HOSTILE.keys())
def test_nothing_is_run(line: str, tmp_path: Path) -> None:
    target = tmp_path / "made"
    stack = pv.read_code(f"{line.format(path=target)}\n{MODEL}", (1, 10, 10))

    assert stack.output_shape == (4, 4, 4)
    assert not target.exists()


MUCH_WORK = 1_000_000  # calls; the interpreter gives up long before
HEAVY = {
    "power": "n = 9 ** 9 ** 9",
    "shift": "n = 1 << 10 ** 12",
    "list": "n = [0] * 10 ** 12",
    "text": "n = 'a' * 10 ** 12",
    "formatted": "n = '%1000000000d' % 1",
    "padded": "n = f'{1:1000000000d}'",
    "range": "n = list(range(10 ** 15))",
    "doubled": "n = [1]\nfor _ in range(60):\n    n = n + n",
    "extended": "n = [1]\nfor _ in range(60):\n    n.extend(n)",
    "added": "n = [1]\nfor _ in range(60):\n    n += n",
    "round": "n = round(5, -10 ** 15)",
    "product": "import itertools\nn = list(itertools.product(*[range(99)] * 9))",
    "recursion": "def f(n):\n    return f(n)\n",
    "itself": "n = []\nn.append(n)\nm = sum(n)\nprint(n)",
    "infinite": "n = int(1e999)\nm = 2 ** 1e999",
    "digits": "n = int('9' * 5000)",
}


@pytest.mark.parametrize("line", HEAVY.values(), ids=HEAVY.keys())
def test_heavy_lines_are_given_up(line: str) -> None:
    stack, calls = counted(lambda: pv.read_code(f"{line}\n{MODEL}", (1, 10, 10)))

    assert stack.output_shape == (4, 4, 4)
    assert calls < MUCH_WORK


def outcome(text: str, input_shape: tuple[int, ...] | None = None) -> pv.Stack | ValueError:
    """The stack, or the error that says why there is none."""
    try:
        return pv.read_code(text, input_shape)
    except ValueError as wrong:
        return wrong


CODE = """
model = nn.Sequential( ) Conv2d MaxPool2d 3 , x self . forward def class : [ ] for in range if
return F.relu keras.layers.Dense Input ** lambda * import torch 'a' {} None ! > >>> @ += while
torch.randn(1,3,8,8) ``` True
"""
WORDS_OF_CODE = st.sampled_from([*CODE.split(), "\n", "\n    ", "    "])


@settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.one_of(st.text(max_size=200), st.lists(WORDS_OF_CODE, max_size=40).map(" ".join)))
def test_any_text_gives_a_stack_or_a_clear_error(text: str) -> None:
    assert str(outcome(text, (3, 8, 8)))


@pytest.mark.long
@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.data())
def test_a_model_with_lines_missing_raises_nothing_else(data: st.DataObject) -> None:
    lines = text_of(data.draw(st.sampled_from(sorted(RUNS)))).split("\n")
    dropped = data.draw(st.sets(st.integers(0, len(lines) - 1), max_size=4))
    kept = [line for place, line in enumerate(lines) if place not in dropped]
    assert str(outcome("\n".join(kept)))


def test_twice_the_model_is_twice_the_work() -> None:
    half, whole = (counted(_rows_of_long_model, blocks) for blocks in (150, 300))

    assert whole[0] == 2 * half[0] == 600
    assert whole[1] <= 2.2 * half[1]


def _rows_of_long_model(blocks: int) -> int:
    block = (
        "model.add(keras.layers.Conv2D(32, (3, 3), padding='same', activation='relu'))\n"
        "model.add(keras.layers.BatchNormalization())\n"
    )
    head = "model = keras.Sequential()\nmodel.add(keras.Input((64, 64, 3)))\n"
    return len(pv.read_code(head + block * blocks).rows)


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
