"""Read the model files of packages on PyPI with `read_code`.

    python -m tools.read_corpus fetch FOLDER
    python -m tools.read_corpus read FOLDER [--package timm] [--to ANSWERS.jsonl]

`fetch` downloads and unpacks the packages of `PACKAGES`; nothing of them is kept here or run.
`read` reads, by its name, each class with a `forward`, `call` or `__call__`, and the first builders
of each file, on a shape and with arguments that suit their parameters (`CHANNELS`, `GIVEN`). It
counts what is read whole, in part and refused, what crashes, and the slowest file.
`tools.compare_corpus` runs them in their frameworks.

All 935 files, 4,193 models, read on 29 November 2026, Python 3.11.7: 529 whole, 3,156 in part,
508 refused, no crash, at most 0.35 s for one. Most of what stops a reading is imported from another
file of the package. Of every third file (305, 1,397 models) poolviz at commit 2db17fc read
38 whole, and 111 crashed, that of 29 November 167. On 30 November, at commit c7b63ce: 348 whole,
983 in part, 66 refused, no crash, at most 0.54 s for one beside other work. Compared with the
frameworks, at commit e007cbb, on up to five shapes each: kornia, segmentation-models-pytorch,
torchvision, monai, braindecode, keras, ultralytics and vit-pytorch without a contradiction,
pytorchcv, not to its end, with four on two models (the error of a branch that runs later). Of timm,
at commits dab6347b and 41d8c834, 137 files up to `senet.py`, each for at most 25 to 40 seconds:
1,367 runs, three contradictions of one kind (a check in a block that may run); the other 24 files,
at commit 578cfd5, 232 runs, one contradiction (members of an enumeration). flaxmodels and
lightning-bolts, with stand-ins for packages that no longer import: the class of one sum with a
constant, and `interpolate` without a size. All of these are mended; those of timm and pytorchcv
were run again and agree. Of every third file of timm, 77 models are read whole since then, 271 in
part and 35 refused (56, 297 and 30 before; what is read further may need too many steps), without
a crash.

All 4,193 models again at commit 96e62b9: 1,212 whole, 2,790 in part, 190 refused, one crash (a map
with more than three spatial axes, mended). torchvision, segmentation-models-pytorch, monai,
braindecode, part of kornia and every third file of timm agree with the frameworks there.
"""

from __future__ import annotations

import argparse
import ast
import json
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

PACKAGES = {  # with the part of the package that holds models
    "torchvision==0.29.1": "torchvision/models",
    "timm==1.0.31": "timm",
    "segmentation-models-pytorch==0.6.0": "segmentation_models_pytorch",
    "monai==1.6.1": "monai/networks",
    "braindecode==1.8.1": "braindecode",
    "pytorchcv==0.0.74": "pytorchcv",
    "keras==3.15.1": "keras/src/applications",
    "kornia==0.9.0": "kornia",
    "ultralytics==8.4.190": "ultralytics/nn",
    "vit-pytorch==1.26.14": "vit_pytorch",
    "flaxmodels==0.1.3": "flaxmodels",
    "lightning-bolts==0.7.0": "pl_bolts/models",
    "efficientnet-pytorch==0.7.1": "efficientnet_pytorch",
    "flax==0.12.8": "examples",
}
AS_SOURCE = ("efficientnet-pytorch", "flax")  # whose wheel is missing or has no examples
PIP = shutil.which("python3") or sys.executable  # an environment may be without pip
RUNS = ("forward", "call", "__call__")
MOST_BUILDERS = 4
CHANNELS = 16
_CHANNEL_NAMES = (
    "in_channels in_ch in_chans in_planes inplanes cin input_channels channels in_dim "
    "dim embed_dim planes num_channels n_feats c1 ch_in in_features chan inp width nin num_filters"
)
CHANNEL_NAMES = frozenset(_CHANNEL_NAMES.split())
_OUT_NAMES = (
    "out_channels out_ch out_chs out_planes outplanes cout output_channels dim_out out_dim c2 oup "
    "hidden_channels mid_channels hidden_dim mid_chs out_features nout oup_channels out_chans"
)
GIVEN: dict[str, Any] = {
    **dict.fromkeys(CHANNEL_NAMES, CHANNELS),
    **dict.fromkeys(_OUT_NAMES.split(), CHANNELS),
    **dict.fromkeys(("num_classes", "n_classes", "classes", "num_class", "n_outputs"), 10),
    **dict.fromkeys(("kernel_size", "kernel", "k", "ksize"), 3),
    **dict.fromkeys(("stride", "s", "strides", "groups", "dilation", "bottleneck_factor"), 1),
    **dict.fromkeys(("num_heads", "heads", "nhead", "n_heads", "depth", "num_layers"), 2),
    **dict.fromkeys(("image_size", "img_size", "input_resolution"), 224),
    **dict.fromkeys(("dropout", "drop_rate", "dropout_rate", "drop_prob", "p"), 0.1),
    "padding": 1,
    "spatial_dims": 2,
    "n_chans": 22,
    "n_times": 1000,
    "sfreq": 250,
    "patch_size": 16,
    "dim_head": 8,
    "mlp_dim": 32,
    "growth_rate": 8,
    "bn_size": 2,
    "bias": True,
    "reduction": 4,
    "num_groups": 4,
    "scale_factor": 2,
    "upscale_factor": 2,
    "in_size": (32, 32),
    "weights": None,
    "pretrained": False,
    "use_bias": True,
    "activate": True,
    "bn_eps": 1e-5,
}
OWN: dict[str, dict[str, Any]] = {  # arguments with a default that the package leaves open
    "braindecode": {"n_chans": 22, "n_outputs": 4, "n_times": 1000, "sfreq": 250},
    "keras": {"weights": None},
}
SHAPES = {"braindecode": (22, 1000), "keras": (224, 224, 3), "flaxmodels": (224, 224, 3)}
PICTURE = (3, 224, 224)


