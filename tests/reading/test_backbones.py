"""Models of libraries that are only imported: outputs and weights as the libraries gave them.

`tools/record_backbones.py` recorded them.
"""

from __future__ import annotations

import gzip
import json
from ast import literal_eval
from typing import Any

import pytest

import poolviz as pv
from tests.support.paths import DATA
from tests.support.sampling import sampled

RECORDED = json.loads(gzip.decompress((DATA / "backbones.json.gz").read_bytes()))


@pytest.mark.parametrize("name", ["resnet18", "resnet50", "vgg11", "mobilenet_v2", "alexnet"])
def test_torchvision(name: str) -> None:
    recorded: dict[str, Any] = RECORDED["torchvision"][name]
    text = f"import torchvision\nmodel = torchvision.models.{name}()"

    assert pv.read_code(text, (3, 224, 224)).parameters == recorded["params"]
    for shape, wanted in recorded["shapes"].items():
        given = pv.read_code(text, literal_eval(shape)).output_shape
        assert (list(given) if given else "RuntimeError") == wanted


KERAS = [(name, call) for name, calls in RECORDED["keras"].items() for call in calls]


@pytest.mark.parametrize(("name", "call"), sampled(KERAS, 12))
def test_keras(name: str, call: str) -> None:
    recorded, arguments = RECORDED["keras"][name][call], json.loads(call)
    given = "".join(f", {word}={value!r}" for word, value in arguments.items())
    text = f"import keras\nmodel = keras.applications.{name}(weights=None{given})"
    if "error" in recorded:
        with pytest.raises(pv.NoModel):
            pv.read_code(text)
        return
    stack = pv.read_code(text)

    assert (list(stack.output_shape or ()), stack.ok) == (recorded["output"], True)
    assert stack.parameters == recorded["params"]
    names = list(recorded["inner"])
    parts = f"\npart = keras.Model(model.input, [model.get_layer(n).output for n in {names}])"
    inner = pv.read_code(text + parts, name="part")
    assert inner.output_shapes == tuple(map(tuple, recorded["inner"].values()))
