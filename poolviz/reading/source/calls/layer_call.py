"""One call of a layer of a library: the layer, its arguments and tensors, and where it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from poolviz.i18n.phrase import Words, phrase
from poolviz.reading.graph.symbolic_tensor import SymbolicTensor
from poolviz.reading.source.context import ReadingContext
from poolviz.reading.source.values import Args, LayerObject, Named, Value


class LayerCall(NamedTuple):
    """A layer that is called on tensors."""

    reader: ReadingContext
    layer: LayerObject
    args: Args
    named: Named
    tensors: list[SymbolicTensor]
    line: int

    @property
    def name(self) -> str:
        """The class of the layer."""
        return self.layer.library.last

    @property
    def path(self) -> str | None:
        """The name of the layer in its model."""
        return self.reader.path(self.layer.name)

    def given(self, *words: str) -> dict[str, Any]:
        """Return the settings of a layer whose arguments have these names, in order."""
        star: Any = self.layer.settings.get("*", ())
        return dict(zip(words, star, strict=False)) | self.layer.settings

    def lost(self, why: Words | None = None) -> SymbolicTensor:
        """Return the output of a call that is not understood."""
        unknown = phrase("reading.unread.unknown_here", name=self.name)
        if any(tensor.shape is None for tensor in self.tensors):
            unknown = phrase("reading.unread.unknown_shape")
        return self.reader.lost(self.tensors, self.line, unknown if why is None else why)

    def on_first(self, **settings: Any) -> Value:
        """Return the output for the first tensor alone, with other settings."""
        layer = self.layer
        if settings:
            layer = replace(layer, settings=layer.settings | settings)
        return self.reader.apply(layer, [self.tensors[0]], {}, self.line)
