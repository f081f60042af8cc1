"""Embeddings: whole numbers become vectors. A stack begins after them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from poolviz.i18n.phrase import phrase
from poolviz.reading.source.values import LayerObject, Library, Tensor, framework_of

if TYPE_CHECKING:
    from poolviz.reading.source.interpreter import Interpreter

NAMES = ("Embedding", "Embed")
_SIZES = {
    "torch": ("num_embeddings", "embedding_dim"),
    "keras": ("input_dim", "output_dim"),
    "flax": ("num_embeddings", "features"),
}


def settings(library: Library, args: list[Any], named: dict[str, Any]) -> dict[str, Any]:
    """The two sizes of an embedding by their names."""
    words = _SIZES[library.path.partition(".")[0]]
    return dict(zip(words, args, strict=False)) | named


def embedded(reader: Interpreter, layer: LayerObject, tensor: Tensor, line: int) -> Tensor:
    """What comes out of the embedding, as the input of the stack."""
    recorder, name = reader.recorder, layer.library.last
    many, size = (layer.settings.get(w) for w in _SIZES[layer.library.path.partition(".")[0]])
    if tensor.key != tensor.root or not isinstance(size, int) or size < 1:
        return recorder.lose([tensor], line, phrase("reading.unread.only_at_beginning", name=name))
    if tensor.shape is not None and len(tensor.shape) != 1:
        why = phrase("reading.unread.no_sequence", name=name, shape=str(tensor.shape))
        return recorder.lose([tensor], line, why)
    shape = None if tensor.shape is None else (*tensor.shape, size)
    framework = tensor.framework or framework_of(layer.library)
    vectors = recorder.source(framework, shape, recorder.batches.get(tensor.root))
    why = phrase("reading.unread.begins_after", size=size)
    if isinstance(many, int):
        weights = many * size
        why = phrase("reading.unread.begins_after_weights", size=size, weights=weights)
    recorder.note(vectors, layer.line, why)
    return vectors
