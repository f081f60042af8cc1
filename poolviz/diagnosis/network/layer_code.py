"""Code of the layers that a fix changes."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from poolviz.arithmetic.layers.network_layers import Layer, Linear, bare, branches_of, layer_count
from poolviz.arithmetic.network.forward import Network, Row
from poolviz.dialects.common.dialect import DIALECTS


def changed_code(
    before: Network, after: Network, known: str = "", variables: Collection[str] = ()
) -> str:
    """Code of the layers that changed; "" where layers were added or removed.

    `known` is the code where a fix has some. A layer whose name is one of the `variables` is
    assigned: `model.pool = nn.MaxPool2d(2)`.
    """
    rows = list(_changed_rows(before, after))
    codes = [layer_code(row.layer, after, row) for row in rows]
    if known:
        if known not in codes:  # the code of something else, or of several layers
            return known
        codes = [known if code == known else "" for code in codes]
    lines = dict.fromkeys(
        f"{row.name} = {code}" if code and row.name in variables else code
        for row, code in zip(rows, codes, strict=True)
    )
    return "; ".join(lines) if all(lines) else known


def _changed_rows(before: Network, after: Network) -> Iterator[Row]:
    # Paths mean other layers then, so nothing can be compared.
    if layer_count(before.layers) != layer_count(after.layers):
        return
    for row in after.done.rows:
        if branches_of(row.layer):
            continue
        try:
            old = before.layer_at(row.path)
        except IndexError:  # the branches are different ones
            continue
        if old != row.layer:
            yield row


def layer_code(layer: Layer, network: Network, row: Row) -> str:
    """Write one layer of a network as code; "" where there is no such line.

    >>> from poolviz import Conv, Stack
    >>> network = Stack([Conv(8, 3, padding=1)], (3, 9, 9)).network
    >>> layer_code(network.layers[0], network, network.done.rows[0])
    'nn.Conv2d(3, 8, 3, padding=1)'
    """
    config = network.config
    is_dense = isinstance(bare(layer), Linear)  # over the last axis, whatever it holds
    channels = row.input_shape[-1] if is_dense else config.flow(row.input_shape).channels
    code = DIALECTS[config.framework].write.layer(layer, len(row.input_size), channels)
    return "" if "?" in code else code  # a size that nobody states
