"""The live view and, for viewers without a kernel, the picture with its words."""

from __future__ import annotations

from typing import Any

from poolviz.drawing.embed import mime_bundle
from poolviz.drawing.render import SpokenFigure


def live_and_still(live: Any, figure: SpokenFigure | None, text: str) -> Any:
    """What `ipywidgets` shows (None, a bundle, or one with metadata) with a picture beside it."""
    if live is None:
        return None
    data, metadata = live if isinstance(live, tuple) else (live, {})
    still = {"text/plain": text} if figure is None else mime_bundle(figure.png(), figure.alt, text)
    return {**data, **still}, metadata
