"""What the backends of Keras do where Keras itself would raise an error."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from poolviz.arithmetic.layers.network_layers import Layer
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.network.broadcasting import Shape
from poolviz.arithmetic.trace import trace
from poolviz.diagnosis.layer.variants import VariantOutcome, variants, variants_lines
from poolviz.i18n.phrase import Phrase, Words, phrase


def backend_notes(
    layers: Sequence[Layer], shape: Shape | None, channels_last: bool
) -> Iterator[Words]:
    """Yield what is recorded of the backends for pooling layers that do not fit.

    Keras computes the shapes of a Sequential or functional model itself, and raises. Inside the
    `call` of a subclass it runs the operations of its backend instead (3.15.1, also on
    `keras.Input`): PyTorch has another error, and JAX returns an empty map. Convolutions are the
    same on every backend, because Keras computes their shape when it builds them.
    """
    if shape is None:
        return
    sizes = shape[:-1] if channels_last else shape[1:]
    for layer in layers:
        if not isinstance(layer, Pool) or layer.ndim not in (None, 1, len(sizes)):
            return
        traced = trace(layer, sizes)
        found = variants(traced)
        if traced.failing_axes and found:
            yield phrase("reading.unread.backend_decides", recorded=Phrase(_recorded, (found,)))


def _recorded(found: tuple[VariantOutcome, ...]) -> str:
    return " ".join(variants_lines(found)[1:]).removesuffix(".")
