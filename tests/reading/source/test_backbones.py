"""Models of libraries that are only imported: outputs and weights as the libraries gave them.

`tools/record/networks/backbones.py` recorded them.
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


@pytest.mark.parametrize(("name", "call"), sampled(KERAS, 6))
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


@pytest.mark.parametrize(
    ("call", "shape", "outputs"),
    [
        ("timm.create_model('resnet18', num_classes=3)", (3, 97, 131), ((3,),)),
        ("timm.create_model('vit_base_patch16_224', num_classes=0)", (3, 224, 224), ((768,),)),
        (
            "timm.create_model('resnet50', features_only=True, out_indices=(1, 2, 3))",
            (3, 97, 131),
            ((256, 25, 33), (512, 13, 17), (1024, 7, 9)),
        ),
        ("smp.Unet('resnet34', classes=3)", (3, 97, 131), ((3, 97, 131),)),
        ("smp.DeepLabV3Plus(encoder_name='resnet34', classes=3)", (3, 64, 96), ((3, 64, 96),)),
    ],
)
def test_recorded_shapes(call: str, shape: Any, outputs: Any) -> None:
    """Run with timm 1.0.31 and segmentation-models-pytorch 0.6.0."""
    text = f"import timm\nimport segmentation_models_pytorch as smp\nmodel = {call}"
    stack = pv.read_code(text, shape)

    assert (stack.output_shapes, stack.ok) == (outputs, True)


def test_sizes_and_names_that_are_not_recorded() -> None:
    """Given 200 × 200, this model of timm raises; FPN raises for a size that 32 does not divide."""
    for call in ("timm.create_model('vit_base_patch16_224')", "smp.FPN('resnet34')"):
        text = f"import timm\nimport segmentation_models_pytorch as smp\nmodel = {call}"
        assert pv.read_code(text, (3, 200, 200)).ok is None
    with pytest.raises(pv.NoModel, match=r"poolviz does not know vit_b_16; pv\.read_model"):
        pv.read_code("import torchvision\nmodel = torchvision.models.vit_b_16()", (3, 224, 224))
