"""Notes on an input shape with the batch in it or without the channels, and on small batches."""

from __future__ import annotations

from collections.abc import Iterator

from poolviz.arithmetic.layers.conv import Conv, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.network_layers import bare
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.network.forward import Network
from poolviz.diagnosis.layer.findings import Cause, Severity
from poolviz.diagnosis.network.phrases import StackFinding, layer_label
from poolviz.diagnosis.shape_notes import image_in, is_image
from poolviz.i18n.phrase import Phrase, Words, phrase


def input_notes(network: Network) -> Iterator[StackFinding]:
    """Yield a note where the input has one axis too many or too few for an image.

    Only where the layers fit any number of axes, or fit that of an image.
    """
    shape, is_last = network.input_shape, network.config.channels_last
    axes = set(_axes_of(network))
    if axes - {None, 2} or not axes or _has_steps(network):
        return
    if is_image(shape):
        image = (*shape, 1) if is_last else (1, *shape)
        channels, length = (shape[1], shape[0]) if is_last else shape
        what = phrase("input_axes.no_channels", shape=shape, channels=channels, length=length)
        yield _note(what, phrase("input_axes.with_channels", image=image))
    elif len(shape) == 4 and image_in(shape[1:], is_last) is not None:
        what = phrase("input_axes.batch", shape=shape)
        yield _note(what, phrase("input_axes.without_batch", image=shape[1:]))


def _has_steps(network: Network) -> bool:
    """Return whether layers before the first window take an axis of the input as time steps."""
    rows = network.done.rows
    first = next((row for row in rows if row.window is not None), None)
    failure = network.done.failure
    shape = first.input_shape if first else failure.input_shape if failure else None
    return shape is not None and len(shape) != len(network.input_shape)


def batch_notes(network: Network) -> Iterator[StackFinding]:
    """Yield a note on the first layer that a batch of one stops in training, on a 1 × 1 map."""
    rules = network.config.rules
    for row in network.done.rows if rules.needs_two_values else ():
        if set(row.input_size) == {1} and getattr(bare(row.layer), "name", "") in (
            rules.needs_two_values
        ):
            label = Phrase(layer_label, (row.index, row.layer, row.name, len(row.input_size)))
            what = phrase("input_axes.one_value", layer=label, size=row.input_size)
            why = phrase("input_axes.larger_batch", framework=rules.title)
            yield StackFinding(Cause.SMALL_BATCH, Severity.NOTE, (), what, why, layer=row.index)
            return


def _note(what: Words, why: Words) -> StackFinding:
    return StackFinding(Cause.INPUT_AXES, Severity.NOTE, (), what, why)


def _axes_of(network: Network) -> Iterator[int | None]:
    """Yield the number of axes that each window has; None where it fits any."""
    for layer in map(bare, network.layers):
        if isinstance(layer, Pool):
            yield layer.ndim
        elif isinstance(layer, Conv | ConvTranspose | DepthwiseConv):
            yield layer.window.ndim
