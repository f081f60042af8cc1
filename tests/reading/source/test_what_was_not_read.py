"""A model that was not read as a whole: nothing is claimed about what nobody knows."""

from __future__ import annotations

import pytest

import poolviz as pv
from poolviz.reading.source.interpreter import statements
from poolviz.reading.source.interpreter.interpreter import Interpreter

START = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"


def net(init: str, forward: str, parameters: str = "self, x") -> str:
    lines = [f"        {line}" for line in init.split("\n")]
    body = [f"        {line}" for line in forward.split("\n")]
    head = ["class Net(nn.Module):", "    def __init__(self):", "        super().__init__()"]
    return START + "\n".join([*head, *lines, f"    def forward({parameters}):", *body])


# The rest of the model, and a part of what is said about it.
OPEN = {
    "an imported block first": (
        net("self.c = block(3, 64)\nself.p = nn.MaxPool2d(64)", "return self.p(self.c(x))"),
        "block is not defined",
    ),
    "an imported block last": (
        net("self.c = nn.Conv2d(3, 8, 3)\nself.b = block(8)", "return self.b(self.c(x))"),
        "block is not defined",
    ),
    "arguments from elsewhere": (
        net("self.c = nn.Conv2d(3, 8, 3, **settings())", "return self.c(x)"),
        "settings is not defined",
    ),
    "positions from elsewhere": (
        net("self.c = nn.Conv2d(3, *sizes(), 3)", "return self.c(x)"),
        "a list of unknown length",
    ),
    "a function of another file changes a dictionary": (
        f"{START}from helpers import force\noptions = dict(out_channels=8)\nforce(options)\n"
        "net = nn.Sequential(nn.Conv2d(3, kernel_size=3, **options))",
        "force(options)",
    ),
    "an entry of a list at an unknown place": (
        f"{START}layers = [nn.Conv2d(3, 8, 3)]\nlayers[place()] = nn.Conv2d(3, 4, 3)\n"
        "net = nn.Sequential(*layers)",
        "unknown",
    ),
    "an output that needs a block": (
        net(
            "self.c = nn.Conv2d(3, 8, 3)\nself.b = block(8)",
            "h = self.c(x)\nreturn h.flatten(1), self.b(h)",
        ),
        "block is not defined",
    ),
    "a second input without a shape": (
        net("self.f = nn.Linear(3072, 2)", "return self.f(x.flatten(1)) + y", "self, x, y"),
        "another input, y, is unknown",
    ),
    "a constant without a batch": (
        net(
            "self.c = nn.Conv2d(4, 8, 3)",
            "g = torch.ones(1, 1, 32, 32)\nreturn self.c(torch.cat([x, g], 1))",
        ),
        "has one sample",
    ),
}


@pytest.mark.parametrize(("text", "said"), OPEN.values(), ids=OPEN)
def test_a_stack_that_ends_early(text: str, said: str) -> None:
    stack = pv.read_code(text, (3, 32, 32))

    assert stack.ok is None
    assert stack.diagnosis.ok is None
    assert stack.source is not None
    assert not stack.source.is_whole
    assert stack.minimum_input_size is None
    assert stack.more_poolings == 0
    assert said in str(stack.not_read[0])
    for word in ("the output is", "smallest input", "would fit"):
        assert word not in str(stack)


def test_what_is_known_stays() -> None:
    stack = pv.read_code(OPEN["an imported block last"][0], (3, 32, 32))

    assert [row.output_shape for row in stack.rows] == [(8, 30, 30)]
    assert stack.diagnosis.headline == (
        "1 layer on 3 × 32 × 32: 8 × 30 × 30 so far; the rest of the model was not read"
    )


def test_nothing_was_read() -> None:
    stack = pv.read_code(OPEN["an imported block first"][0], (3, 32, 32))

    assert stack.diagnosis.headline == "3 × 32 × 32: no layer of the model was read"


def test_a_failure_before_the_end_is_certain() -> None:
    text = net("self.p = nn.MaxPool2d(40)\nself.b = block(8)", "return self.b(self.p(x))")
    stack = pv.read_code(text, (3, 32, 32))

    assert stack.ok is False
    assert stack.fixes
    assert all("at the end of what was read" in fix.text for fix in stack.fixes)


def test_a_failure_in_an_output_beside_one_that_was_not_read() -> None:
    text = net(
        "self.c = nn.Conv2d(3, 8, 3)\nself.p = nn.MaxPool2d(40)\nself.b = block(8)",
        "h = self.c(x)\nreturn self.b(h), self.p(h)",
    )

    assert pv.read_code(text, (3, 32, 32)).ok is False


