"""ErrorDecoder without a browser, and what is behind it: `explain`."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

import poolviz as pv
from poolviz.reading.explain import HELP, PASTE, SPAN_NOTE, explain
from poolviz.widgets.decoder.state import MOST_SENT

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
TENSORFLOW = (
    "ValueError: Negative dimension size caused by subtracting 2 from 1 for '{{node "
    'max_pooling2d_4/MaxPool}} = MaxPool[T=DT_FLOAT, data_format="NHWC", ksize=[1, 2, 2, 1], '
    'padding="VALID", strides=[1, 2, 2, 1]](Placeholder)\' with input shapes: [?,1,14,64].'
)
PYTORCH = (
    "RuntimeError: Calculated padded input size per channel: (2 x 9). Kernel size: (3 x 3). "
    "Kernel size can't be greater than actual input size"
)
LINEAR = "RuntimeError: mat1 and mat2 shapes cannot be multiplied (64x400 and 120x84)"
CODE = """
import torch.nn as nn
model = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.MaxPool2d(14))
"""
COMPLETE = CODE + "model(torch.randn(1, 1, 28, 28))\n"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'\x00\x1b[31m"
_serial = itertools.count(1)


def act(w: pv.ErrorDecoder, name: str, value: Any = None) -> dict[str, Any]:
    """One press, and the state that it leads to, through JSON as the browser gets it."""
    w.view.set_state({"asked": {"action": {"name": name, "value": value}, "n": next(_serial)}})
    return state_of(w)


def paste(w: pv.ErrorDecoder, text: Any, shape: str = "") -> dict[str, Any]:
    return act(w, "read", {"text": text, "shape": shape})


def state_of(w: pv.ErrorDecoder) -> dict[str, Any]:
    state: dict[str, Any] = json.loads(json.dumps(w.view.state))
    return state


# --- messages ------------------------------------------------------------------------------------


def test_the_classic_message() -> None:
    w = pv.ErrorDecoder(TENSORFLOW)
    state = state_of(w)

    assert state["verdict"] == "No window fits. The window 2 is longer than the input 1."
    assert state["title"] == 'TensorFlow, max pooling, layer "max_pooling2d_4", height.'
    assert state["sentences"] == [
        "A height of 1 next to a long axis is often the number of channels: check whether the data "
        "is channels first while the model expects channels last. If not, the preceding layers "
        "reduced the height."
    ]
    assert state["fixes"][0] == {
        "text": "put the channels of the data last, if they are first",
        "code": "x = np.moveaxis(x, 1, -1)",
    }
    assert state["fixes"][1] == {
        "text": "input height 1 → 2 gives 1 × 7 (needs larger data, or fewer preceding layers)",
        "code": "",
    }
    # padding="same" is left out: each window would read one row
    assert state["fixes"][2]["code"] == "layers.GlobalMaxPooling2D(keepdims=True)"
    assert "2 of the kernel's 4 cells missing" in state["alt"]
    assert state["canOpen"]


def test_opens_the_layer_in_an_explorer() -> None:
    w = pv.ErrorDecoder(TENSORFLOW)
    act(w, "open", True)

    assert isinstance(w.explorer, pv.PoolExplorer)
    assert w.explorer.layer == pv.Pool((2, 2), (2, 2), "valid", framework="keras")
    assert w.explorer.input_size == (1, 14)
    assert w.children == (w.view, w.explorer)
    act(w, "open", False)
    assert w.children == (w.view,)


def test_a_message_without_stride_and_padding_is_drawn_with_a_note() -> None:
    w = pv.ErrorDecoder(PYTORCH)
    explorer = w.open_explorer()

    assert state_of(w)["detail"] == str(SPAN_NOTE)
    assert isinstance(explorer, pv.PoolExplorer)
    assert explorer.layer == pv.Conv(1, (3, 3))
    assert explorer.input_size == (2, 9)


def test_a_message_without_windows_has_words_and_no_picture() -> None:
    state = state_of(pv.ErrorDecoder(LINEAR))

    assert "built for 120 features, and the input has 400" in state["verdict"]
    assert state["fixesTitle"] == "Possible fixes:"
    assert state["fixes"][0] == {
        "text": "a layer built for 400 features",
        "code": "nn.Linear(400, 84)",
    }
    assert (state["width"], state["canOpen"]) == (0, False)
    assert pv.ErrorDecoder(LINEAR).open_explorer() is None


def test_a_whole_traceback() -> None:
    text = f"Traceback (most recent call last):\n  File 'a.py', line 3\n{TENSORFLOW}\n" * 3

    assert pv.ErrorDecoder(text).explanation.message == pv.decode(TENSORFLOW)


@pytest.mark.parametrize(
    "text", ["", "   \n", "good morning", "CUDA out of memory", "1 + 1", "名前"]
)
def test_other_texts(text: str) -> None:
    w = pv.ErrorDecoder(text)
    state = state_of(w)

    assert state["verdict"] == ("poolviz does not recognise this text." if text.strip() else "")
    assert state["sentences"] == ([str(HELP), str(PASTE)] if text.strip() else [])
    assert not state["canOpen"]


# --- code ----------------------------------------------------------------------------------------


def test_code_with_its_input() -> None:
    w = pv.ErrorDecoder(COMPLETE)
    state = state_of(w)

    assert state["verdict"] == (
        "No window fits: the kernel (14) is larger than the input (13) of layer 3 (MaxPool 14×14)."
    )
    assert state["title"].startswith("4 layers on 1 × 28 × 28: stops at layer 3 (MaxPool 14×14)")
    assert {"nn.AdaptiveMaxPool2d(1)", "nn.MaxPool2d(13)"} <= {
        fix["code"] for fix in state["fixes"]
    }
    assert isinstance(w.open_explorer(), pv.StackExplorer)


def test_code_without_its_input_asks_for_it() -> None:
    w = pv.ErrorDecoder(CODE)
    state = state_of(w)

    assert state["verdict"] == "The model was read. What is its input shape?"
    assert state["asksShape"]
    state = paste(w, CODE, "1, 28, 28")
    assert state["title"].startswith("4 layers on 1 × 28 × 28: stops")
    assert (state["asksShape"], state["shape"]) == (True, "1, 28, 28")
    assert w.input_shape == (1, 28, 28)


def test_code_that_is_no_python_says_where() -> None:
    state = state_of(pv.ErrorDecoder("import torch.nn as nn\nmodel = nn.Sequential(\n"))

    assert "line" in state["sentences"][0]


def test_a_message_below_the_code() -> None:
    """Both are shown: what the message says, and where it is in the network."""
    w = pv.ErrorDecoder(COMPLETE)
    explanation = explain(COMPLETE + f'"""\n{PYTORCH}\n"""')

    assert explanation.message is not None
    assert explanation.stack is not None
    assert explanation.title == w.explanation.title
    assert explanation.sentences[0].startswith("PyTorch, convolution, height: no window fits.")


# --- changes -------------------------------------------------------------------------------------


def test_an_open_explorer_follows_the_text() -> None:
    w = pv.ErrorDecoder(TENSORFLOW)
    w.open_explorer()
    paste(w, COMPLETE)

    assert isinstance(w.explorer, pv.StackExplorer)
    paste(w, "good morning")
    assert w.explorer is None
    assert w.children == (w.view,)


def test_what_is_typed_is_not_sent_back() -> None:
    """The number of the box's text changes only when Python puts one there."""
    w = pv.ErrorDecoder("good")
    before = state_of(w)["textNumber"]
    assert paste(w, "good morning")["textNumber"] == before
    w.text = "good night"
    assert state_of(w)["textNumber"] == before + 1
    assert state_of(w)["text"] == "good night"