class Ask(NamedTuple):
    """One model of a file: its name, the arguments of its constructor, the shape of its input."""

    package: str
    file: str
    name: str
    arguments: dict[str, Any]
    shape: tuple[int, ...]
    inputs: int
    is_complete: bool


# --- the files -----------------------------------------------------------------------------------


def fetch(folder: Path) -> None:
    """Download the packages, and unpack their Python files."""
    for wanted in PACKAGES:
        name = wanted.partition("==")[0]
        to = folder / name
        to.mkdir(parents=True, exist_ok=True)
        form = ["--no-binary", name] if name in AS_SOURCE else ["--only-binary", name]
        pip = [PIP, "-m", "pip", "download", "-q", "--no-deps", "-d", str(to)]
        subprocess.run([*pip, *form, wanted], check=True)
        for archive in [*to.glob("*.whl"), *to.glob("*.tar.gz")]:
            if archive.suffix == ".whl":
                with zipfile.ZipFile(archive) as packed:
                    packed.extractall(to, [n for n in packed.namelist() if n.endswith(".py")])
            else:
                with tarfile.open(archive) as packed:
                    packed.extractall(to, filter="data")
            archive.unlink()


def files(folder: Path, package: str) -> Iterator[Path]:
    """Yield the files of a package that may hold models."""
    [part] = [part for wanted, part in PACKAGES.items() if wanted.partition("==")[0] == package]
    for path in sorted((folder / package).rglob("*.py")):
        where = "/" + path.relative_to(folder / package).as_posix()
        if f"/{part}/" in where and "/tests/" not in where:
            yield path


