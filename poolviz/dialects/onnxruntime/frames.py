"""Frames of onnxruntime: a session knows the names and shapes of its inputs, not its layers.

`InferenceSession.run(self, output_names, input_feed)`, the same for a model read from a file and
from bytes. Read off onnxruntime 1.32.0. The layers are in C++, out of reach of Python.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from poolviz.dialects.common.frames import Frames, Step
from poolviz.i18n.catalogue import say


def _arrived(step: Step) -> str:
    if step.function != "run" or not step.module.endswith("onnxruntime_inference_collection"):
        return ""
    feed, session = step.local.get("input_feed") or {}, step.local.get("self")
    taken = {each.name: each.shape for each in session.get_inputs()} if session else {}
    pairs = [(name, getattr(feed[name], "shape", ())) for name in taken if name in feed]
    told = [
        say("traced.arrived", name=name, given=_sizes(shape), taken=_sizes(taken[name]))
        for name, shape in pairs
    ]
    return " ".join(told)


def _sizes(shape: Iterable[Any]) -> str:
    return f"({', '.join('?' if size is None else str(size) for size in shape)})"


FRAMES = Frames(("onnxruntime",), arrived=_arrived)
