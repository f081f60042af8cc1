"""What the recorders of versions share: installed packages, the newest version first, the file."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[2] / "tests" / "data"
PACKAGES = {  # whose versions are noted, the first in front
    "torch": ("torch",),
    "tensorflow": ("tensorflow-cpu", "tensorflow"),
    "keras": ("keras", "tensorflow-cpu", "torch", "jax"),
    "flax": ("flax", "jax"),
    "lax": ("jax",),
    "onnxruntime": ("onnxruntime",),
}
CALL_FIELDS = (  # of a recorded call of a pooling layer
    *("op", "input", "kernel", "stride", "dilation", "padding"),
    *("ceil_mode", "count_include_pad"),
)
Row = dict[str, Any]


def newest_first(answers: Iterable[Row], api: str) -> list[Row]:
    """Return the answers for a framework, those of its newest version in front."""
    package = "jax" if api == "flax" else PACKAGES[api][0]
    return sorted(
        (one for one in answers if one["api"] == api),
        key=lambda one: [int(n) for n in re.findall(r"\d+", one["versions"][package])],
        reverse=True,
    )


def others(key: str, mine: list[Row]) -> Row:
    """Return what older versions answered, by number, where it is not what the newest did."""
    new, *old = (one["answers"].get(key) for one in mine)
    return {str(i): came for i, came in enumerate(old, 1) if came != new}


def write(name: str, content: Row) -> None:
    """Write a file of `tests/data`, with the same bytes for the same content."""
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    packed = gzip.compress(text.encode(), 9, mtime=0)
    (DATA / name).write_bytes(packed)
    print(f"{name}: {len(packed):,} bytes")


def newest_opset() -> int:
    """Return the newest opset of the installed onnxruntime, at most 22."""
    minor = int(version("onnxruntime").split(".")[1])
    return min(22, {16: 19, 17: 20, 18: 21, 19: 21, 20: 21}.get(minor, 22))


def run_onnx(graph: Any, x: Any) -> list[Any]:
    """Return the outputs of a graph whose input is named "x"."""
    import onnxruntime
    from onnx import helper

    operators = [helper.make_opsetid("", newest_opset())]
    model = helper.make_model(graph, opset_imports=operators, ir_version=8)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what it rejects is raised as well
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return list(session.run(None, {"x": x}))


def onnx_attributes(row: Row) -> Row:
    """Return the attributes of a node of a pooling layer, as few as the call needs."""
    words: Row = {"kernel_shape": row["kernel"]}
    if row["stride"] is not None:
        words["strides"] = row["stride"]
    if row["padding"] in ("same", "same_lower"):
        words["auto_pad"] = "SAME_UPPER" if row["padding"] == "same" else "SAME_LOWER"
    elif row["padding"] != "valid":
        words["pads"] = [pair[i] for i in (0, 1) for pair in row["padding"]]
    if max(row["dilation"]) > 1:
        words["dilations"] = row["dilation"]
    if row["ceil_mode"]:
        words["ceil_mode"] = 1
    if row["count_include_pad"] is not None:
        words["count_include_pad"] = int(row["count_include_pad"])
    return words


def numbers(padding: Any) -> Any:
    """Return one number per axis where both sides are padded alike."""
    if isinstance(padding, str):
        return padding
    if all(before == after for before, after in padding):
        return tuple(before for before, _ in padding)
    return tuple(tuple(pair) for pair in padding)


def for_jax(padding: Any) -> Any:
    return padding.upper() if isinstance(padding, str) else [tuple(pair) for pair in padding]


def text_of(text: str) -> str:
    text = re.sub(r"\x1b\[\d+m", "", text).strip()
    text = text.partition("\n\nArguments received by")[0].partition("\n\nCall arguments")[0]
    if "ONNXRuntimeError" in text:
        text = re.split(r" was false\. ?|Status Message: |\] : 1 : FAIL : (?=tensor)", text)[-1]
    return text.strip()


def versions(api: str) -> dict[str, str]:
    """Return the installed versions of the packages of a framework."""
    installed = {name: _installed(name) for name in PACKAGES[api]}
    return {name: found for name, found in installed.items() if found}


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def torch_words(row: Row) -> Row:
    """Return the keywords of a recorded call in PyTorch, those of the defaults left out."""
    words: Row = {"kernel_size": tuple(row["kernel"])}
    if row["stride"] is not None:
        words["stride"] = tuple(row["stride"])
    if row["padding"] != "valid":
        words["padding"] = numbers(row["padding"])
    if max(row["dilation"]) > 1:
        words["dilation"] = tuple(row["dilation"])
    if row["ceil_mode"]:
        words["ceil_mode"] = True
    if row["count_include_pad"] is not None:
        words["count_include_pad"] = row["count_include_pad"]
    return words