def asks(folder: Path, package: str, path: Path) -> Iterator[Ask]:
    """Yield the models of a file: its classes that have a `forward`, and its first builders."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError):
        return
    file = path.relative_to(folder / package).as_posix()
    builders = 0
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and _is_model(node):
            start, run = (_method(node, names) for names in (("__init__",), RUNS))
            arguments, is_complete = guessed(start, package, 1)
            inputs = max(1, len(_required(run, 1))) if run is not None else 1
            yield _ask(package, file, node.name, arguments, inputs, is_complete)
        elif isinstance(node, ast.FunctionDef) and _is_builder(node) and builders < MOST_BUILDERS:
            arguments, is_complete = guessed(node, package, 0)
            if is_complete:
                builders += 1
                yield _ask(package, file, node.name, arguments, 1, True)


def _is_model(node: ast.ClassDef) -> bool:
    bases = " ".join(ast.unparse(base) for base in node.bases)
    is_derived = any(word in bases for word in ("Module", "Model", "Layer", "Sequential", "Net"))
    return bool(bases) and (_method(node, RUNS) is not None or "Sequential" in bases) and is_derived


def _is_builder(node: ast.FunctionDef) -> bool:
    last = node.body[-1]
    returns = isinstance(last, ast.Return) and isinstance(last.value, ast.Call | ast.Name)
    text = ast.unparse(last)
    is_maker = any(word in text for word in ("odel", "Net", "net(", "create", "_resnet"))
    return returns and not node.name.startswith("_") and is_maker


def _method(node: ast.ClassDef, names: tuple[str, ...]) -> ast.FunctionDef | None:
    found = (each for each in node.body if isinstance(each, ast.FunctionDef) and each.name in names)
    return next(found, None)


def _required(node: ast.FunctionDef, own: int) -> list[str]:
    spec = node.args
    plain = [arg.arg for arg in (*spec.posonlyargs, *spec.args)][own:]
    needed = plain[: len(plain) - len(spec.defaults)] if spec.defaults else plain
    only = [a.arg for a, d in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if d is None]
    return [*needed, *only]


def guessed(node: ast.FunctionDef | None, package: str, own: int) -> tuple[dict[str, Any], bool]:
    """Return arguments for a constructor, and whether each required one is among them."""
    if node is None:
        return {}, True
    spec = node.args
    named = {arg.arg for arg in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)}
    own_words = {"weights": None, "pretrained": False, "encoder_weights": None} | OWN.get(
        package, {}
    )
    extra = {word: value for word, value in own_words.items() if word in named}
    needed = _required(node, own)
    return extra | {w: GIVEN[w] for w in needed if w in GIVEN}, all(
        word in GIVEN or word in extra for word in needed
    )


def _ask(
    package: str, file: str, name: str, arguments: dict[str, Any], inputs: int, is_complete: bool
) -> Ask:
    shape = SHAPES.get(package, PICTURE)
    if CHANNEL_NAMES & set(arguments) or "in_chs" in arguments:
        front = name.lower()
        sizes = (64,) if "1d" in front else (8, 8, 8) if "3d" in front else (32, 32)
        shape = (CHANNELS, *sizes)
    return Ask(package, file, name, arguments, shape, inputs, is_complete)


# --- reading -------------------------------------------------------------------------------------


def read(text: str | Path, ask: Ask) -> dict[str, Any]:
    """Return how far poolviz reads a model, why it stops, and how long it takes."""
    import poolviz as pv

    shape: Any = ask.shape if ask.inputs == 1 else [ask.shape] * ask.inputs
    start = time.process_time()
    try:
        try:
            stack = pv.read_code(text, shape, ask.name, **ask.arguments)
        except TypeError as wrong:
            if "input_shape" not in str(wrong) and "unexpected keyword" not in str(wrong):
                raise
            stack = pv.read_code(text, ask.shape, ask.name)  # as it was before
        found = {"status": "whole" if _is_whole(stack) else "part", "why": _first_stop(stack)}
        found["ok"] = stack.ok
        str(stack)
    except (ValueError, TypeError) as wrong:  # NoModel and InputShapeNeeded among them
        crash = isinstance(wrong, TypeError) and "argument" not in str(wrong)
        found = {"status": "crash" if crash else "refused", "why": str(wrong)[:300]}
    except Exception as wrong:
        found = {"status": "crash", "why": f"{type(wrong).__name__}: {wrong}"[:300]}
    return found | {"seconds": round(time.process_time() - start, 3)}


def _is_whole(stack: Any) -> bool:
    whole = getattr(stack.source, "is_whole", None)
    return whole if whole is not None else "stack ends" not in _first_stop(stack)


def _first_stop(stack: Any) -> str:
    stops = [str(what) for what in stack.not_read]
    ends = [text for text in stops if "stack ends" in text]
    return (ends or stops or [""])[0][:300]


def read_all(folder: Path, packages: list[str], to: Path | None, every: int) -> None:
    """Read the corpus, or every so many of its files; print the counts."""
    answers: list[dict[str, Any]] = []
    slowest: dict[str, float] = defaultdict(float)
    for package in packages:
        counts: Counter[str] = Counter()
        paths = list(files(folder, package))[::every]
        used = set()
        for path in paths:
            for ask in asks(folder, package, path):
                used.add(path)
                found = read(path, ask)
                counts[found["status"]] += 1
                slowest[f"{package} {ask.file} {ask.name}"] = found["seconds"]
                answers.append(ask._asdict() | found)
        print(
            f"{package}: {len(used)} files, {sum(counts.values())} models, {dict(counts)}",
            flush=True,
        )
    total = Counter(answer["status"] for answer in answers)
    count = len({(answer["package"], answer["file"]) for answer in answers})
    print(f"in all: {count} files, {len(answers)} models, {dict(total)}")
    for name, seconds in sorted(slowest.items(), key=lambda each: -each[1])[:3]:
        print(f"slowest: {name}: {seconds} s")
    if to is not None:
        to.write_text("".join(json.dumps(answer) + "\n" for answer in answers))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("fetch", "read"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--package", action="append")
    parser.add_argument("--to", type=Path)
    parser.add_argument("--every", type=int, default=1)
    given = parser.parse_args()
    packages = given.package or [wanted.partition("==")[0] for wanted in PACKAGES]
    if given.what == "fetch":
        fetch(given.folder)
    else:
        read_all(given.folder, packages, given.to, given.every)


if __name__ == "__main__":
    main()
