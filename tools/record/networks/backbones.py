"""Run the models of libraries that `poolviz.reading.source.backbones` writes out, and record them.

    python3 -m venv FOLDER
    FOLDER/bin/pip install torch==2.13.0 torchvision==0.29.1 keras==3.15.1 timm==1.0.31
    FOLDER/bin/pip install segmentation-models-pytorch==0.6.0
    FOLDER/bin/python -m tools.record.networks.backbones

writes `tests/data/backbones.json.gz`: `versions`, and three tables by the name of a model.

* `torchvision`: `params`, and `shapes`, the output for an input, or the class of its error;
* `keras`: for arguments (as JSON), the `output`, `params`, and `inner`, the output of every 12th
  layer by its name, or the `error`. Keras builds the models symbolically, without weights.

poolviz is not imported, so nothing in the file comes from it. PyTorch runs on the device "meta".
"""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")

from tests.support.paths import DATA
from tools.record.networks.architectures import versions, zipped

OUTPUT = DATA / "backbones.json.gz"
WRITTEN_OUT = Path("poolviz/reading/source/backbones")
EVERY = 12
SIZES = ((3, 224, 224), (3, 64, 64), (3, 97, 131), (3, 32, 32))
KERAS_CALLS: tuple[dict[str, Any], ...] = (
    {},
    {"include_top": False, "input_shape": (160, 160, 3)},
    {"include_top": False, "input_shape": (111, 97, 3), "pooling": "avg"},
    {"include_top": False, "input_shape": (31, 31, 3)},
)


