"""Frames of onnxruntime. A session holds no model that could be read; its message is."""

from __future__ import annotations

from poolviz.dialects.common.frames import Frames

FRAMES = Frames(("onnxruntime",))
