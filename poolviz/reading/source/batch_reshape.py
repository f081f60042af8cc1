"""Shapes that the text gives together with the batch: `view`, `reshape`, a map without a batch."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from poolviz.arithmetic.layers.network_layers import Flatten, Reshape
from poolviz.diagnosis.network.source import words_of
from poolviz.dialects.common.vocabulary import reshaped
from poolviz.i18n.phrase import phrase
from poolviz.reading.source.recorder import Recorder
from poolviz.reading.source.values import BATCH, Tensor, Unknown

if TYPE_CHECKING:
    from poolviz.reading.source.interpreter import Interpreter


def batched(recorder: Recorder, tensor: Tensor, name: str) -> Tensor:
    """PyTorch's layers take a map without a batch too, as the very first thing."""
    counts = {"1d": 1, "2d": 2, "3d": 3}
    axes, batch = counts.get(name[-2:]), recorder.batches.get(tensor.key)
    is_bare = tensor.shape is not None and len(tensor.shape) == axes
    if not is_bare or batch is None or tensor.framework != "pytorch" or "Norm" in name:
        return tensor
    assert tensor.shape is not None
    return recorder.source(tensor.framework, (batch, *tensor.shape))


def viewed(reader: Interpreter, tensor: Tensor, sizes: Any, line: int) -> Tensor:
    """`x.view(batch, …)`. The first entry is the batch; −1 in its place may mix the samples."""
    entries = list(sizes) if isinstance(sizes, list | tuple) else [sizes]
    first, rest = (entries[0], entries[1:]) if entries else (None, [])
    recorder = reader.recorder
    if not all(isinstance(entry, int) for entry in rest) or not rest:
        return recorder.lose([tensor], line, phrase("reading.unread.new_shape"))
    if isinstance(first, Unknown):
        return recorder.lose([tensor], line, first.why)
    batch = recorder.batches.get(tensor.root)
    if first is not BATCH and first not in (-1, batch):
        return recorder.lose([tensor], line, phrase("reading.unread.no_batch", first=str(first)))
    if first != -1 or tensor.shape is None or prod(rest) == prod(tensor.shape):
        try:
            return recorder.apply(tensor, reshaped(rest, tensor.shape), line)
        except ValueError as wrong:
            return recorder.lose([tensor], line, words_of(wrong))
    return _mixed(recorder, tensor, rest, batch or 1, line)


def _mixed(recorder: Recorder, tensor: Tensor, rest: list[int], batch: int, line: int) -> Tensor:
    """The batch takes what is over: PyTorch raises only where nothing whole comes out."""
    wanted, there = prod(rest), prod(tensor.shape or ())
    if wanted < 1 or (batch * there) % wanted:
        return recorder.apply(tensor, (Reshape(tuple(rest)),), line)
    if len(rest) > 1:
        return recorder.lose([tensor], line, phrase("reading.unread.other_samples"))
    output = recorder.apply(tensor, (Flatten(),), line)
    recorder.note(output, line, phrase("reading.unread.rows", there=there, wanted=wanted))
    return output