def test_crossing_ways_that_would_double_are_shown_by_their_shape() -> None:
    more = "\n".join(["a, b = a + b, torch.maximum(b, a)"] * 9)
    text = net(
        "self.a = nn.Conv2d(3, 4, 3)\nself.b = nn.Conv2d(3, 4, 3)",
        f"a = self.a(x)\nb = self.b(x)\n{more}\nreturn torch.cat([a, b], 1), x",
    )
    stack = pv.read_code(text, (3, 32, 32))

    assert stack.output_shapes == ((8, 30, 30), (3, 32, 32))  # torch 2.13.0
    assert "one row stands for it" in str(stack.not_read)


def test_an_output_that_shares_branches_is_shown() -> None:
    text = net(
        "self.a = nn.Conv2d(3, 4, 3)\nself.b = nn.Conv2d(3, 4, 3)",
        "a = self.a(x)\nb = self.b(x)\nreturn torch.cat([a, b], 1), a * b",
    )
    stack = pv.read_code(text, (3, 32, 32))

    assert stack.output_shapes == ((8, 30, 30), (4, 30, 30))


def test_a_replaced_weight_is_noted() -> None:
    text = f"{START}net = nn.Sequential(nn.Linear(4, 2))\nnet[0].weight = make()"

    assert "weight is replaced" in str(pv.read_code(text, (4,)).not_read)


# --- texts ---------------------------------------------------------------------------------------

ARTICLE = """Three errors

The kernel is larger than the picture, so it doesn't fit:

from keras.models import Sequential
from keras.layers import MaxPooling2D

model = Sequential([MaxPooling2D(15, input_shape=(10, 10, 3))])

That fails. With a large stride it's fine:

model = Sequential([MaxPooling2D(2, strides=5, input_shape=(10, 10, 3))])

And so it is with padding:

model = Sequential([MaxPooling2D(2, padding="same", input_shape=(11, 11, 3))])
"""


def test_every_model_of_an_article_is_read_or_listed() -> None:
    stack = pv.read_code(ARTICLE)
    assert stack.source is not None
    others = [pv.read_code(ARTICLE, name=name) for name in stack.source.candidates]

    assert [each.output_shape for each in (*others, stack)] == [None, (2, 2, 3), (6, 6, 3)]
    assert "The text also has line 8 and line 12" in str(stack)


def test_an_error_in_a_file_is_not_passed_over() -> None:
    text = (
        f'{START}class Net(nn.Module):\n    """\n    >>> nn.Conv2d(1, 2, 3)\n    """\n    x = = 1'
    )

    with pytest.raises(pv.NoModel, match=r"line 8: `x = = 1`: not valid Python"):
        pv.read_code(text, (3, 8, 8))


def test_a_model_with_unknown_ends_is_no_other_model() -> None:
    text = (
        "import keras\nfrom keras import layers\n"
        "small = keras.Sequential([keras.Input((8, 8, 1)), layers.MaxPooling2D(2)])\n"
        "model = keras.Model(base.input, layers.Dense(2)(base.output))"
    )

    with pytest.raises(pv.NoModel, match=r"line 4.*unknown inputs.*also has small"):
        pv.read_code(text)
    assert pv.read_code(text, name="small").output_shape == (4, 4, 1)


# --- faults of the interpreter itself ------------------------------------------------------------


def test_a_fault_hides_nothing_that_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise KeyError(5)

    monkeypatch.setattr(Interpreter, "_raise", fails)
    text = net("self.c = nn.Conv2d(3, 8, 3)", "x = self.c(x)\nraise ValueError")

    with pytest.raises(KeyError):
        pv.read_code(text, (3, 32, 32))
    monkeypatch.setattr(statements, "SURVIVES_ITSELF", True)
    stack = pv.read_code(text, (3, 32, 32))
    assert stack.ok is None
    assert [row.output_shape for row in stack.rows] == [(8, 30, 30)]


# --- inputs --------------------------------------------------------------------------------------


def test_more_shapes_than_inputs_are_refused() -> None:
    text = net("self.f = nn.Linear(4, 2)", "return self.f(x) + self.f(y)", "self, x, y")

    assert pv.read_code(text, [(4,), (4,)]).ok is True
    with pytest.raises(ValueError, match="has 3 shapes, but the model takes 2"):
        pv.read_code(text, [(4,)] * 3)


def test_the_smallest_input_is_unknown_where_another_one_has_sizes() -> None:
    text = net("self.c = nn.Conv2d(2, 8, 3)", "return self.c(torch.cat([x, y], 1))", "self, x, y")
    stack = pv.read_code(text, [(1, 9, 9), (1, 9, 9)])

    assert stack.output_shape == (8, 7, 7)
    assert stack.minimum_input_size is None


# --- fixes ---------------------------------------------------------------------------------------


def test_flatten_and_the_features_are_one_fix() -> None:
    text = f"{START}net = nn.Sequential(nn.Conv2d(1, 8, 5), nn.MaxPool2d(2), nn.Linear(99, 4))"
    first = pv.read_code(text, (1, 28, 28)).fixes[0]

    assert first.code == "nn.Flatten(), nn.Linear(1152, 4)"
    assert first.output_shape == (4,)