def names(file: str) -> Iterator[str]:
    """Yield the names of the models that a file writes out: its functions that take `weights`."""
    for node in ast.parse((WRITTEN_OUT / file).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and _takes_weights(node):
            yield node.name


def _takes_weights(node: ast.FunctionDef) -> bool:
    return bool(node.args.defaults) and "weights" in [arg.arg for arg in node.args.args]


def torchvision_models() -> dict[str, Any]:
    """Run the models of torchvision."""
    import torch
    from torchvision import models

    found = {}
    for name in names("torchvision_models.txt"):
        with torch.device("meta"), torch.no_grad():
            model = getattr(models, name)().eval()
            shapes: dict[str, Any] = {}
            for size in SIZES:
                try:
                    shapes[str(size)] = list(model(torch.zeros(2, *size)).shape[1:])
                except RuntimeError as wrong:
                    shapes[str(size)] = type(wrong).__name__
        count = sum(each.numel() for each in model.parameters())
        found[name] = {"params": count, "shapes": shapes}
    return found


def keras_models() -> dict[str, Any]:
    """Build the models of Keras."""
    from keras import applications

    found: dict[str, Any] = {}
    for name in names("keras_models.txt"):
        found[name] = {}
        for arguments in KERAS_CALLS:
            try:
                model = getattr(applications, name)(weights=None, **arguments)
            except ValueError as wrong:
                found[name][json.dumps(arguments)] = {"error": type(wrong).__name__}
                continue
            layers = [layer for layer in model.layers if not is_numbered(layer)][::EVERY]
            found[name][json.dumps(arguments)] = {
                "output": list(model.output_shape[1:]),
                "params": model.count_params(),
                "inner": {each.name: list(each.output.shape[1:]) for each in layers},
            }
            print(name, arguments, flush=True)
    return found


# --- timm: a table in the file that is read, since its models are not written out ----------------

_TIMM = """
resnet18 resnet26 resnet34 resnet50 resnet101 resnet152 resnet50d resnext50_32x4d wide_resnet50_2
seresnet50 resnest50d res2net50_26w_4s skresnet18 densenet121 densenet161 densenet169 densenet201
vgg11 vgg16 vgg16_bn vgg19 vgg19_bn mobilenetv2_100 mobilenetv3_large_100 mobilenetv3_small_100
mnasnet_100 efficientnet_b0 efficientnet_b1 efficientnet_b2 efficientnet_b3 efficientnet_b4
efficientnet_b5 efficientnet_lite0 tf_efficientnet_b0 tf_efficientnet_b1 tf_efficientnet_b2
tf_efficientnet_b3 tf_efficientnet_b4 tf_efficientnet_b5 tf_efficientnet_b6 tf_efficientnet_b7
tf_efficientnetv2_s tf_efficientnetv2_m tf_efficientnetv2_b0 efficientnetv2_rw_s convnext_tiny
convnext_small convnext_base convnextv2_tiny convnextv2_base regnetx_032 regnety_008 regnety_016
regnety_032 rexnet_100 ghostnet_100 hrnet_w18 inception_v3 inception_v4 inception_resnet_v2
xception41 eca_nfnet_l0 swin_tiny_patch4_window7_224 swin_small_patch4_window7_224
swin_base_patch4_window7_224 vit_tiny_patch16_224 vit_small_patch16_224 vit_base_patch16_224
vit_base_patch32_224 vit_large_patch16_224 deit_tiny_patch16_224 deit_small_patch16_224
deit_base_patch16_224 beit_base_patch16_224 mixer_b16_224 maxvit_tiny_tf_224 pvt_v2_b0 pvt_v2_b2
poolformer_s12 mobilevit_s edgenext_small cspresnet50 cspdarknet53 dla34 dpn68 lcnet_100 tinynet_a
"""
_TRIED = ((64, 96), (97, 131), (111, 224), (224, 224))


def timm_models() -> dict[str, list[Any]]:
    """Return what each model of timm gives, by its name, as `timm_models.txt` explains it."""
    import timm
    import torch

    found: dict[str, list[Any]] = {}
    for name in _TIMM.split():
        with torch.device("meta"), torch.no_grad():
            whole, bare = timm.create_model(name).eval(), timm.create_model(name, num_classes=0)
            counts = [sum(p.numel() for p in model.parameters()) for model in (whole, bare)]
            has_head = counts[0] - counts[1] == 1000 * (bare.num_features + 1)
            size = bare.default_cfg["input_size"][1] if bare.default_cfg["fixed_input_size"] else 0
            maps, weights = _feature_maps(name)
        if has_head:
            found[name] = [bare.num_features, counts[1], size, maps, weights]
            print(name, found[name], flush=True)
    return found


def _feature_maps(name: str) -> tuple[list[Any], int]:
    """Return channels, reduction and rounding of each map of `features_only`; [] for others."""
    import timm
    import torch

    try:
        model = timm.create_model(name, features_only=True).eval()
        runs = {size: model(torch.zeros(1, 3, *size)) for size in _TRIED}
    except Exception:  # not made for features, or for one size only
        return [], 0
    channels, reductions = model.feature_info.channels(), model.feature_info.reduction()
    for rounds in ("ceil", "floor"):
        up = 1 if rounds == "ceil" else 0
        if all(
            list(each.shape[1:]) == [c, *(-(-n // r) if up else n // r for n in size)]
            for size, maps in runs.items()
            for each, c, r in zip(maps, channels, reductions, strict=True)
        ):
            count = sum(p.numel() for p in model.parameters())
            return [rounds, channels, reductions], count
    return [], 0


def write_table(table: dict[str, list[Any]]) -> None:
    """Put the table into the file that poolviz reads."""
    path = WRITTEN_OUT / "timm_models.txt"
    lines = path.read_text(encoding="utf-8").split("\n")
    rows = [f"    {json.dumps(name)}: {json.dumps(row)}," for name, row in table.items()]
    start = lines.index("MODELS = {")
    path.write_text("\n".join([*lines[: start + 1], *rows, *lines[lines.index("}") :]]))


# --------------------------------------------------------------------------------------------------


def is_numbered(layer: Any) -> bool:
    """Return whether Keras chose the name of a layer, by counting its class."""
    from keras.src.utils.naming import to_snake_case

    own = to_snake_case(type(layer).__name__)
    return layer.name == own or layer.name.rpartition("_")[0] == own


def main() -> None:
    import warnings

    warnings.simplefilter("ignore")
    whole = {
        "versions": versions() | {each: version(each) for each in ("torchvision", "timm")},
        "torchvision": torchvision_models(),
        "keras": keras_models(),
    }
    OUTPUT.write_bytes(zipped(whole))
    write_table(timm_models())


if __name__ == "__main__":
    main()
