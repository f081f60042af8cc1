"""Run what `tools.read_corpus` read in PyTorch or Keras, and print each contradiction.

    FRAMEWORKS/bin/python -m tools.compare_corpus FOLDER ANSWERS.jsonl [--package timm]

The classes are built where their package can be imported, and run on the device `meta`, else the
CPU (Keras symbolically). Compared are the outputs or the type of the error, and, also where a stack
ends early, the shape after every layer that has the name of a submodule. No connection is opened.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import signal
import socket
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import torch

import poolviz as pv
from poolviz import Identity
from poolviz.arithmetic.open_size import differ
from tests.support.agreement import contradiction
from tools.read_corpus import PACKAGES, Ask

SHAPES = ((3, 224, 224), (16, 32, 32), (49, 16), (16,), (1, 32, 32))
BATCH = 5
SECONDS = 30  # for one model
SHOWN = 200  # characters of a message
Shapes = dict[str, list[tuple[int, ...]]]


def compare(folder: Path, answers: Path, packages: list[str]) -> Counter[str]:
    """Compare all models of some packages; return how often what happened."""
    counts: Counter[str] = Counter()
    for line in answers.read_text().splitlines():
        answer = json.loads(line)
        ask = Ask(*(answer[field] for field in Ask._fields))
        if ask.package not in packages or answer["status"] not in ("whole", "part"):
            continue
        text = folder / ask.package / ask.file
        shapes = (tuple(ask.shape), *(SHAPES if ask.package != "keras" else ()))
        for shape in dict.fromkeys(shapes):
            said = _compared(text, ask._replace(shape=shape), counts)
            if said is not None:
                print(f"{ask.package} {ask.file} {ask.name} {shape}: {said}", flush=True)
    return counts


def _compared(text: Path, ask: Ask, counts: Counter[str]) -> str | None:
    """Compare one model on one shape; return what is wrong."""
    ran = _ran(ask)
    counts[ran.get("not_built") or ("raised" if "error" in ran else "ran")] += 1
    if "not_built" in ran:
        return None
    shape: Any = ask.shape if ask.inputs == 1 else [ask.shape] * ask.inputs
    try:
        stack = pv.read_code(text, shape, ask.name, **ask.arguments)
    except ValueError:  # no model that can be read
        return None
    words = _wrong(stack, ran)
    if words is not None and ran.get("device") == "meta":  # which does not check everything
        ran = _ran(ask, ("cpu",))
        words = None if "not_built" in ran else _wrong(stack, ran)
    counts["layers compared"] += sum(row.name in ran.get("layers", {}) for row in stack.rows)
    counts["ends compared"] += stack.ok is not None
    counts["whole and agrees"] += bool(stack.source and stack.source.is_whole) and words is None
    counts["contradicts"] += words is not None
    return words


def _wrong(stack: pv.Stack, ran: dict[str, Any]) -> str | None:
    words = contradiction(stack, ran)
    # A check that is said to be open may raise another error before the layer that fails.
    is_open = stack.ok is False and any(each.keeps_unchecked for each in stack.not_read)
    if words is not None and not (is_open and "error" in ran):
        return f"{words} {ran.get('says', '')[:SHOWN]}"
    layers: Shapes = ran["layers"]
    for row in stack.rows:
        if isinstance(row.layer, Identity) or row.name not in layers:
            continue  # an activation has the name of its function
        if row.output_shape not in map(_without_batch(row.output_shape), layers[row.name]):
            return f"{row.name} gives {row.output_shape}, but {layers[row.name][:3]}"
    failure = stack.first_failure
    if failure is not None and failure.name in layers and not failure.is_silent:
        return f"{failure.name} raises, but gives {layers[failure.name][:3]}"
    return None


def _without_batch(wanted: tuple[int, ...]) -> Callable[[tuple[int, ...]], tuple[int, ...]]:
    """Return what takes the axis of the batch away, which is not always the first one."""

    def taken(whole: tuple[int, ...]) -> tuple[int, ...]:
        places = [place for place, size in enumerate(whole) if size % BATCH == 0]
        found = [whole[:place] + whole[place + 1 :] for place in places]
        known = [each for each in found if len(each) == len(wanted)]
        agrees = (each for each in known if not any(map(differ, each, wanted)))
        return wanted if next(agrees, None) is not None else (found or [whole])[0]

    return taken


def _ran(ask: Ask, devices: tuple[str, ...] = ("meta", "cpu")) -> dict[str, Any]:
    [part] = [part for wanted, part in PACKAGES.items() if wanted.split("==")[0] == ask.package]
    file = ask.file[ask.file.index(part.partition("/")[0]) :]
    module = file.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    try:
        with redirect_stdout(StringIO()), TimeLimit(SECONDS):
            maker = getattr(importlib.import_module(module), ask.name)
            return _keras(maker, ask) if ask.package == "keras" else _torch(maker, ask, devices)
    except BaseException as wrong:  # a model that cannot be built gives no shapes
        if isinstance(wrong, KeyboardInterrupt):
            raise
        return {"not_built": f"not built: {type(wrong).__name__}", "says": str(wrong)}


def _keras(maker: Callable[..., Any], ask: Ask) -> dict[str, Any]:
    model = maker(**ask.arguments, input_shape=ask.shape)
    outputs = [list(each.shape[1:]) for each in model.outputs]
    layers: Shapes = {each.name: [(BATCH, *each.output.shape[1:])] for each in model.layers}
    return {"outputs": outputs, "layers": layers}


def _torch(maker: Callable[..., Any], ask: Ask, devices: tuple[str, ...]) -> dict[str, Any]:
    for device in devices:
        layers: Shapes = defaultdict(list)
        try:
            with torch.device(device), torch.no_grad():
                model = maker(**ask.arguments).eval()
                _watch(model, layers)
        except Exception:
            if device == devices[-1]:
                raise
            continue
        found = {"device": device, "layers": layers}
        try:
            with torch.device(device), torch.no_grad():
                given = [torch.zeros(BATCH, *ask.shape)] * ask.inputs
                outputs = [list(each.shape[1:]) for each in _leaves(model(*given))]
                return found | {"outputs": outputs}
        except Exception as wrong:
            if "positional argument" in str(wrong):
                raise  # it was not given what it needs
            if device == devices[-1]:
                return found | {"error": type(wrong).__name__, "says": str(wrong)}
    raise AssertionError


def _watch(model: Any, layers: Shapes) -> None:
    """Record the whole shape of what every submodule gives."""

    def hook(name: str) -> Callable[..., None]:
        def note(_module: Any, _given: Any, output: Any) -> None:
            layers[name] += [tuple(each.shape) for each in _leaves(output)]

        return note

    for name, module in model.named_modules():
        if name:
            module.register_forward_hook(hook(name))


def _leaves(value: Any) -> Iterator[Any]:
    if hasattr(value, "shape"):
        yield value
    elif isinstance(value, dict) or hasattr(value, "values"):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _leaves(each)


class TimeLimit:
    """End a step after some seconds."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds

    def __enter__(self) -> None:
        signal.signal(signal.SIGALRM, self._stop)
        signal.alarm(self.seconds)

    def __exit__(self, *_: object) -> None:
        signal.alarm(0)

    def _stop(self, *_: object) -> None:
        raise TimeoutError


def _go_offline() -> None:
    """Refuse every connection: some constructors fetch weights by default."""

    def refused(*_: object, **__: object) -> None:
        raise ConnectionError("the comparison opens no connection")

    socket.socket.connect = refused  # type: ignore[assignment,method-assign]
    socket.create_connection = refused  # type: ignore[assignment]
    socket.getaddrinfo = refused  # type: ignore[assignment]


def main() -> None:
    os.environ.setdefault("KERAS_BACKEND", "jax")
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("answers", type=Path)
    parser.add_argument("--package", action="append")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    _go_offline()
    # The wheel of torchvision needs CUDA for its operators, its models do not.
    operators = torch.library.Library("torchvision", "FRAGMENT")
    for name in ("nms", "qnms"):
        operators.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    packages = given.package or [wanted.partition("==")[0] for wanted in PACKAGES]
    print(dict(compare(given.folder, given.answers, packages)))


if __name__ == "__main__":
    main()