def test_the_same_text_with_another_input() -> None:
    w = pv.ErrorDecoder(CODE, (1, 28, 28))
    w.input_shape = (1, 32, 32)

    assert w.explanation.stack is not None
    assert w.explanation.stack.ok


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("read", None, "a text and a shape"),
        ("read", {"text": 3}, "text must be a str"),
        ("nothing", None, "no such action"),
    ],
)
def test_what_cannot_be_read_leaves_all_as_it_was(name: str, value: Any, says: str) -> None:
    w = pv.ErrorDecoder(TENSORFLOW)

    assert says in act(w, name, value)["problem"]
    assert w.text == TENSORFLOW


@pytest.mark.parametrize(
    ("shape", "says"), [("wide", "must be integers"), ("1, 2, 3, 4, 5, 6", "1 to 4 entries")]
)
def test_a_text_is_read_beside_a_shape_that_is_none(shape: str, says: str) -> None:
    """A fresh paste is not held up by what still is in the other field."""
    w = pv.ErrorDecoder(CODE, (1, 28, 28))
    assert says in paste(w, CODE, shape)["problem"]
    assert (w.text, w.input_shape) == (CODE, (1, 28, 28))

    assert says in paste(w, COMPLETE, shape)["problem"]
    assert (w.text, w.input_shape) == (COMPLETE, None)
    assert w.explanation.stack is not None