def test_the_code_of_a_dense_layer_on_a_map() -> None:
    text = f"{START}net = nn.Sequential(nn.Conv2d(1, 20, 5), nn.Linear(320, 50, bias=False))"
    fixes = pv.read_code(text, (1, 28, 28)).fixes

    assert [fix.code for fix in fixes if fix.parameter == "in_features"] == [
        "nn.Linear(24, 50, bias=False)"
    ]


def test_changes_that_only_work_together() -> None:
    text = net(
        "self.a = nn.Conv2d(3, 8, 3)\nself.b = nn.Conv2d(8, 16, 3)\n"
        "self.u = nn.ConvTranspose2d(16, 8, 2, 2)\nself.d = nn.Conv2d(12, 8, 3)",
        "a = self.a(x)\nb = self.u(self.b(F.max_pool2d(a, 2)))\n"
        "return self.d(torch.cat([a, b], 1))",
    )
    fixes = pv.read_code(text, (3, 32, 32)).fixes

    assert any("then in_channels 12 → 16 in d" in fix.text for fix in fixes)
    assert all(fix.stack.ok for fix in fixes)


# --- changes that may happen ---------------------------------------------------------------------

CHANGES = {
    "a method behind an open condition": "if flag():\n    model.widen()",
    "a hook": "model.c.register_forward_hook(lambda module, given, out: out[:, :4])",
    "exec": 'exec("model.c = nn.Conv2d(3, 9, 3)")',
    "a function of another file": "from helpers import widen\nwiden(model)",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_may_change_a_model_is_listed(change: str) -> None:
    method = "    def widen(self):\n        self.c = nn.Conv2d(3, 9, 3)\n"
    text = net("self.c = nn.Conv2d(3, 8, 3)", "return self.c(x)")
    stack = pv.read_code(f"{text}\n{method}model = Net()\n{change}", (3, 8, 8))

    assert len(stack.not_read) == 1
    assert stack.not_read[0].line is not None
    assert stack.not_read[0].line > 11


@pytest.mark.parametrize(
    ("call", "is_lost"),
    [("note(sizes)", True), ("helpers.note(sizes)", True), ("open_board().note(sizes)", False)],
)
def test_a_function_that_is_not_known_may_change_a_list(call: str, is_lost: bool) -> None:
    """A method most often changes its own object."""
    made = "sizes = [8]\n{}\nmodel = nn.Sequential(nn.Conv2d(3, sizes[0], 3))"
    imported = "import helpers\nfrom helpers import note, open_board\n"
    stack = pv.read_code(START + imported + made.format(call), (3, 8, 8))

    assert (len(stack.not_read) == 1) == is_lost


_MODEL = """
import torch.nn as nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.f = nn.Linear(4, 5)
    def forward(self, x):
        {}
        return self.f(x)
"""
_ENDS = """
import keras
from keras import layers
m = keras.Sequential([{}layers.Conv2D(4, 3)])
{}
model = keras.Model(m.input, layers.Dense(2)(m.output))
"""


def test_rows_of_one_sample_are_said() -> None:
    stack = pv.read_code(_MODEL.format("x = x.view(-1, 4)"), (4, 2, 2))

    assert (stack.ok, stack.output_shape) == (True, (5,))
    assert "each sample of the batch gives 4 rows" in str(stack)


def test_a_function_that_may_raise_is_listed() -> None:
    check = "def check(x):\n    if flag:\n        return x\n    raise ValueError(x.shape)\n"
    stack = pv.read_code(check + _MODEL.format("check(x)"), (4,))

    assert stack.ok is None
    assert "it is unknown whether `check(x)` raises an error" in str(stack)


@pytest.mark.parametrize(
    ("first", "then", "is_said"),
    [
        ("keras.Input((8, 8, 3)), ", "", True),  # AttributeError in Keras 3.15.1
        ("", "m.build((None, 8, 8, 3))", True),  # AttributeError
        ("", "m(keras.Input((8, 8, 3)))", False),  # (6, 6, 2)
    ],
)
def test_a_sequential_has_no_ends_before_it_is_called(first: str, then: str, is_said: bool) -> None:
    stack = pv.read_code(_ENDS.format(first, then))

    assert stack.output_shape == (6, 6, 2)
    assert (stack.ok is None) is is_said
    assert ("has no `input` before it is called" in str(stack)) is is_said


def test_too_many_steps_are_said() -> None:
    loop = (
        "def make():\n    for i in range(9000):\n        a = [i, i + 1, i + 2]\n    return Net()\n"
    )

    with pytest.raises(pv.NoModel, match="it needs too many steps"):
        pv.read_code(_MODEL.format("pass") + loop, (4,), "make")
