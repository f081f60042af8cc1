"""Frames of onnxruntime: a session knows the names and shapes of its inputs, not its layers.

`InferenceSession.run(self, output_names, input_feed)`, the same for a model read from a file and
from bytes. Read off onnxruntime 1.32.0. The layers are in C++, out of reach of Python.
"""

from __future__ import annotations

from collections.abc import Iterable

from poolviz.dialects.common.frames import Frames, Step
from poolviz.i18n.catalogue import say


def _arrived(step: Step) -> str:
    """Say what each input of a session got and takes; its layers cannot be read."""
    if step.function != "run" or not step.module.endswith("onnxruntime_inference_collection"):
        return ""
    feed, session = step.local.get("input_feed") or {}, step.local.get("self")
    inputs = [] if session is None else session.get_inputs()
    told = [
        say(
            "traced.arrived",
            name=each.name,
            given=_sizes(getattr(feed[each.name], "shape", ())),
            taken=_sizes(each.shape),
        )
        for each in inputs
        if each.name in feed
    ]
    return " ".join(told)


def _sizes(shape: Iterable[object]) -> str:
    return f"({', '.join('?' if size is None else str(size) for size in shape)})"


FRAMES = Frames(("onnxruntime",), arrived=_arrived)