def test_a_message_needs_no_shape() -> None:
    """The browser then hides its field, and no longer sends its content."""
    w = pv.ErrorDecoder(CODE, (1, 28, 28))

    state = paste(w, TENSORFLOW, "wide")
    assert "must be integers" in state["problem"]
    assert state["title"].startswith("TensorFlow, max pooling")
    assert not state["asksShape"]


@pytest.mark.parametrize("text", [None, 3, b"text", ["text"]])
def test_wrong_types(text: Any) -> None:
    with pytest.raises(TypeError, match="text must be a str"):
        pv.ErrorDecoder(text)


# --- hostile -------------------------------------------------------------------------------------


def test_hostile_text_is_text() -> None:
    text = TENSORFLOW.replace("max_pooling2d_4", HOSTILE)
    w = pv.ErrorDecoder(text)
    data, _ = w._repr_mimebundle_()

    assert "<script" not in data.get("text/html", "")
    assert "<img src=x" not in data.get("text/html", "")


def test_code_is_not_executed(tmp_path: Any) -> None:
    trap = tmp_path / "trap"
    evil = f"__import__('pathlib').Path({str(trap)!r}).touch()\n"
    w = pv.ErrorDecoder(f"import os\n{evil}class A(object):\n    {evil}{COMPLETE}")
    paste(w, evil + COMPLETE + f"\nprint({evil.strip()})\n")

    assert not trap.exists()


def test_ten_megabytes() -> None:
    w = pv.ErrorDecoder("no news today\n" * 800_000 + TENSORFLOW)

    assert w.explanation.message is not None
    assert len(json.dumps(w.view.state)) < 2 * MOST_SENT


def test_null_bytes_and_colours() -> None:
    assert explain(f"\x00\x1b[31m{TENSORFLOW}\x1b[0m\x00").message is not None


# --- without a browser ---------------------------------------------------------------------------


def test_words_and_bundle() -> None:
    w = pv.ErrorDecoder(TENSORFLOW)
    data, _ = w._repr_mimebundle_()

    assert data["text/plain"] == f"ErrorDecoder({w.explanation.title})"
    assert {WIDGET_VIEW, "image/png", "text/html"} <= set(data)
    assert repr(pv.ErrorDecoder()) == "ErrorDecoder(nothing pasted)"


def test_bundle_without_a_picture() -> None:
    data, _ = pv.ErrorDecoder("good morning")._repr_mimebundle_()

    assert "image/png" not in data
    assert data["text/plain"] == "ErrorDecoder(poolviz does not recognise this text.)"


def test_screens() -> None:
    w = pv.ErrorDecoder(COMPLETE)
    light = w.view.picture
    w.view.set_state({"screen": {"theme": "dark", "ratio": 2}})

    assert w.view.picture != light


@pytest.mark.parametrize(
    ("node", "layer"),
    [
        ("conv/Conv2D", pv.Conv),
        ("pool/MaxPool", pv.Pool),
        ("pool/AvgPool", pv.Pool),
        ("foo/Bar", None),  # of which nobody knows what its window does
    ],
)
def test_a_message_is_drawn_as_the_layer_that_it_names(node: str, layer: Any) -> None:
    w = pv.ErrorDecoder(f"Negative dimension size caused by subtracting 3 from 1 for '{node}'")
    drawn = w.explanation.drawable

    assert (drawn is None) if layer is None else isinstance(drawn[0], layer)  # type: ignore[index]
    if layer is pv.Pool:
        assert drawn[0].op == {"pool/AvgPool": "avg", "pool/MaxPool": "max"}[node]  # type: ignore[index, union-attr]
    assert (w.open_explorer() is None) == (layer is None)
