"""The lines of code of the layers that a fix changes."""

from __future__ import annotations

from collections.abc import Iterator

from poolviz.arithmetic.layers.network_layers import Add, Concatenate, Layer
from poolviz.arithmetic.network.forward import Network, Row
from poolviz.diagnosis.network.candidate_fixes import bare
from poolviz.dialects.common.dialect import DIALECTS


def changed_code(before: Network, after: Network) -> str:
    """The lines of the layers that are other ones now; "" where layers came or went."""
    lines = dict.fromkeys(layer_code(row.layer, after, row) for row in _changed_rows(before, after))
    return "; ".join(lines) if all(lines) else ""


def _changed_rows(before: Network, after: Network) -> Iterator[Row]:
    if len(before.layers) != len(after.layers):
        return
    for row in after.done.rows:
        if isinstance(row.layer, Concatenate | Add):
            continue
        try:
            old = before.entry(row.path)
        except (IndexError, AssertionError):  # the branches are other ones
            continue
        if bare(old) != row.layer:
            yield row


def layer_code(layer: Layer, network: Network, row: Row) -> str:
    """One layer of a network in the words of its framework; "" where there is no such line.

    >>> from poolviz import Conv, Stack
    >>> network = Stack([Conv(8, 3, padding=1)], (3, 9, 9)).network
    >>> layer_code(network.layers[0], network, network.done.rows[0])
    'nn.Conv2d(3, 8, 3, padding=1)'
    """
    setting = network.setting
    channels = setting.flow(row.input_shape).channels
    return DIALECTS[setting.framework].write.layer(layer, len(row.input_size), channels)
