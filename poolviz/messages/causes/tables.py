"""A table of layers that was pasted beside a message: which of them gives the numbers in it.

Keras' `summary()`, torchinfo and torchsummary write one layer a line, with the shape of its output.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod

from poolviz.i18n.phrase import phrase
from poolviz.messages.message import MessageKind, Reading, Reason, Sizes, apart
from poolviz.messages.pattern import sizes_in

_AROUND = 20_000  # characters of a text that are searched
_SHAPE = r"[\[(]{1,2}(?:-1|None|[0-9]{1,6})(?:, ?(?:-1|None|[0-9]{1,6})){1,5},?[\])]{1,2}"
# conv2d_1 (Conv2D)  (None, 26, 26, 32); ├─Conv2d: 2-1  [-1, 8, 5, 5]; Conv2d-1  [-1, 8, 5, 5]
_ROW = re.compile(
    r"(?m)^[^\w\n]{0,40}(?P<name>[A-Za-z]\w{0,60}(?: \(\w{1,60}\))?(?:: [0-9]{1,2}-[0-9]{1,3}"
    rf"|-[0-9]{{1,4}})?)[ \t|]{{2,80}}(?P<shapes>{_SHAPE}(?:[ \t|]{{1,40}}{_SHAPE}){{0,2}})"
)
_MARKS = re.compile(r"[-:(]")  # the type or the number of a layer; a line alone may be a print
_LIST = re.compile(_SHAPE)
_SMALLER = re.compile(r"pool|conv", re.I)
_MAP_KINDS = (
    MessageKind.NO_FIT,
    MessageKind.EMPTY_INPUT,
    MessageKind.REFLECTION,
    MessageKind.ONE_VALUE,
    MessageKind.DIVISIBLE,
)


@dataclass(frozen=True, slots=True)
class Layer:
    """A line of the table: a layer and the shape of its output, with the batch axis."""

    name: str
    shape: Sizes

    @property
    def sizes(self) -> Sizes:
        """The shape without the batch axis."""
        return self.shape[1:]


def layers_in(text: str) -> tuple[Layer, ...]:
    """Return the layers of the tables in a text.

    >>> layers_in("conv2d (Conv2D)   (None, 26, 26, 32)   320\\n  Conv2d-3   [-1, 8, 5, 5]  40")[1]
    Layer(name='Conv2d-3', shape=(None, 8, 5, 5))
    """
    return tuple(Layer(row["name"], _output(row["shapes"])) for row in _ROW.finditer(text))


def _output(listed: str) -> Sizes:
    """Choose the output where the input and the kernel are listed as well."""
    shapes = [sizes_in(shape) for shape in _LIST.findall(listed)]
    longest = [shape for shape in shapes if len(shape) == max(map(len, shapes))]
    shape = longest[min(1, len(longest) - 1)]
    return (None if shape[0] == -1 else shape[0], *shape[1:])


def beside(reading: Reading, text: str, start: int) -> tuple[Reason, ...]:
    """Return what a table in the text says about the message at `start`; at the end if negative."""
    middle = start if start >= 0 else len(text)
    near = text[max(0, middle - _AROUND) : middle + _AROUND]
    if "(None" not in near and "[" not in near:
        return ()
    layers = layers_in(near)
    is_table = len(layers) > 1 or any(_MARKS.search(layer.name) for layer in layers)
    return tuple(_told(reading, layers)) if is_table else ()


def _told(reading: Reading, layers: Sequence[Layer]) -> Iterator[Reason]:
    kind = reading.kind
    if kind in (MessageKind.LINEAR, MessageKind.RESHAPE):
        yield from _features(reading, layers)
    elif kind is MessageKind.CHANNELS:
        yield from _channels(reading, layers)
    elif kind in _MAP_KINDS:
        yield from _map(reading, layers)
    elif kind in (MessageKind.SUM, MessageKind.CONCATENATE):
        yield from _two(reading, layers)
    elif kind in (MessageKind.TARGET, MessageKind.CLASSES):
        yield from _last(reading, layers[-1])
    elif kind is MessageKind.RANK and reading.shapes:
        shape = reading.shapes[0]
        yield from _listed([one for one in layers if one.sizes in (shape, shape[1:])])


def _listed(found: Sequence[Layer]) -> Iterator[Reason]:
    if found:
        yield _certain("listed", name=found[-1].name, sizes=found[-1].sizes)


def _certain(key: str, **fields: object) -> Reason:
    return Reason(phrase(f"reading.reason.{key}", **fields), "certain")


def _features(reading: Reading, layers: Sequence[Layer]) -> Iterator[Reason]:
    """Find the last feature map with so many features, or such a batch of them."""
    got = reading.got[0] if reading.got else None
    for layer in reversed(layers):
        features = prod(size or 0 for size in layer.sizes)
        total = got if layer.shape[0] is None else prod(size or 0 for size in layer.shape)
        is_it = features == got
        if reading.kind is MessageKind.RESHAPE:
            is_it = bool(got and features and got % features == 0 and total == got)
        if is_it and len(layer.shape) > 2:
            yield _certain("listed_map", name=layer.name, sizes=layer.sizes, features=features)
            return


def _channels(reading: Reading, layers: Sequence[Layer]) -> Iterator[Reason]:
    sizes = tuple(axis.input_size for axis in reading.axes)
    order = reading.data_format or "channels_last"
    maps = [layer for layer in layers if len(layer.shape) > 2]
    split = [(layer, *apart(layer.shape, order)) for layer in maps]
    yield from _listed(
        [one for one, space, count in split if count == reading.channels and sizes in ((), space)]
    )


def _map(reading: Reading, layers: Sequence[Layer]) -> Iterator[Reason]:
    """Find the map that arrives at the failing layer, and what made it small."""
    sizes = tuple(axis.room for axis in reading.axes)
    if not sizes or None in sizes:
        return
    for place in range(len(layers) - 1, -1, -1):
        layer = layers[place]
        is_it = len(layer.shape) == len(sizes) + 2 and sizes in (layer.shape[1:-1], layer.shape[2:])
        if not is_it:
            continue
        yield from _listed([layer])
        smaller = [one.name for one in layers[: place + 1] if _SMALLER.search(one.name)]
        if smaller and reading.kind is MessageKind.NO_FIT:
            yield _certain("listed_before", names=", ".join(smaller[-8:]))
        return


def _two(reading: Reading, layers: Sequence[Layer]) -> Iterator[Reason]:
    """Find a layer for each of the two sizes that differ."""
    for one, other in zip(reading.expected, reading.got, strict=False):
        first, second = (
            [layer for layer in layers if len(layer.shape) > 3 and size in layer.sizes]
            for size in (one, other)
        )
        if first and second and first[-1] != second[-1]:
            told = {"first": first[-1].sizes, "second": second[-1].sizes}
            names = {"one": first[-1].name, "other": second[-1].name}
            yield _certain("listed_two", **told, **names)
            return


def _last(reading: Reading, layer: Layer) -> Iterator[Reason]:
    """Name the last layer, where its output is the one in the message."""
    output = reading.expected
    is_it = output[1:] == layer.sizes if len(output) > 1 else layer.shape[-1] in output
    if is_it:
        yield _certain("listed_last", name=layer.name, sizes=layer.sizes)
