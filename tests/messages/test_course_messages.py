"""The recorded errors of notebooks 15 to 17 are decoded, with their numbers and what helps.

Recorded by `tools/record/exercises/course_runs.py` with PyTorch 2.13, Keras 3.15 and onnxruntime
1.32.
"""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

import poolviz as pv
from tests.support.paths import DATA, ROOT

RUNS: dict[str, dict[str, Any]] = {
    run["id"]: run for run in json.loads((DATA / "course_runs.json").read_text(encoding="utf-8"))
}
RAISED = {id: run for id, run in RUNS.items() if "error" in run}

# By hand: the words that answer the error.
SAID = {
    "torch/one-grey-image": "without the batch and the channel axis",
    "torch/many-grey-images": "these are 60 grey pictures without a channel axis",
    "torch/without-a-batch": "Most likely the batch axis is missing",
    "torch/view-that-fails": "2304 numbers do not divide into rows of 400",
    "torch/loss-of-four": "each sample was cut into 4 rows",
    "torch/linear-of-larger-maps": "a layer built for 576 features",
    "torch/concat": "the inputs have different sizes, 14 and 15",
    "torch/sum": "their sizes differ: 14 and 15",
    "torch/too-much-output-padding": "an output_padding of at most 1",
    "torch/output-size-out-of-range": "the sizes 14 × 14 to 15 × 15 are possible",
    "torch/norm-of-one-value": "one value per channel",
    "keras/one-grey-image": "without the batch and the channel axis",
    "keras/many-grey-images": "the channel axis is missing",
    "keras/one-image-with-channels": "the batch axis is missing",
    "keras/model-of-one-image": "no window fits",
    "keras/concat": "the inputs have different sizes, 14 and 15",
    "keras/too-much-output-padding": "an output_padding of at most 1",
    "onnxruntime/one-grey-image": "the layer expects 4 axes including the batch",
    "onnxruntime/many-grey-images": "the layer expects 4 axes including the batch",
}


def test_every_error_has_its_sentence() -> None:
    assert set(SAID) == set(RAISED)


@pytest.mark.parametrize("id", SAID)
def test_a_recorded_error_is_decoded(id: str) -> None:
    run = RAISED[id]
    message = pv.decode(f"{run['error']}: {run['text']}")

    assert message is not None
    assert SAID[id] in str(message)


@pytest.mark.parametrize("axis", ["depth", "height", "width"])
def test_the_axis_with_too_much_output_padding_is_named(axis: str) -> None:
    """Three axes, of which one is over the limit; a dilation raises it."""
    names = ("depth", "height", "width")
    given = {name: 2 if name == axis else 1 for name in names}
    numbers = [f"output_padding_{name}: {given[name]}" for name in names]
    numbers += [f"stride_{name}: 2" for name in names] + [f"dilation_{name}: 1" for name in names]
    text = "output padding must be smaller than either stride or dilation, but got "

    message = pv.decode(f"RuntimeError: {text}{' '.join(numbers)}")
    assert message is not None
    assert message.failing_axes == (axis,)
    wide = " ".join(numbers).replace("dilation_" + axis + ": 1", "dilation_" + axis + ": 3")
    assert "output_padding is" not in str(pv.decode(f"RuntimeError: {text}{wide}"))


@pytest.mark.parametrize("number", ["15", "16", "17"])
def test_the_notebooks_paste_recorded_texts(number: str) -> None:
    """Each error that a cell passes to `decode` was raised by a framework, word for word."""
    (path,) = (ROOT / "notebooks").glob(f"{number}_*.ipynb")
    pasted = list(pasted_errors(path))
    raised = {f"{run['error']}: {run['text']}" for run in RAISED.values()}

    assert pasted
    assert [text for text in pasted if text not in raised] == []


def pasted_errors(path: Path) -> list[str]:
    """Return the strings of the code cells that begin as the last line of a traceback does."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    codes = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    nodes = (node for code in codes for node in ast.walk(ast.parse(code)))
    texts = (node.value for node in nodes if isinstance(node, ast.Constant))
    return [text for text in texts if isinstance(text, str) and re.match(r"\w+Error: ", text)]
